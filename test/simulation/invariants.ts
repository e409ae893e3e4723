import { legalMoves, type PaymentState } from '../../shared/payment.ts'
import { type Approval, type Books, isOver, type PaymentRow, type Spent } from './books.ts'
import type { Person } from './prepared.ts'
import type { Notes, Told } from './stage.ts'

type Complain = (what: string) => void

/** Holds at every moment: asked after each commit of the bank. */
export function checkBank(books: Books, people: readonly Person[], complain: Complain): void {
  for (const { booking } of books.uneven()) complain(`${booking} does not sum to zero`)
  for (const { label, available_minor } of books.overdrawn()) complain(`${label} is overdrawn: ${available_minor}`)
  const spent = books.spent()
  for (const person of people) checkLimits(person, spent, complain)
}

/** Of each day and each month, UTC by the bank's own clock, no more was approved than the payer allows. */
function checkLimits({ username, card, limits }: Person, spent: readonly Spent[], complain: Complain): void {
  const periods = [
    [limits.perDayMinor, '2026-11-23'.length],
    [limits.perMonthMinor, '2026-11'.length],
  ] as const
  for (const [limitMinor, length] of periods) {
    if (limitMinor === null) continue
    const own = spent.filter((row) => row.card === card)
    for (const [period, rows] of Map.groupBy(own, ({ day }) => day.slice(0, length))) {
      const minor = sum(rows.map(({ spoken_for_minor }) => spoken_for_minor))
      if (minor > limitMinor) complain(`${username} may spend ${limitMinor} in ${period}, and spent ${minor}`)
    }
  }
}

/** Holds when faults have stopped and time has passed. */
export function checkEverything(books: Books, people: readonly Person[], notes: Notes): void {
  const complain = (what: string) => notes.complain(what)
  const payments = books.payments()
  const approvals = books.approvals()
  checkBank(books, people, complain)
  checkMoves(books, payments, complain)
  for (const approval of approvals) checkSignature(approval, payments, notes)
  for (const payment of payments) {
    if (!isOver(payment)) complain(`${payment.id} is still ${payment.state}, or asking the bank`)
    checkOrders(payment, notes)
    checkAgreement(payment, approvals, books, complain)
  }
  for (const { payment } of [...approvals, ...books.bookings()]) {
    if (!payments.some(({ id }) => id === payment)) complain(`the bank has ${payment}, and the payment server has not`)
  }
  for (const told of notes.told) checkWord(told, payments, complain)
}

/** Every payment was born `created`, and has moved along `legalMoves` ever since, one step at a time. */
function checkMoves(books: Books, payments: readonly PaymentRow[], complain: Complain): void {
  const transitions = Map.groupBy(books.transitions(), ({ payment_id }) => payment_id)
  for (const { id, state, moves } of payments) {
    const steps = transitions.get(id) ?? []
    if (steps[0]?.state !== 'created') complain(`${id} was not born created`)
    for (const [index, step] of steps.entries()) {
      const from = steps[index - 1]
      const isLegal = from === undefined || legalMovesOf(from.state).includes(step.state)
      if (!isLegal) complain(`${id} moved from ${from.state} to ${step.state} (${step.cause})`)
      if (step.number !== index) complain(`${id} has no move number ${index}`)
    }
    if (steps.at(-1)?.state !== state || steps.length !== moves + 1) complain(`${id} is ${state} without a move to it`)
  }
}

const legalMovesOf = (state: PaymentState): readonly PaymentState[] => legalMoves[state]

/** The passkey that is bound to the card has signed for this payment, payee and amount; this very intent, and no other twice. */
function checkSignature(approval: Approval, payments: readonly PaymentRow[], { signed, complain }: Notes): void {
  const { reference, nonce, card, amount_minor, currency } = approval
  const agreed = signed.find(
    ({ by, intent }) =>
      by.card === card &&
      intent.card === card &&
      intent.nonce === nonce &&
      intent.payment === approval.payment &&
      intent.payer === approval.payer &&
      intent.payee.id === approval.payee &&
      intent.amount.minor === amount_minor &&
      intent.amount.currency === currency,
  )
  if (agreed === undefined) {
    complain(`nobody signed for ${reference}`)
    return
  }
  const { perPaymentMinor } = agreed.by.limits
  if (perPaymentMinor !== null && amount_minor > perPaymentMinor) complain(`${reference} is above the card's limit`)
  if (approval.is_own_account === 0) complain(`${reference} is taken from somebody else's account`)
  const origin = payments.find(({ id }) => id === approval.payment)?.origin
  if (origin !== agreed.intent.payee.origin) complain(`${reference} went to another shop than was signed for`)
}

