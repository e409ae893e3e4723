/** A browser that several people share gives up all that it has of one of them. */
import type { WhoIsHere } from '../../shared/wire/payment-api.ts'
import type { ForgottenNames } from '../doors/forgotten-names.ts'
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { Ask } from '../doors/payment-client.ts'
import type { PushDoor } from '../doors/push.ts'
import type { PushClient } from '../doors/push-client.ts'
import { inOneSpelling } from './pay-flow.ts'

type ForgetTools = {
  readonly ask: Ask
  readonly lastSeen: Pick<LastSeenDoor, 'forget'>
  readonly push: Pick<PushDoor, 'whose' | 'own' | 'seen' | 'unsubscribe'>
  readonly pushClient: Pick<PushClient, 'remove'>
  readonly forgotten: Pick<ForgottenNames, 'clear'>
}

/** Beside the name itself: what it showed; whoever is signed in by it; and what tells it of payments, or has told. Never rejects. */
export async function forgetName(tools: ForgetTools, username: string): Promise<void> {
  const { ask, lastSeen, push, pushClient, forgotten } = tools
  const isTold = push.whose() === username

  /** Where the server is out of reach, they are signed out as soon as it is there: `leavingForgotten`. */
  async function signOut(): Promise<void> {
    const { payer } = await ask<WhoIsHere>('GET', '/api/session/payer')
    if (payer !== null && inOneSpelling(payer.username) === username) {
      const own = isTold ? await push.own() : null
      if (own !== null) await pushClient.remove(own.id).catch(() => undefined)
      await ask('DELETE', '/api/session')
    }
    forgotten.clear()
  }
  await Promise.allSettled([
    lastSeen.forget(username),
    isTold ? push.seen() : null,
    // Its subscription is found by its address, which goes with it.
    signOut().finally(() => (isTold ? push.unsubscribe() : null)),
  ])
}
