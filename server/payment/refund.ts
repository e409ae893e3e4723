import { Problem } from '../../shared/problem.ts'
import { isAsking, isPaid, type Payment } from './payment-record.ts'

/**
 * How much is to be given back, where that much was captured. Decides nothing: somebody else may give it meanwhile.
 * @param askedMinor all that is left, where it is not said. Minor units.
 * @throws {Problem} `payment-unpaid`, `payment-in-progress`, `refund-exceeds`
 */
export function amountToRefund(payment: Payment, askedMinor: number | undefined): number {
  if (isAsking(payment)) throw new Problem('payment-in-progress')
  if (!isPaid(payment)) throw new Problem('payment-unpaid')
  const leftMinor = payment.capturedMinor - payment.refundedMinor - payment.refundingMinor
  const minor = askedMinor ?? leftMinor
  if (minor === 0 || minor > leftMinor) throw new Problem('refund-exceeds')
  return minor
}
