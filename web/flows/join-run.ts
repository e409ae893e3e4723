/** What a device does that was invited to make a passkey for somebody who is signed in on another. */
import type { IntentFor } from '../../shared/intent.ts'
import type { Configuration, Joining } from '../../shared/wire/payment-api.ts'
import type { JoiningClient } from '../doors/joining-client.ts'
import type { PasskeyCreationDoor, Registration } from '../doors/passkey-creation.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import { firstJoinFlow, type JoinEvent, type JoinFlow, joinFlow } from './join-flow.ts'
import { isJoinKey, joinProof, matchingNumber } from './join-proof.ts'
import { isAnswerLost } from './notice.ts'
import { anyNoticeOf } from './passkey-notice.ts'
import { beforehand, thumbprintOf } from './passkey-run.ts'
import { prepareSignIn, rememberPayer, type Tools } from './pay-run.ts'
import { prepared } from './prepare.ts'

export type JoinRun = {
  readonly flow: Flow<JoinFlow, JoinEvent>
  look(): Promise<void>
  make(): Promise<void>
  signIn(): Promise<void>
  /** Nobody is looking any more. */
  stop(): void
}

export type JoinTools = Tools & {
  readonly joining: JoiningClient
  readonly creation: Pick<PasskeyCreationDoor, 'payments' | 'create' | 'forget'>
}
/** Both halves of the link: one for the server, one for the devices alone. */
export type JoinLink = { readonly secret: string; readonly key: string }

const pollEveryMs = 2_000

export function joinRun(tools: JoinTools, configuration: () => Promise<Configuration>, link: JoinLink): JoinRun {
  const { client, joining, passkey, creation, device, nowMs, pause } = tools
  const { secret, key } = link
  const run = flow(joinFlow, firstJoinFlow)
  const { now, send } = run
  const payments = creation.payments().catch(() => false)
  let theirs: readonly string[] = []
  const making = aheadOfTap(async () => {
    const [{ intent }, { relyingParty }] = await Promise.all([joining.makingIntent(secret), configuration()])
    return { ...(await prepared('make-passkey', intent, true)), relyingParty, payments: await payments }
  }, nowMs)
  const signing = aheadOfTap(async () => {
    const [ready, { relyingParty }] = await Promise.all([prepareSignIn(client), configuration()])
    return { ...ready, relyingPartyId: relyingParty.id }
  }, nowMs)
  let credentialId = ''
  let isStopped = false

  async function look(): Promise<void> {
    if (!isJoinKey(key)) return send({ type: 'over' })
    try {
      const invitation = await joining.look(secret)
      if (invitation.state !== 'open') return send({ type: 'over' })
      theirs = invitation.credentialIds
      beforehand(making.ask())
      const { username, display } = invitation
      send({ type: 'invited', owner: { username, display } })
    } catch (error) {
      const notice = anyNoticeOf(error)
      send(notice === 'invitation-over' ? { type: 'over' } : { type: 'unreadable', notice })
    }
  }

  async function make(): Promise<void> {
    const state = now()
    if (state.step !== 'invited' || state.doing !== 'nothing') return
    send({ type: 'making' })
    try {
      const { intent, challenge, relyingParty, payments: isForPayments } = making.here() ?? (await making.ask())
      const { username, display } = state
      const about = { challenge, relyingParty, userHandle: intent.userHandle, username, display }
      const response = await creation.create({ ...about, payments: isForPayments, exclude: theirs })
      making.drop()
      await join(intent, response, relyingParty.id)
    } catch (error) {
      const notice = anyNoticeOf(error)
      if (notice === 'invitation-over') return send({ type: 'over' })
      send({ type: 'failed', notice })
      beforehand(making.ask())
    }
  }

  async function join(
    intent: IntentFor<'make-passkey'>,
    response: Registration,
    relyingPartyId: string,
  ): Promise<void> {
    const thumbprint = await thumbprintOf(response)
    try {
      await joining.join(secret, { intent, response, proof: await joinProof(key, thumbprint) })
    } catch (error) {
      if (!isAnswerLost(error)) await creation.forget(relyingPartyId, response.id)
      // It may have arrived all the same: one passkey is taken, and this device has just made one.
      const invitation = isAnswerLost(error) ? await joining.look(secret).catch(() => null) : null
      if (invitation?.state !== 'made') throw error
    }
    credentialId = response.id
    send({ type: 'made', number: await matchingNumber(key, thumbprint) })
    void watch()
  }

  async function watch(): Promise<void> {
    while (!isStopped) {
      await pause(pollEveryMs)
      const invitation: Joining | null = await joining.look(secret).catch(() => null)
      if (invitation?.state === 'over') return send({ type: 'over' })
      if (invitation?.state === 'joined') return joined()
    }
  }

  async function joined(): Promise<void> {
    const state = now()
    if (state.step !== 'waiting') return
    const { username, display } = state
    // All there are were there before, or are this one: later ones are news.
    const knownPasskeys = [...theirs, credentialId]
    const about = { username, display, credentialIds: [credentialId], knownPasskeys }
    await device.remember({ ...about, cards: [], lastUsedMs: nowMs() })
    beforehand(signing.ask())
    send({ type: 'joined' })
  }

  async function signIn(): Promise<void> {
    const state = now()
    if (state.step !== 'joined' || state.doing !== 'nothing') return
    send({ type: 'signing' })
    try {
      const { intent, challenge, relyingPartyId } = signing.here() ?? (await signing.ask())
      const response = await passkey.confirm({ challenge, relyingPartyId, credentialIds: [credentialId] })
      signing.drop()
      await rememberPayer(device, await client.signIn({ intent, response }), nowMs())
      send({ type: 'home' })
    } catch (error) {
      send({ type: 'failed', notice: anyNoticeOf(error) })
      beforehand(signing.ask())
    }
  }

  return {
    flow: run,
    look,
    make,
    signIn,
    stop() {
      isStopped = true
    },
  }
}
