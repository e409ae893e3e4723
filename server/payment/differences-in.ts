import type { z } from 'zod'
import { type Currency, decimalText } from '../../shared/money.ts'
import type { PaymentState } from '../../shared/payment.ts'
import type { statementAnswer } from '../../shared/wire/bank-api.ts'
import type { PaymentTables } from './schema.ts'

/** One thing about one authorization on which the bank's books and ours do not agree. In words for people. */
export type Difference = {
  /** Of the authorization; of the payment, where there is none. */
  readonly reference: string
  readonly about: 'state' | 'amount' | 'captured' | 'refunded' | 'set aside'
  readonly ours: string
  readonly banks: string
}

export type BankEntry = z.output<typeof statementAnswer>['entries'][number]
/** One try as it was written down, and the payment that it is a try of. */
export type OurEntry = Pick<PaymentTables['authorization'], 'reference' | 'approval_code' | 'next_inquiry_at_ms'> &
  Pick<
    PaymentTables['payment'],
    | 'authorization_reference'
    | 'state'
    | 'amount_minor'
    | 'currency'
    | 'captured_minor'
    | 'capturing_minor'
    | 'refunded_minor'
    | 'refunding_minor'
    | 'is_releasing'
    | 'held_until_ms'
  >

const nothing = 'nothing'
const stateDiffers = (reference: string, ours: string, banks: string): Difference => ({
  reference,
  about: 'state',
  ours,
  banks,
})

/** What we count on, and the bank has never heard of. */
export const missingAtBank = (reference: string, ours: string): Difference => stateDiffers(reference, ours, nothing)

/** @param ours undefined where we have never heard of it */
export function differencesIn(ours: OurEntry | undefined, banks: BankEntry, nowMs: number): Difference[] {
  const { reference } = banks
  if (ours === undefined) return [stateDiffers(reference, nothing, banks.state)]
  if (isAwaited(ours)) return []
  // What we count as declined the bank may have declined, reversed or never seen.
  const isApproved = ours.approval_code !== null
  if (isApproved !== (banks.state === 'approved')) {
    return [stateDiffers(reference, isApproved ? 'approved' : 'declined', banks.state)]
  }
  if (!isLast(ours)) return isApproved ? [stateDiffers(reference, 'followed by another try', banks.state)] : []
  const amounts = amountDifferences(ours, banks, nowMs)
  // Where the sums differ, so does the state, and that says nothing more.
  return isApproved && amounts.length > 0 ? amounts : [...stateDifferences(ours, banks, nowMs), ...amounts]
}

/** A payment's state and sums are those of its last try: the ones before it were declined. */
const isLast = ({ reference, authorization_reference }: OurEntry): boolean => reference === authorization_reference

/** Nobody has told us yet what the bank decided: that is unknown, and not a difference, unless we count on one thing or the other. */
const isAwaited = (ours: OurEntry): boolean =>
  ours.next_inquiry_at_ms !== null && (!isLast(ours) || ours.state === 'approving' || ours.state === 'unknown')

function stateDifferences(ours: OurEntry, banks: BankEntry, nowMs: number): Difference[] {
  const states = banks.state === 'approved' ? statesAfterApproval(ours, banks, nowMs) : unpaidStates
  if (states.includes(ours.state)) return []
  const word = banks.state === 'approved' ? (states[0] ?? banks.state) : banks.state
  return [stateDiffers(banks.reference, ours.state, word)]
}

const unpaidStates: readonly PaymentState[] = ['declined', 'expired', 'canceled']

/** Where a payment is of which the bank has taken, given back and set aside just so much; first what the bank would call it. */
function statesAfterApproval(ours: OurEntry, banks: BankEntry, nowMs: number): readonly PaymentState[] {
  const { heldMinor, capturedMinor, refundedMinor } = banks
  const states: PaymentState[] =
    heldMinor > 0
      ? ['authorized']
      : capturedMinor === 0
        ? ['voided', 'expired']
        : [refundedMinor > 0 ? 'refunded' : 'captured']
  return isUnderway(ours, nowMs) ? [...states, 'authorized', 'captured', 'refunded'] : states
}

/** What was asked of the bank and not answered may be in its books already. */
const isUnderway = (ours: OurEntry, nowMs: number): boolean =>
  ours.capturing_minor > 0 || ours.refunding_minor > 0 || mayBeReleased(ours, nowMs)

const mayBeReleased = ({ is_releasing, held_until_ms }: OurEntry, nowMs: number): boolean =>
  is_releasing === 1 || (held_until_ms !== null && held_until_ms <= nowMs)

function amountDifferences(ours: OurEntry, banks: BankEntry, nowMs: number): Difference[] {
  const { amount_minor, captured_minor, capturing_minor, refunded_minor, refunding_minor } = ours
  const heldMinor = ours.state === 'authorized' ? amount_minor - captured_minor : 0
  const leastHeldMinor = mayBeReleased(ours, nowMs) ? 0 : heldMinor - capturing_minor
  const { currency } = banks.amount
  const compared = [
    ['amount', amount_minor, amount_minor, banks.amount.minor],
    ['captured', captured_minor, captured_minor + capturing_minor, banks.capturedMinor],
    ['refunded', refunded_minor, refunded_minor + refunding_minor, banks.refundedMinor],
    ['set aside', leastHeldMinor, heldMinor, banks.heldMinor],
  ] as const
  if (ours.currency !== currency) {
    return [{ reference: banks.reference, about: 'amount', ours: ours.currency, banks: currency }]
  }
  return compared
    .filter(([, leastMinor, mostMinor, minor]) => minor < leastMinor || minor > mostMinor)
    .map(([about, leastMinor, mostMinor, minor]) => ({
      reference: banks.reference,
      about,
      ours: rangeText(leastMinor, mostMinor, currency),
      banks: rangeText(minor, minor, currency),
    }))
}

function rangeText(leastMinor: number, mostMinor: number, currency: Currency): string {
  const least = decimalText({ minor: leastMinor, currency })
  const most = decimalText({ minor: mostMinor, currency })
  return `${least === most ? least : `${least} to ${most}`} ${currency}`
}
