import type { PaymentId } from '../../shared/identifiers.ts'
import type { PaymentState } from '../../shared/payment.ts'
import type { Amount } from '../support/merchant.ts'

/** What somebody outside saw of a payment: all that the books must agree with. Amounts in minor units. */
export type Seen = {
  readonly amount: Amount
  /** Of every intent that a passkey signed for it. Noted before it was sent. */
  readonly nonces: Set<string>
  /** What the shop asked for, by its Idempotency-Keys. Noted before it was sent. */
  readonly asked: { readonly capture: Map<string, number>; readonly refund: Map<string, number> }
  /** Whether anybody was told that it is paid. */
  isToldPaid: boolean
  /** Whether anybody was told that it is not, and will not be by what the payer signed. */
  isToldUnpaid: boolean
  /** The most that the shop was told of. */
  toldCapturedMinor: number
  toldRefundedMinor: number
}

const paidStates: readonly PaymentState[] = ['authorized', 'captured', 'refunded']
const unpaidStates: readonly PaymentState[] = ['declined', 'expired', 'canceled']

/** Notes what payers and shop did and were told, outside of every process that is killed. */
export function witness() {
  const seen = new Map<PaymentId, Seen>()
  const of = (payment: PaymentId): Seen => {
    const found = seen.get(payment)
    if (found === undefined) throw new Error(`nobody has heard of ${payment}`)
    return found
  }
  return {
    seen: seen as ReadonlyMap<PaymentId, Seen>,
    of,
    asks(payment: PaymentId, amount: Amount): void {
      const asked = { capture: new Map<string, number>(), refund: new Map<string, number>() }
      const told = { isToldPaid: false, isToldUnpaid: false, toldCapturedMinor: 0, toldRefundedMinor: 0 }
      seen.set(payment, { amount, nonces: new Set(), asked, ...told })
    },
    isTold(payment: PaymentId, told: { state: PaymentState; capturedMinor?: number; refundedMinor?: number }): void {
      const about = of(payment)
      about.isToldPaid ||= paidStates.includes(told.state)
      about.isToldUnpaid ||= unpaidStates.includes(told.state)
      about.toldCapturedMinor = Math.max(about.toldCapturedMinor, told.capturedMinor ?? 0)
      about.toldRefundedMinor = Math.max(about.toldRefundedMinor, told.refundedMinor ?? 0)
    },
  }
}
export type Witness = ReturnType<typeof witness>
