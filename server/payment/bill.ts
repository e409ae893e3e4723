import { failuresMax } from '../../shared/payment.ts'
import type { MerchantPayment } from '../../shared/wire/merchant-api.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import { isPaid, type Payment } from './payment-record.ts'

const triesLeft = ({ failures }: Payment): number => failuresMax - failures

/** What the payer may know of a payment. */
export function toBill(payment: Payment, nowMs: number): Bill {
  const { id, payee, amount, reference, description, lines, state, expiresAtMs, declineReason, refundedMinor } = payment
  return {
    id,
    payee: { name: payee.name, origin: payee.origin },
    amount,
    reference,
    description,
    lines,
    state,
    expiresAtMs,
    nowMs,
    triesLeft: triesLeft(payment),
    decline: state === 'declined' && declineReason !== null ? { reason: declineReason } : null,
    refundedMinor,
    receipt: receiptOf(payment),
    returnUrl: isPaid(payment) ? payment.successUrl : payment.cancelUrl,
  }
}

function receiptOf(payment: Payment): Bill['receipt'] {
  const { lastTry } = payment
  if (!isPaid(payment) || lastTry === null) return null
  const { face, approvalCode, bookedAtMs, ceremony } = lastTry
  if (approvalCode === null || bookedAtMs === null) return null
  return { card: face, approvalCode, paidAtMs: bookedAtMs, ceremony }
}

/** What the merchant may know of it: who paid, by the name that this merchant alone knows, and only once they did. */
export function toMerchantPayment(payment: Payment, origin: string, pseudonyms: Pseudonyms): MerchantPayment {
  const { id, payee, amount, capturedMinor, refundedMinor, reference, description, state, declineReason } = payment
  const paidTry = isPaid(payment) ? payment.lastTry : null
  return {
    id,
    object: 'payment',
    mode: payment.mode,
    state,
    amount,
    capturedMinor,
    refundedMinor,
    reference,
    description,
    lines: payment.lines,
    metadata: payment.metadata,
    url: `${origin}/pay/${id}`,
    createdAtMs: payment.createdAtMs,
    expiresAtMs: payment.expiresAtMs,
    payer: paidTry === null ? null : pseudonyms.towardsMerchant(payee.id, paidTry.payer),
    card: paidTry === null ? null : paidTry.face,
    decline:
      state === 'declined' && declineReason !== null
        ? { reason: declineReason, final: triesLeft(payment) === 0 }
        : null,
    decision: payment.decision,
    ...(state === 'authorized' && payment.heldUntilMs !== null ? { captureBeforeMs: payment.heldUntilMs } : {}),
    ...pendingOf(payment),
  }
}

function pendingOf({ capturingMinor, refundingMinor, isReleasing }: Payment): Pick<MerchantPayment, 'pending'> {
  if (capturingMinor === 0 && refundingMinor === 0 && !isReleasing) return {}
  return { pending: { captureMinor: capturingMinor, refundMinor: refundingMinor, void: isReleasing } }
}
