/** What happens next on the pay page. Pure: the acts that feed it are in `pay-run.ts`, what people see is in `screens/`. */
import type { CardId } from '../../shared/identifiers.ts'
import { legalMoves } from '../../shared/payment.ts'
import type { Bill, Card, Payer } from '../../shared/wire/payment-api.ts'
import type { RememberedName } from '../doors/device.ts'
import type { NoticeCode } from './notice.ts'

/** Who the page believes is paying. Only the passkey decides whether it is true. */
export type Who =
  | { readonly kind: 'typing'; readonly text: string }
  | { readonly kind: 'remembered'; readonly name: RememberedName }
  | { readonly kind: 'signed-in'; readonly payer: Payer }

/** What the one button waits for; while it waits, it cannot be pressed. */
export type Doing = 'nothing' | 'preparing' | 'signing' | 'sending' | 'canceling'

export type OpenBill = {
  readonly step: 'open'
  readonly bill: Bill
  readonly who: Who
  /** `null`: the card the payment server finds for the name. */
  readonly card: CardId | null
  readonly names: readonly RememberedName[]
  readonly doing: Doing
  readonly notice: NoticeCode | null
  /** The list of names is open, because somebody said "not me". */
  readonly choosing: boolean
}

/** Somebody whose passkey is asked for. */
export type Named = Pick<RememberedName, 'username' | 'display' | 'credentialIds'>

/** Where an enrolment begins, or goes on: nothing there yet, a name with a passkey but no session, or all but the card. */
export type EnrolmentStart =
  | { readonly at: 'name' }
  | { readonly at: 'sign-in'; readonly name: Named; readonly notice: NoticeCode | null }
  | { readonly at: 'card'; readonly payer: Payer }

export type PayFlow =
  | { readonly step: 'reading' }
  | { readonly step: 'unreadable'; readonly notice: NoticeCode }
  | OpenBill
  /** A name, a passkey or a card is being made, and the bill stays on screen. */
  | { readonly step: 'enrolling'; readonly open: OpenBill; readonly from: EnrolmentStart }
  /** The bank was asked; its answer is on the way. */
  | { readonly step: 'waiting'; readonly open: OpenBill }
  /** `here`: this page paid it or called it off, so it leads back to the shop by itself. `isNew`: by somebody who has taken their name for it. */
  | { readonly step: 'settled'; readonly bill: Bill; readonly here: boolean; readonly isNew: boolean }

export type PayEvent =
  /** `typed`: the name that was typed at the shop already; empty where none was. */
  | { type: 'read'; bill: Bill; names: readonly RememberedName[]; payer: Payer | null; typed: string }
  | { type: 'unreadable'; notice: NoticeCode }
  | { type: 'typed'; text: string }
  | { type: 'who'; who: Who }
  | { type: 'choose-name' }
  | { type: 'card-chosen'; card: CardId }
  | { type: 'doing'; doing: Exclude<Doing, 'nothing'> }
  | { type: 'failed'; notice: NoticeCode }
  /** `payer`: who has just become one, or is known by now. */
  | { type: 'answer-lost'; payer?: Payer }
  /** What came of something that was done here. */
  | { type: 'answered'; bill: Bill }
  /** The bill was read again, and nothing was done to it here. */
  | { type: 'refreshed'; bill: Bill }
  | { type: 'forgotten'; username: string; names: readonly RememberedName[] }
  | { type: 'enrol'; from: EnrolmentStart }
  | { type: 'enrol-left'; payer?: Payer }

export const firstPayFlow: PayFlow = { step: 'reading' }

