/** How somebody comes in, by their invitation or by the passkey they made of it, and goes again. */
import type { ConsoleInvitation, ConsolePerson } from '../../../shared/wire/console-api.ts'
import type { Configuration } from '../../../shared/wire/payment-api.ts'
import type { PasskeyDoor } from '../../doors/passkey.ts'
import type { PasskeyCreationDoor } from '../../doors/passkey-creation.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import { prepared } from '../../flows/prepare.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

type Invited = Pick<ConsoleInvitation, 'merchant' | 'role'>
export type EntryFlow =
  | { readonly step: 'looking' }
  | { readonly step: 'out'; readonly isTouching: boolean; readonly notice: ConsoleNotice | null }
  | {
      readonly step: 'invited'
      readonly invited: Invited | null
      readonly isTouching: boolean
      readonly notice: ConsoleNotice | null
    }
  | { readonly step: 'in'; readonly person: ConsolePerson }

export type EntryEvent =
  | { type: 'out'; notice: ConsoleNotice | null }
  | { type: 'invited'; invited: Invited | null; notice: ConsoleNotice | null }
  | { type: 'touching' }
  | { type: 'failed'; notice: ConsoleNotice }
  | { type: 'in'; person: ConsolePerson }

export function entryFlow(state: EntryFlow, event: EntryEvent): EntryFlow {
  switch (event.type) {
    case 'out':
      return { step: 'out', isTouching: false, notice: event.notice }
    case 'invited':
      return { step: 'invited', invited: event.invited, isTouching: false, notice: event.notice }
    case 'touching':
      return 'isTouching' in state ? { ...state, isTouching: true, notice: null } : state
    case 'failed':
      return 'isTouching' in state ? { ...state, isTouching: false, notice: event.notice } : state
    case 'in':
      return { step: 'in', person: event.person }
  }
}

export type EntryTools = {
  readonly client: Pick<ConsoleClient, 'invitation' | 'join' | 'signInIntent' | 'signIn' | 'signOut' | 'session'>
  readonly passkey: Pick<PasskeyDoor, 'confirm'>
  readonly creation: () => Promise<Pick<PasskeyCreationDoor, 'create'>>
  readonly configuration: () => Promise<Configuration>
}

export type EntryRun = {
  readonly flow: Flow<EntryFlow, EntryEvent>
  /** @param secret of the invitation that was opened; null where it was none */
  begin(secret: string | null): Promise<void>
  /** @param display what the passkey is called in the list of whoever keeps it */
  join(secret: string, display: string): Promise<void>
  signIn(): Promise<void>
  signOut(): Promise<void>
  /** The server says so: the session is over, or the person was removed. */
  signedOut(): void
}

export function entryRun({ client, passkey, creation, configuration }: EntryTools): EntryRun {
  const run = flow<EntryFlow, EntryEvent>(entryFlow, { step: 'looking' })
  const { now, send } = run
  const isTouching = () => {
    const state = now()
    return 'isTouching' in state && state.isTouching
  }

  async function touched(work: () => Promise<ConsolePerson>): Promise<void> {
    if (isTouching()) return
    send({ type: 'touching' })
    try {
      send({ type: 'in', person: await work() })
    } catch (error) {
      send({ type: 'failed', notice: consoleNoticeOf(error) })
    }
  }

  return {
    flow: run,
    async begin(secret) {
      try {
        if (secret === null) return send({ type: 'in', person: await client.session() })
        const { merchant, role } = await client.invitation(secret)
        send({ type: 'invited', invited: { merchant, role }, notice: null })
      } catch (error) {
        const notice = consoleNoticeOf(error)
        if (secret !== null) send({ type: 'invited', invited: null, notice })
        // Who has just come has not been signed out.
        else send({ type: 'out', notice: notice === 'session-missing' ? null : notice })
      }
    },
    join: (secret, display) =>
      touched(async () => {
        const [{ intent }, { relyingParty }, door] = await Promise.all([
          client.invitation(secret),
          configuration(),
          creation(),
        ])
        const { challenge } = await prepared('console-enrol', intent, true)
        const { userHandle } = intent
        const response = await door.create({
          ...{ challenge, relyingParty, userHandle, display },
          username: display,
          payments: false,
        })
        return client.join({ secret, intent, response })
      }),
    signIn: () =>
      touched(async () => {
        const [{ intent }, { relyingParty }] = await Promise.all([client.signInIntent(), configuration()])
        const { challenge } = await prepared('console-sign-in', intent, true)
        const response = await passkey.confirm({ challenge, relyingPartyId: relyingParty.id, credentialIds: [] })
        return client.signIn({ intent, response })
      }),
    async signOut() {
      await client.signOut().catch(() => undefined)
      send({ type: 'out', notice: null })
    },
    signedOut: () => send({ type: 'out', notice: 'session-missing' }),
  }
}
