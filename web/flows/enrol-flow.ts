/** From nothing to a name that can pay: a name, a passkey, a card. Every step can be left and taken up again. */
import type { CardFace, SealedCard } from '../../shared/card.ts'
import type { Bill, Payer } from '../../shared/wire/payment-api.ts'
import { isPasskeyOfNobody, type NoticeCode } from './notice.ts'
import { type EnrolmentStart, inOneSpelling, type Named, namedOf } from './pay-flow.ts'

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
  readonly doing: 'nothing' | 'sealing' | 'preparing' | 'signing' | 'sending'
  readonly notice: NoticeCode | null
  readonly refused: Refusal | null
  /** The name that was asked for, where the passkey turned out to be somebody else's. */
  readonly insteadOf: string | null
}

export type NameStep = {
  readonly step: 'name'
  readonly text: string
  readonly answer: NameAnswer
  readonly doing: 'nothing' | 'asking' | 'making'
  readonly notice: NoticeCode | null
}

export type SignInStep = {
  readonly step: 'sign-in'
  readonly name: Named
  /** Nobody knows whether the name was taken with this passkey: the answer got lost. */
  readonly isNew: boolean
  readonly doing: 'nothing' | 'signing'
  readonly notice: NoticeCode | null
}

export type EnrolFlow = NameStep | SignInStep | CardStep | { readonly step: 'done'; readonly payer: Payer }

export type EnrolEvent =
  | { type: 'typed'; text: string }
  | { type: 'checking'; text: string }
  | { type: 'name-answered'; text: string; answer: NameAnswer }
  | { type: 'asking' }
  | { type: 'making' }
  | { type: 'unanswered'; name: Named }
  | { type: 'signing-in' }
  | { type: 'known'; payer: Payer }
  | { type: 'doing'; doing: Exclude<CardStep['doing'], 'nothing'> }
  | { type: 'sealed'; sealed: Sealed }
  | { type: 'edit' }
  | { type: 'refused'; reason: Refusal }
  | { type: 'failed'; notice: NoticeCode }
  | { type: 'card-added'; payer: Payer }

/** Who it is by now. */
export const payerOf = (state: EnrolFlow): Payer | undefined => ('payer' in state ? state.payer : undefined)

export function firstEnrolFlow(from: EnrolmentStart): EnrolFlow {
  switch (from.at) {
    case 'name':
      return naming('', null)
    case 'sign-in':
      return signingIn(from.name, from.notice)
    case 'card':
      return cardStep(from.payer)
  }
}

const naming = (text: string, notice: NoticeCode | null): NameStep => ({
  step: 'name',
  text,
  answer: { kind: 'none' },
  doing: 'nothing',
  notice,
})

const signingIn = (name: Named, notice: NoticeCode | null, isNew = false): SignInStep => ({
  step: 'sign-in',
  name,
  isNew,
  doing: 'nothing',
  notice,
})

const cardStep = (payer: Payer, insteadOf: string | null = null): CardStep => ({
  step: 'card',
  payer,
  sealed: null,
  doing: 'nothing',
  notice: null,
  refused: null,
  insteadOf,
})

export function enrolFlow(state: EnrolFlow, event: EnrolEvent): EnrolFlow {
  if (event.type === 'known') return known(state, event.payer)
  switch (state.step) {
    case 'name':
      return nameStep(state, event)
    case 'sign-in':
      return signInStep(state, event)
    case 'card':
      return cardEvent(state, event)
    case 'done':
      return state
  }
}

/** Whoever's passkey it was goes on; where that is not who was asked for, they are told. */
function known(state: EnrolFlow, payer: Payer): EnrolFlow {
  if (state.step === 'done') return state
  const isSomebodyElse =
    state.step === 'sign-in' && inOneSpelling(state.name.username) !== inOneSpelling(payer.username)
  return cardStep(payer, isSomebodyElse ? state.name.display : null)
}

function nameStep(state: NameStep, event: EnrolEvent): EnrolFlow {
  switch (event.type) {
    case 'typed':
      // A passkey is being made for the name that is there.
      if (state.doing !== 'nothing') return state
      return { ...state, text: event.text, answer: { kind: 'none' }, notice: null }
    case 'checking':
      return event.text === state.text ? { ...state, answer: { kind: 'checking' } } : state
    case 'name-answered':
      // An answer about a name that is no longer in the field is no answer.
      if (event.text !== state.text) return state
      return { ...state, answer: event.answer, doing: state.doing === 'asking' ? 'nothing' : state.doing }
    case 'asking':
      return { ...state, doing: 'asking', answer: { kind: 'checking' }, notice: null }
    case 'making':
      return { ...state, doing: 'making', notice: null }
    case 'unanswered':
      return signingIn(event.name, 'enrolment-unanswered', true)
    case 'failed':
      return event.notice.startsWith('username-')
        ? { ...state, doing: 'nothing', answer: { kind: 'refused', notice: event.notice } }
        : { ...state, doing: 'nothing', notice: event.notice }
    default:
      return state
  }
}

function signInStep(state: SignInStep, event: EnrolEvent): EnrolFlow {
  switch (event.type) {
    case 'signing-in':
      return { ...state, doing: 'signing', notice: null }
    case 'failed':
      // Nobody is known by the passkey that was made for the name, so the name was never taken.
      if (state.isNew && isPasskeyOfNobody(event.notice)) return naming(state.name.display, 'enrolment-unheard')
      return { ...state, doing: 'nothing', notice: event.notice }
    default:
      return state
  }
}

function cardEvent(state: CardStep, event: EnrolEvent): EnrolFlow {
  switch (event.type) {
    case 'doing':
      return { ...state, doing: event.doing, notice: null, refused: null, insteadOf: null }
    case 'sealed':
      return { ...state, sealed: event.sealed }
    case 'edit':
      return state.doing === 'nothing' ? { ...state, sealed: null, notice: null } : state
    case 'refused':
      return { ...state, doing: 'nothing', sealed: null, refused: event.reason }
    case 'failed':
      if (event.notice === 'session-missing')
        return signingIn(namedOf({ kind: 'signed-in', payer: state.payer }), event.notice)
      return { ...state, doing: 'nothing', notice: event.notice }
    case 'card-added':
      return { step: 'done', payer: event.payer }
    default:
      return state
  }
}
