/** A browser that several people share gives up all that it has of one of them. */
import type { DeviceMemory } from '../doors/device.ts'
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { PaymentClient } from '../doors/payment-client.ts'
import type { PushDoor } from '../doors/push.ts'
import { inOneSpelling } from './pay-flow.ts'

type ForgetTools = {
  readonly client: Pick<PaymentClient, 'ask' | 'whoIsHere'>
  readonly device: Pick<DeviceMemory, 'forget'>
  readonly lastSeen: Pick<LastSeenDoor, 'forget'>
  readonly push: Pick<PushDoor, 'whose' | 'unsubscribe'>
}

/** What it remembers and what it showed; whoever is signed in by it; and what tells it of payments. Never rejects. */
export async function forgetName({ client, device, lastSeen, push }: ForgetTools, username: string): Promise<void> {
  async function signOut(): Promise<void> {
    const here = await client.whoIsHere()
    if (here !== null && inOneSpelling(here.username) === username) await client.ask('DELETE', '/api/session')
  }
  await Promise.allSettled([
    device.forget(username),
    lastSeen.forget(username),
    push.whose() === username ? push.unsubscribe() : null,
    // Where the server is out of reach: a session that nobody uses ends by itself.
    signOut(),
  ])
}
