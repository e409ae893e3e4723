import type { PaymentState } from '../../shared/payment.ts'
import { Problem, type ProblemCode } from '../../shared/problem.ts'
import type { Payment } from './payment-record.ts'

/** Why there is nothing to let go of a payment in this state. */
const refusals = {
  created: 'payment-unpaid',
  declined: 'payment-unpaid',
  approving: 'payment-in-progress',
  unknown: 'payment-in-progress',
  captured: 'payment-settled',
  refunded: 'payment-settled',
  canceled: 'payment-settled',
  voided: 'payment-settled',
  expired: 'payment-expired',
} as const satisfies Record<Exclude<PaymentState, 'authorized'>, ProblemCode>

/**
 * How much is to be let go of: all that was not captured. Decides nothing: somebody else may capture it meanwhile.
 * @throws {Problem} `payment-unpaid`, `payment-in-progress`, `payment-settled`, `payment-expired`
 */
export function amountToVoid({ state, amount, capturedMinor, capturingMinor, isReleasing }: Payment): number {
  if (state !== 'authorized') throw new Problem(refusals[state])
  if (isReleasing || capturingMinor > 0) throw new Problem('payment-in-progress')
  return amount.minor - capturedMinor
}