const paidStates: readonly PaymentState[] = ['authorized', 'captured', 'refunded']

/** What the payment server says of a payment is what the bank has in its books. */
function checkAgreement(payment: PaymentRow, approvals: readonly Approval[], books: Books, complain: Complain): void {
  const { id, state, amount_minor, currency, captured_minor, refunded_minor } = payment
  const standing = approvals.filter((approval) => approval.payment === id && approval.is_reversed === 0)
  const bookings = books.bookings().filter((booking) => booking.payment === id)
  const captured = sum(bookings.filter(({ kind }) => kind === 'capture').map(({ payee_minor }) => payee_minor))
  const net = sum(bookings.map(({ payee_minor }) => payee_minor))
  const held = sum(standing.map(({ held_minor }) => held_minor))
  if (standing.length > 1) complain(`${id} was approved ${standing.length} times`)
  if (net !== captured_minor - refunded_minor)
    complain(`${id} moved ${net}, and should have ${captured_minor - refunded_minor}`)
  if (state !== 'authorized' && held !== 0) complain(`${id} is ${state}, and the bank still holds ${held}`)
  if (!paidStates.includes(state)) return
  const [approval] = standing
  if (approval?.amount_minor !== amount_minor || approval.currency !== currency)
    complain(`${id} is ${state} without the bank`)
  if (captured !== captured_minor) complain(`${id} is captured ${captured_minor}, and at the bank ${captured}`)
  if (captured_minor > amount_minor) complain(`${id} took more than was agreed to`)
}

/** What a shop asked for under one key was done once, or not at all, and the shop was told which. */
function checkOrders(payment: PaymentRow, { ordered, complain }: Notes): void {
  const booked = { capture: payment.captured_minor, refund: payment.refunded_minor }
  for (const kind of ['capture', 'refund'] as const) {
    const orders = ordered.filter((order) => order.payment === payment.id && order.kind === kind)
    const least = sum(orders.map(({ outcome, minor }) => (outcome === 'done' ? (minor ?? 0) : 0)))
    const most = sum(orders.map(({ outcome, minor }) => (outcome === 'refused' ? 0 : (minor ?? payment.amount_minor))))
    const atOnce = kind === 'capture' && payment.capture === 'automatic' ? payment.captured_minor : 0
    const minor = booked[kind] - atOnce
    if (minor < least || minor > most) {
      complain(`${payment.id}: ${kind} of ${minor}, and the shop asked for ${least} to ${most}`)
    }
  }
}

/** Where a payment can have got to from where somebody was told that it is. */
const laterThan = {
  authorized: ['authorized', 'captured', 'refunded', 'voided', 'expired'],
  captured: ['captured', 'refunded'],
  refunded: ['refunded'],
  canceled: ['canceled'],
  expired: ['expired'],
  voided: ['voided'],
} as const satisfies Partial<Record<PaymentState, readonly PaymentState[]>>

/** What a payer or a shop was told stays true. */
function checkWord({ who, payment, state, minor }: Told, payments: readonly PaymentRow[], complain: Complain): void {
  const now = payments.find(({ id }) => id === payment)
  if (now === undefined) {
    complain(`${who} was told of ${payment}, which is gone`)
    return
  }
  if (now.amount_minor !== minor) complain(`${who} was told another amount of ${payment}`)
  const later: readonly PaymentState[] | null = isFirm(state) ? laterThan[state] : null
  if (later !== null && !later.includes(now.state))
    complain(`${who} was told that ${payment} is ${state}, and it is ${now.state}`)
}

const isFirm = (state: PaymentState): state is keyof typeof laterThan => state in laterThan

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
