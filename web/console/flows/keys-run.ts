/** A merchant's API keys, as its owners make and revoke them. */
import type { ConsoleKey, ConsoleKeys } from '../../../shared/wire/console-api.ts'
import type { KeyMode, KeyScope } from '../../../shared/wire/merchant-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import type { ConsoleNotice } from './console-notice.ts'
import { oneAtATime } from './one-at-a-time.ts'

export type NewKey = { readonly mode: KeyMode; readonly scope: KeyScope; readonly name: string }
export type KeysFlow = {
  readonly keys: readonly ConsoleKey[] | null
  /** Of the key that was made just now: seen this once. */
  readonly secret: string | null
  /** The key that somebody is about to revoke. */
  readonly revoking: string | null
  readonly isBusy: boolean
  readonly notice: ConsoleNotice | null
}
export type KeysEvent =
  | ({ type: 'read' } & ConsoleKeys)
  | { type: 'asking' }
  | { type: 'made'; secret: string }
  | { type: 'revoking'; key: string | null }
  | { type: 'failed'; notice: ConsoleNotice }

const first: KeysFlow = { keys: null, secret: null, revoking: null, isBusy: false, notice: null }

export function keysFlow(state: KeysFlow, event: KeysEvent): KeysFlow {
  switch (event.type) {
    case 'read':
      return { ...state, keys: event.keys, isBusy: false }
    case 'asking':
      return { ...state, isBusy: true, secret: null, notice: null }
    case 'made':
      return { ...state, secret: event.secret }
    case 'revoking':
      return { ...state, revoking: event.key, notice: null }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice }
  }
}

export type KeysRun = {
  readonly flow: Flow<KeysFlow, KeysEvent>
  read(): Promise<void>
  make(key: NewKey): Promise<void>
  /** The key that was chosen, for good. */
  revoke(): Promise<void>
}

export function keysRun(client: Pick<ConsoleClient, 'keys' | 'makeKey' | 'revokeKey'>, signedOut: () => void): KeysRun {
  const run = flow(keysFlow, first)
  const { now, send } = run

  const once = oneAtATime(run, signedOut)
  const asked = (work: () => Promise<void>) =>
    once(async () => {
      await work()
      send({ type: 'read', ...(await client.keys()) })
    })

  return {
    flow: run,
    read: () => asked(async () => {}),
    make: (key) =>
      asked(async () => {
        const { secret } = await client.makeKey(key)
        send({ type: 'made', secret })
      }),
    revoke: () =>
      asked(async () => {
        const { revoking } = now()
        if (revoking !== null) await client.revokeKey(revoking)
        send({ type: 'revoking', key: null })
      }),
  }
}
