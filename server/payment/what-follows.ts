import type { Path, PaymentState } from '../../shared/payment.ts'
import type { OperationKind } from './operation-record.ts'
import type { In, Payment } from './payment-record.ts'
import type { LegalMove } from './write-move.ts'

/** States of a payment about which the bank can be asked for more. */
export type ApprovedState = 'authorized' | 'captured' | 'refunded'

/** Where a payment gets to, and what is captured and refunded of it then. */
type Next<S extends PaymentState> = LegalMove<S> & { readonly capturedMinor: number; readonly refundedMinor: number }

/**
 * What becomes of a payment when the bank has done what it was asked for.
 * @returns null where the payment cannot have been asked about so: that is a bug, or a hand in the database
 */
export function whatFollows(payment: Payment, kind: OperationKind, minor: number): Next<ApprovedState> | null {
  if (kind === 'refund') return whenRefunded(payment, minor)
  if (!isIn(payment, 'authorized')) return null
  return kind === 'capture' ? whenCaptured(payment, minor) : whenReleased(payment, kind)
}

/**
 * What becomes of a payment when the bank would not do what it was asked for: it stays where it is.
 * @returns null where the payment cannot have been asked about so: that is a bug, or a hand in the database
 */
export function whatStays(payment: Payment): LegalMove<ApprovedState> | null {
  if (isIn(payment, 'authorized')) return { from: payment, steps: ['authorized'] }
  if (isIn(payment, 'captured')) return { from: payment, steps: ['captured'] }
  if (isIn(payment, 'refunded')) return { from: payment, steps: ['refunded'] }
  return null
}

function whenCaptured(from: In<'authorized'>, minor: number): Next<'authorized'> {
  const { amount, refundedMinor } = from
  const capturedMinor = from.capturedMinor + minor
  const steps: Path<'authorized'> = capturedMinor === amount.minor ? settledPath(from) : ['authorized']
  return { from, steps, capturedMinor, refundedMinor }
}

function whenReleased(from: In<'authorized'>, kind: 'void' | 'expire'): Next<'authorized'> {
  const { capturedMinor, refundedMinor } = from
  const nothingTaken: Path<'authorized'> = kind === 'void' ? ['voided'] : ['expired']
  return { from, steps: capturedMinor === 0 ? nothingTaken : settledPath(from), capturedMinor, refundedMinor }
}

function whenRefunded(from: Payment, minor: number): Next<ApprovedState> | null {
  const sums = { capturedMinor: from.capturedMinor, refundedMinor: from.refundedMinor + minor }
  if (isIn(from, 'authorized')) return { from, steps: ['authorized'], ...sums }
  if (isIn(from, 'captured')) return { from, steps: ['refunded'], ...sums }
  if (isIn(from, 'refunded')) return { from, steps: ['refunded'], ...sums }
  return null
}

/** Nothing is set aside any more. What was given back while something still was, shows now. */
const settledPath = ({ refundedMinor }: In<'authorized'>): Path<'authorized'> =>
  refundedMinor > 0 ? ['captured', 'refunded'] : ['captured']

const isIn = <S extends PaymentState>(payment: Payment, state: S): payment is In<S> => payment.state === state
