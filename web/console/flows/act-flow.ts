/** What somebody is about to do to a payment. */
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { amountIn } from '../../flows/amount-in.ts'
import type { ConsoleNotice } from './console-notice.ts'

export type Act = 'capture' | 'refund' | 'void' | 'cancel'
export type ActFlow = {
  readonly act: Act
  /** One for what is meant once: sent again after a lost answer, it does nothing twice. */
  readonly key: string
  readonly typed: string
  readonly reason: string
  readonly isBusy: boolean
  readonly isMalformed: boolean
  readonly notice: ConsoleNotice | null
}
export type ActEvent =
  | { type: 'chosen'; act: Act; key: string }
  | { type: 'typed'; typed: string }
  | { type: 'reasoned'; reason: string }
  | { type: 'malformed' }
  | { type: 'asking' }
  /** @param key of the next try: another one where this one was answered */
  | { type: 'failed'; notice: ConsoleNotice; key: string }
  | { type: 'closed' }

export function actFlow(state: ActFlow | null, event: ActEvent): ActFlow | null {
  if (event.type === 'chosen') {
    const { act, key } = event
    return { act, key, typed: '', reason: '', isBusy: false, isMalformed: false, notice: null }
  }
  if (state === null || event.type === 'closed') return null
  switch (event.type) {
    case 'typed':
      return { ...state, typed: event.typed, isMalformed: false }
    case 'reasoned':
      return { ...state, reason: event.reason }
    case 'malformed':
      return { ...state, isMalformed: true }
    case 'asking':
      return { ...state, isBusy: true, isMalformed: false, notice: null }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice, key: event.key }
  }
}

/** What can be done to it now, the likeliest first. */
export function actsOn({
  state,
  amount,
  capturedMinor,
  refundedMinor,
  pending,
  decline,
}: MerchantPayment): readonly Act[] {
  const isOpen = state === 'created' || (state === 'declined' && decline?.final === false)
  const isHeld =
    state === 'authorized' && pending?.void !== true && leftToCapture({ amount, capturedMinor, pending }) > 0
  const acts: Act[] = isOpen ? ['cancel'] : []
  if (isHeld) acts.push('capture', 'void')
  if (leftToRefund({ capturedMinor, refundedMinor, pending }) > 0) acts.push('refund')
  return acts
}

type Money = Pick<MerchantPayment, 'amount' | 'capturedMinor' | 'refundedMinor'> & {
  readonly pending: MerchantPayment['pending'] | undefined
}
const leftToCapture = ({ amount, capturedMinor, pending }: Pick<Money, 'amount' | 'capturedMinor' | 'pending'>) =>
  amount.minor - capturedMinor - (pending?.captureMinor ?? 0)
const leftToRefund = ({
  capturedMinor,
  refundedMinor,
  pending,
}: Pick<Money, 'capturedMinor' | 'refundedMinor' | 'pending'>) =>
  capturedMinor - refundedMinor - (pending?.refundMinor ?? 0)

/** Minor units that an act without an amount takes. */
export function leftFor(act: Act, { amount, capturedMinor, refundedMinor, pending }: MerchantPayment): number {
  const left = { amount, capturedMinor, refundedMinor, pending }
  if (act === 'refund') return leftToRefund(left)
  return act === 'cancel' ? amount.minor : leftToCapture(left)
}

/** @returns what to send; null where what was typed is no amount */
export function bodyOf(state: ActFlow, payment: MerchantPayment) {
  const { act, key, typed, reason } = state
  const once = { idempotencyKey: key }
  if (act === 'void' || act === 'cancel') return once
  const minor = amountIn(typed, payment.amount.currency)
  if (minor === 'malformed') return null
  const amount = minor === null ? {} : { amountMinor: minor }
  return act === 'refund' && reason.trim() !== ''
    ? { ...once, ...amount, reason: reason.trim() }
    : { ...once, ...amount }
}
