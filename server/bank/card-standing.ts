import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { type Confirmation, confirmationOf } from './confirmation-store.ts'
import { findEnrolment } from './enrolment-store.ts'
import { refused } from './response-codes.ts'

/** Tells a payment server what a cardholder has said of a card, so that its payer need not try to pay to find out. */
export async function cardStanding(
  bank: Bank,
  from: PaymentServer,
  { card }: BankBody<'standing'>,
): Promise<BankAnswer<'standing'>> {
  const { db } = bank.database
  const enrolment = await findEnrolment(db, from.issuer, card)
  if (enrolment === undefined || enrolment.reason !== null) return refused(card, 'invalid-card')
  const question = await confirmationOf(db, from.issuer, card)
  return { outcome: 'standing', card, confirmation: wordOf(question, bank.clock.nowMs()) }
}

function wordOf(question: Confirmation | undefined, nowMs: number) {
  if (question === undefined) return 'not-asked'
  if (question.is_confirmed !== null) return question.is_confirmed === 1 ? 'confirmed' : 'denied'
  return question.expires_at_ms <= nowMs ? 'lapsed' : 'awaited'
}