export function payFlow(state: PayFlow, event: PayEvent): PayFlow {
  switch (event.type) {
    case 'read':
      return state.step === 'reading' || state.step === 'unreadable' ? opened(event) : state
    case 'unreadable':
      return state.step === 'reading' ? { step: 'unreadable', notice: event.notice } : state
    case 'answered':
      return answered(state, event.bill)
    case 'refreshed':
      return refreshed(state, event.bill)
    case 'answer-lost':
      if (state.step === 'enrolling') return { step: 'waiting', open: as(state.open, event.payer) }
      return state.step === 'open' ? { step: 'waiting', open: idle(state) } : state
    case 'enrol':
      return state.step === 'open' ? { step: 'enrolling', open: idle(state), from: event.from } : state
    case 'enrol-left':
      return state.step === 'enrolling' ? as(state.open, event.payer) : state
    default:
      return state.step === 'open' ? open(state, event) : state
  }
}

type OpenEvent = Extract<
  PayEvent,
  { type: 'typed' | 'who' | 'choose-name' | 'card-chosen' | 'doing' | 'failed' | 'forgotten' }
>

function open(state: OpenBill, event: OpenEvent): OpenBill {
  switch (event.type) {
    case 'typed':
      return state.who.kind === 'typing' ? { ...state, who: { kind: 'typing', text: event.text }, notice: null } : state
    case 'who':
      return { ...state, who: event.who, card: cardOf(event.who), notice: null, choosing: false }
    case 'choose-name':
      return state.doing === 'nothing' ? { ...state, choosing: !state.choosing, notice: null } : state
    case 'card-chosen':
      return state.doing === 'nothing' ? { ...state, card: event.card, notice: null } : state
    case 'doing':
      return { ...state, doing: event.doing, notice: null }
    case 'failed':
      return { ...idle(state), notice: event.notice, ...(event.notice === 'card-unknown' ? { card: null } : {}) }
    case 'forgotten':
      return { ...state, names: event.names, ...(isHere(state, event.username) ? nobody : {}) }
  }
}

const nobody = { who: { kind: 'typing', text: '' }, card: null, choosing: false, notice: null } as const

/** Also where they are signed in: whoever is forgotten has to say again who they are. */
const isHere = ({ who }: OpenBill, username: string): boolean =>
  who.kind !== 'typing' && inOneSpelling(usernameOf(who)) === username

/** An enrolment that is left has said who is here. */
function as(open: OpenBill, payer: Payer | undefined): OpenBill {
  if (payer === undefined || usernameOf(open.who) === payer.username) return open
  const who: Who = { kind: 'signed-in', payer }
  return { ...open, who, card: cardOf(who), choosing: false }
}

const idle = (state: OpenBill): OpenBill => ({ ...state, doing: 'nothing', notice: null })

function opened({ bill, names, payer, typed }: Extract<PayEvent, { type: 'read' }>): PayFlow {
  const who = firstWho(names, payer, typed.trim())
  const open: OpenBill = {
    step: 'open',
    bill,
    who,
    card: cardOf(who),
    names,
    doing: 'nothing',
    notice: null,
    choosing: false,
  }
  return placed(open, bill, false)
}

/** Whoever has said who they are is taken at their word, also where somebody else was here before. */
function firstWho(names: readonly RememberedName[], payer: Payer | null, typed: string): Who {
  const isMeant = ({ username }: { readonly username: string }) =>
    typed === '' || inOneSpelling(username) === inOneSpelling(typed)
  if (payer && isMeant(payer)) return { kind: 'signed-in', payer }
  const name = names.find(isMeant)
  return name ? { kind: 'remembered', name } : { kind: 'typing', text: typed }
}

/** The card that is shown is the card that is signed, so it is always named where it is known. */
function cardOf(who: Who): CardId | null {
  if (who.kind === 'typing') return null
  if (who.kind === 'remembered') return who.name.cards[0]?.id ?? null
  return (who.payer.cards.find(({ isDefault }) => isDefault) ?? who.payer.cards[0])?.id ?? null
}

function answered(state: PayFlow, bill: Bill): PayFlow {
  switch (state.step) {
    case 'open':
      return placed(idle({ ...state, bill }), bill, state.doing === 'sending' || state.doing === 'canceling')
    case 'waiting':
      return placed(idle({ ...state.open, bill }), bill, true)
    case 'enrolling':
      return enrolmentGoesOn(state, bill, true)
    default:
      return state
  }
}

