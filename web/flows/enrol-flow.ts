/** From nothing to a name that can pay: a name, a passkey, a card. Every step can be left and taken up again. */
import type { CardFace, SealedCard } from '../../shared/card.ts'
import type { Bill, Payer } from '../../shared/wire/payment-api.ts'
import type { NoticeCode } from './notice.ts'
import type { EnrolmentStart } from './pay-flow.ts'

/** Why a bank said no to a card, or to its first payment. */
export type Refusal = NonNullable<Bill['decline']>['reason']

/** What the server says of the name in the field, as it is typed. */
export type NameAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'free'; readonly username: string; readonly display: string }
  | { readonly kind: 'refused'; readonly notice: NoticeCode }

export type Sealed = { readonly sealed: SealedCard; readonly seal: string; readonly face: CardFace }

export type CardStep = {
  readonly step: 'card'
  readonly payer: Payer
  /** Present once the card is sealed: what is left is a touch. */
  readonly sealed: Sealed | null
  readonly doing: 'nothing' | 'sealing' | 'signing' | 'sending'
  readonly notice: NoticeCode | null
  readonly refused: Refusal | null
}

export type EnrolFlow =
  | {
      readonly step: 'name'
      readonly text: string
      readonly answer: NameAnswer
      readonly doing: 'nothing' | 'making'
      readonly notice: NoticeCode | null
    }
  | { readonly step: 'sign-in'; readonly doing: 'nothing' | 'signing'; readonly notice: NoticeCode | null }
  | CardStep
  | { readonly step: 'done'; readonly payer: Payer }

export type EnrolEvent =
  | { type: 'typed'; text: string }
  | { type: 'checking'; text: string }
  | { type: 'name-answered'; text: string; answer: NameAnswer }
  | { type: 'making' }
  | { type: 'signing-in' }
  | { type: 'known'; payer: Payer }
  | { type: 'doing'; doing: Exclude<CardStep['doing'], 'nothing'> }
  | { type: 'sealed'; sealed: Sealed }
  | { type: 'edit' }
  | { type: 'refused'; reason: Refusal }
  | { type: 'failed'; notice: NoticeCode }
  | { type: 'card-added'; payer: Payer }

export function firstEnrolFlow(from: EnrolmentStart): EnrolFlow {
  switch (from.at) {
    case 'name':
      return { step: 'name', text: '', answer: { kind: 'none' }, doing: 'nothing', notice: null }
    case 'sign-in':
      return { step: 'sign-in', doing: 'nothing', notice: null }
    case 'card':
      return cardStep(from.payer)
  }
}

const cardStep = (payer: Payer): CardStep => ({
  step: 'card',
  payer,
  sealed: null,
  doing: 'nothing',
  notice: null,
  refused: null,
})

export function enrolFlow(state: EnrolFlow, event: EnrolEvent): EnrolFlow {
  if (event.type === 'known') return state.step === 'done' ? state : cardStep(event.payer)
  switch (state.step) {
    case 'name':
      return nameStep(state, event)
    case 'sign-in':
      if (event.type === 'signing-in') return { step: 'sign-in', doing: 'signing', notice: null }
      return event.type === 'failed' ? { step: 'sign-in', doing: 'nothing', notice: event.notice } : state
    case 'card':
      return cardEvent(state, event)
    case 'done':
      return state
  }
}

function nameStep(state: Extract<EnrolFlow, { step: 'name' }>, event: EnrolEvent): EnrolFlow {
  switch (event.type) {
    case 'typed':
      return { ...state, text: event.text, answer: { kind: 'none' }, notice: null }
    case 'checking':
      return event.text === state.text ? { ...state, answer: { kind: 'checking' } } : state
    case 'name-answered':
      // An answer about a name that is no longer in the field is no answer.
      return event.text === state.text ? { ...state, answer: event.answer } : state
    case 'making':
      return { ...state, doing: 'making', notice: null }
    case 'failed':
      return event.notice.startsWith('username-')
        ? { ...state, doing: 'nothing', answer: { kind: 'refused', notice: event.notice } }
        : { ...state, doing: 'nothing', notice: event.notice }
    default:
      return state
  }
}

function cardEvent(state: CardStep, event: EnrolEvent): EnrolFlow {
  switch (event.type) {
    case 'doing':
      return { ...state, doing: event.doing, notice: null, refused: null }
    case 'sealed':
      return { ...state, sealed: event.sealed }
    case 'edit':
      return state.doing === 'nothing' ? { ...state, sealed: null, notice: null } : state
    case 'refused':
      return { ...state, doing: 'nothing', sealed: null, refused: event.reason }
    case 'failed':
      if (event.notice === 'session-missing') return { step: 'sign-in', doing: 'nothing', notice: event.notice }
      return { ...state, doing: 'nothing', notice: event.notice }
    case 'card-added':
      return { step: 'done', payer: event.payer }
    default:
      return state
  }
}
