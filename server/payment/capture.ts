import type { PaymentState } from '../../shared/payment.ts'
import { Problem, type ProblemCode } from '../../shared/problem.ts'
import type { Payment } from './payment-record.ts'

/** Why nothing is captured of a payment in this state. */
const refusals = {
  created: 'payment-unpaid',
  declined: 'payment-unpaid',
  approving: 'payment-in-progress',
  unknown: 'payment-in-progress',
  captured: 'capture-exceeds',
  refunded: 'capture-exceeds',
  canceled: 'payment-settled',
  voided: 'payment-settled',
  expired: 'payment-expired',
} as const satisfies Record<Exclude<PaymentState, 'authorized'>, ProblemCode>

/**
 * How much is to be captured, where that much is left. Decides nothing: somebody else may take it meanwhile.
 * @param askedMinor all that is left, where it is not said. Minor units.
 * @throws {Problem} `payment-unpaid`, `payment-in-progress`, `payment-settled`, `payment-expired`, `capture-exceeds`
 */
export function amountToCapture(payment: Payment, askedMinor: number | undefined, nowMs: number): number {
  const { state, amount, capturedMinor, capturingMinor, isReleasing, heldUntilMs } = payment
  if (state !== 'authorized') throw new Problem(refusals[state])
  if (heldUntilMs !== null && heldUntilMs <= nowMs) throw new Problem('payment-expired')
  if (isReleasing) throw new Problem('payment-in-progress')
  const leftMinor = amount.minor - capturedMinor - capturingMinor
  const minor = askedMinor ?? leftMinor
  if (minor === 0 || minor > leftMinor) throw new Problem('capture-exceeds')
  return minor
}
