import type { AnyNotice } from './passkey-notice.ts'

/** Whose passkey it becomes. */
type Owner = { readonly username: string; readonly display: string }

/** A device that was invited: it makes a passkey, and waits until the other device has said yes. */
export type JoinFlow =
  | { readonly step: 'looking' }
  | { readonly step: 'unreadable'; readonly notice: AnyNotice }
  | (Owner & { readonly step: 'invited'; readonly doing: 'nothing' | 'making'; readonly notice: AnyNotice | null })
  | (Owner & { readonly step: 'waiting'; readonly number: number })
  | (Owner & { readonly step: 'joined'; readonly doing: 'nothing' | 'signing'; readonly notice: AnyNotice | null })
  | { readonly step: 'over' }
  | { readonly step: 'home' }

export type JoinEvent =
  | { type: 'invited'; owner: Owner }
  | { type: 'unreadable'; notice: AnyNotice }
  | { type: 'making' }
  | { type: 'made'; number: number }
  | { type: 'joined' }
  | { type: 'signing' }
  | { type: 'failed'; notice: AnyNotice }
  | { type: 'over' }
  | { type: 'home' }

export const firstJoinFlow: JoinFlow = { step: 'looking' }

export function joinFlow(state: JoinFlow, event: JoinEvent): JoinFlow {
  switch (event.type) {
    case 'invited':
      return { step: 'invited', ...event.owner, doing: 'nothing', notice: null }
    case 'unreadable':
      return { step: 'unreadable', notice: event.notice }
    case 'over':
      return { step: 'over' }
    case 'home':
      return { step: 'home' }
    default:
      return going(state, event)
  }
}

type LaterEvent = Exclude<JoinEvent, { type: 'invited' | 'unreadable' | 'over' | 'home' }>

function going(state: JoinFlow, event: LaterEvent): JoinFlow {
  if (state.step !== 'invited' && state.step !== 'waiting' && state.step !== 'joined') return state
  const { username, display } = state
  switch (event.type) {
    case 'made':
      return { step: 'waiting', username, display, number: event.number }
    case 'joined':
      return { step: 'joined', username, display, doing: 'nothing', notice: null }
    case 'making':
      return state.step === 'invited' ? { ...state, doing: 'making', notice: null } : state
    case 'signing':
      return state.step === 'joined' ? { ...state, doing: 'signing', notice: null } : state
    case 'failed':
      return state.step === 'waiting' ? state : { ...state, doing: 'nothing', notice: event.notice }
  }
}
