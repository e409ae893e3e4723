import type { CardId, PayerPseudonym } from '../../shared/identifiers.ts'
import type { PayAgreement } from './identity/challenge.ts'
import type { Payment } from './payment-record.ts'

/**
 * What a payer agrees to when they pay this bill: the amount and the payee are the server's own, never a request's
 * (PSD2 RTS art. 5, dynamic linking).
 * @param seal of the card that a first payment adds
 */
export function agreementTo(
  payment: Payment,
  choice: { payer: PayerPseudonym; card: CardId; seal: string | undefined },
): PayAgreement {
  const { id, payee, amount, reference } = payment
  const agreement = {
    purpose: 'pay',
    payment: id,
    payee,
    amount,
    reference,
    card: choice.card,
    payer: choice.payer,
  } as const
  return choice.seal === undefined ? agreement : { ...agreement, seal: choice.seal }
}
