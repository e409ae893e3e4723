import type { HandedOff } from '../../shared/wire/handoff-api.ts'
import type { NoticeCode } from './notice.ts'

/** A phone that has followed the link on another screen: it says the number there, and has the bill. */
export type PhoneFlow =
  | { readonly step: 'looking' }
  | { readonly step: 'unreadable'; readonly notice: NoticeCode }
  | {
      readonly step: 'asked'
      readonly what: HandedOff
      readonly text: string
      readonly doing: 'nothing' | 'matching'
      readonly isMissing: boolean
      readonly notice: NoticeCode | null
    }
  | { readonly step: 'over' }
  | { readonly step: 'refused' }
  | { readonly step: 'matched'; readonly payment: string }

export type PhoneEvent =
  | { type: 'looked'; what: HandedOff }
  | { type: 'unreadable'; notice: NoticeCode }
  | { type: 'typed'; text: string }
  | { type: 'missing' }
  | { type: 'matching' }
  | { type: 'failed'; notice: NoticeCode }
  | { type: 'over' }
  | { type: 'refused' }
  | { type: 'matched'; payment: string }

export function phoneFlow(state: PhoneFlow, event: PhoneEvent): PhoneFlow {
  switch (event.type) {
    case 'looked':
      return { step: 'asked', what: event.what, text: '', doing: 'nothing', isMissing: false, notice: null }
    case 'unreadable':
      return { step: 'unreadable', notice: event.notice }
    case 'over':
      return { step: 'over' }
    case 'refused':
      return { step: 'refused' }
    case 'matched':
      return { step: 'matched', payment: event.payment }
    default:
      return state.step === 'asked' ? asked(state, event) : state
  }
}

type Asked = Extract<PhoneFlow, { step: 'asked' }>
type AskedEvent = Extract<PhoneEvent, { type: 'typed' | 'missing' | 'matching' | 'failed' }>

function asked(state: Asked, event: AskedEvent): Asked {
  switch (event.type) {
    case 'typed':
      return { ...state, text: event.text, isMissing: false, notice: null }
    case 'missing':
      return { ...state, isMissing: true }
    case 'matching':
      return { ...state, doing: 'matching', notice: null }
    case 'failed':
      return { ...state, doing: 'nothing', notice: event.notice }
  }
}
