import type { ListedPasskey } from '../../shared/wire/payment-api.ts'
import type { AnyNotice } from './passkey-notice.ts'

/** What lies over the wallet. */
export type PasskeySheet =
  | { readonly at: 'passkey'; readonly thumbprint: string; readonly isRemoving: boolean }
  | { readonly at: 'adding' }
  /** One was made on this device; another has to vouch for it. */
  | { readonly at: 'made' }
  | { readonly at: 'invited'; readonly link: string }
  /** The other device has made one, and shows one of these numbers. */
  | { readonly at: 'matching'; readonly numbers: readonly number[]; readonly keeper: string | null }

export type PasskeyAct = 'naming' | 'making' | 'vouching' | 'removing' | 'inviting'

export type PasskeyFlow = {
  /** Null while they were never read. */
  readonly passkeys: readonly ListedPasskey[] | null
  /** Thumbprints of those that came from elsewhere since somebody looked here last. */
  readonly unfamiliar: readonly string[]
  readonly sheet: PasskeySheet | null
  readonly doing: PasskeyAct | null
  readonly notice: AnyNotice | null
  /** What was done last. */
  readonly done: { readonly what: 'added' } | { readonly what: 'removed'; readonly passkey: ListedPasskey } | null
}

export type PasskeyEvent =
  | { type: 'read'; passkeys: readonly ListedPasskey[]; unfamiliar: readonly string[] }
  | { type: 'opened'; sheet: PasskeySheet }
  | { type: 'closed' }
  | { type: 'doing'; act: PasskeyAct }
  | { type: 'made' }
  | { type: 'named'; passkeys: readonly ListedPasskey[] }
  /** `isOpen`: the sheet that it was asked for in; else what is open by now has nothing to do with it. */
  | { type: 'added'; passkeys: readonly ListedPasskey[]; isOpen: boolean }
  | { type: 'removed'; passkeys: readonly ListedPasskey[]; passkey: ListedPasskey; isOpen: boolean }
  | { type: 'recognised' }
  | { type: 'failed'; notice: AnyNotice }
  /** Back to where an addition begins. */
  | { type: 'over'; notice: AnyNotice }

export const firstPasskeyFlow: PasskeyFlow = {
  passkeys: null,
  unfamiliar: [],
  sheet: null,
  doing: null,
  notice: null,
  done: null,
}

export function passkeyFlow(state: PasskeyFlow, event: PasskeyEvent): PasskeyFlow {
  switch (event.type) {
    case 'read':
      return { ...state, passkeys: event.passkeys, unfamiliar: event.unfamiliar }
    case 'opened':
      return { ...state, sheet: event.sheet, doing: null, notice: null, done: null }
    case 'closed':
      return { ...state, sheet: null, doing: null, notice: null }
    case 'doing':
      return { ...state, doing: event.act, notice: null }
    case 'made':
      return { ...state, sheet: { at: 'made' }, doing: null }
    case 'named':
      return { ...state, passkeys: event.passkeys, doing: state.doing === 'naming' ? null : state.doing }
    case 'added':
      return { ...ended(state, event.isOpen), passkeys: event.passkeys, done: { what: 'added' } }
    case 'removed':
      return {
        ...ended(state, event.isOpen),
        passkeys: event.passkeys,
        unfamiliar: state.unfamiliar.filter((thumbprint) => thumbprint !== event.passkey.thumbprint),
        done: { what: 'removed', passkey: event.passkey },
      }
    case 'recognised':
      return { ...state, unfamiliar: [] }
    case 'failed':
      return { ...state, doing: null, notice: event.notice }
    case 'over':
      // Whoever closed it meanwhile wants to hear no more of it.
      return state.sheet === null ? state : { ...state, sheet: { at: 'adding' }, doing: null, notice: event.notice }
  }
}

const ended = (state: PasskeyFlow, isOpen: boolean): PasskeyFlow =>
  isOpen ? { ...state, sheet: null, doing: null } : state