/** What was read while a tap is on its way is older than what comes of the tap. */
function refreshed(state: PayFlow, bill: Bill): PayFlow {
  if (state.step === 'enrolling') return enrolmentGoesOn(state, bill, false)
  return state.step === 'open' && state.doing === 'nothing' ? placed({ ...state, bill }, bill, false) : state
}

/** As long as the bill can be paid the enrolment stays open, so that what was typed of the card is still there. */
function enrolmentGoesOn(state: Extract<PayFlow, { step: 'enrolling' }>, bill: Bill, here: boolean): PayFlow {
  const next = placed({ ...state.open, bill }, bill, here)
  if (next.step === 'settled') return { ...next, isNew: next.here && state.from.at === 'name' }
  return next.step === 'open' ? { ...state, open: next } : next
}

function placed(open: OpenBill, bill: Bill, here: boolean): PayFlow {
  switch (bill.state) {
    case 'created':
      return open
    case 'declined':
      return bill.triesLeft > 0 ? open : { step: 'settled', bill, here: false, isNew: false }
    case 'approving':
    case 'unknown':
      return { step: 'waiting', open }
    default:
      return { step: 'settled', bill, here: here && (isPaid(bill) || bill.state === 'canceled'), isNew: false }
  }
}

/** Money is held or booked: a success for the payer. */
export const isPaid = (bill: Bill): boolean => bill.state === 'authorized' || bill.state === 'captured'

/** Whether a clock still runs: a state from which a bill may expire before anything is held. */
export const mayExpire = (bill: Bill): boolean =>
  !isPaid(bill) && (legalMoves[bill.state] as readonly string[]).includes('expired')

const noticesAboutCards: ReadonlySet<NoticeCode | null> = new Set(['card-unknown', 'card-frozen', 'limit-exceeded'])

/** Whether who pays may add another card. Of a name that was typed nobody can say, until its passkey has answered for it. */
export function mayAddCard({ who, bill, notice }: OpenBill): boolean {
  if (who.kind !== 'typing') return true
  return usernameOf(who) !== '' && (bill.state === 'declined' || noticesAboutCards.has(notice))
}

/** The name to ask an intent for; empty while nobody has said one. */
export function usernameOf(who: Who): string {
  if (who.kind === 'typing') return who.text.trim()
  return who.kind === 'remembered' ? who.name.username : who.payer.username
}

export function displayOf(who: Who): string {
  if (who.kind === 'typing') return who.text.trim()
  return who.kind === 'remembered' ? who.name.display : who.payer.display
}

/** One person's name, whichever spelling of it was typed (RFC 8265 §3.3.2). The server alone decides; this is for what is shown here. */
export const inOneSpelling = (username: string): string => username.trim().normalize('NFKC').toLowerCase()

export const namedOf = (who: Who): Named => ({
  username: usernameOf(who),
  display: displayOf(who),
  credentialIds: credentialIdsOf(who),
})

/** What its owner calls it, and whether it pays, only who is signed in hears. */
type CardChoice = Pick<Card, 'id' | 'face'> & Partial<Pick<Card, 'nickname' | 'isFrozen'>>

/** The cards a person may choose from, as far as this page knows them; the one used first comes first. */
export function cardsOf(who: Who): readonly CardChoice[] {
  if (who.kind === 'typing') return []
  return who.kind === 'remembered' ? who.name.cards : who.payer.cards
}

export const credentialIdsOf = (who: Who): readonly string[] => {
  if (who.kind === 'typing') return []
  return who.kind === 'remembered' ? who.name.credentialIds : credentialIdsOfPayer(who.payer)
}

export const credentialIdsOfPayer = ({ passkeys }: Payer): readonly string[] =>
  passkeys.map(({ credentialId }) => credentialId)
