import type { Path, PaymentState } from '../../shared/payment.ts'
import type { OperationKind } from './operation-record.ts'
import type { In, Payment } from './payment-record.ts'

/** Where a payment gets to, and what is captured and refunded of it then. */
export type Next = {
  readonly steps: readonly PaymentState[]
  readonly capturedMinor: number
  readonly refundedMinor: number
}

/**
 * What becomes of a payment when the bank has done what it was asked for.
 * @returns null where the payment cannot have been asked about so: that is a bug, or a hand in the database
 */
export function whatFollows(payment: Payment, kind: OperationKind, minor: number): Next | null {
  if (kind === 'refund') return isRefundable(payment) ? whenRefunded(payment, minor) : null
  if (!isAuthorized(payment)) return null
  return kind === 'capture' ? whenCaptured(payment, minor) : whenReleased(payment, kind)
}

function whenCaptured(payment: In<'authorized'>, minor: number): Next {
  const { amount, refundedMinor } = payment
  const capturedMinor = payment.capturedMinor + minor
  const steps = capturedMinor === amount.minor ? settledPath(payment) : (['authorized'] as const)
  return { steps, capturedMinor, refundedMinor }
}

function whenReleased(payment: In<'authorized'>, kind: 'void' | 'expire'): Next {
  const { capturedMinor, refundedMinor } = payment
  const nothingTaken: Path<'authorized'> = kind === 'void' ? ['voided'] : ['expired']
  return { steps: capturedMinor === 0 ? nothingTaken : settledPath(payment), capturedMinor, refundedMinor }
}

function whenRefunded(payment: Refundable, minor: number): Next {
  const { capturedMinor } = payment
  const steps: Path<Refundable['state']> = isAuthorized(payment) ? ['authorized'] : ['refunded']
  return { steps, capturedMinor, refundedMinor: payment.refundedMinor + minor }
}

/** Nothing is set aside any more. What was given back while something still was, shows now. */
const settledPath = ({ refundedMinor }: In<'authorized'>): Path<'authorized'> =>
  refundedMinor > 0 ? ['captured', 'refunded'] : ['captured']

type Refundable = In<'authorized' | 'captured' | 'refunded'>
const isAuthorized = (payment: Payment): payment is In<'authorized'> => payment.state === 'authorized'
const isRefundable = (payment: Payment): payment is Refundable =>
  ['authorized', 'captured', 'refunded'].includes(payment.state)
