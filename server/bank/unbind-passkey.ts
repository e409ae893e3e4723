import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { findEnrolment, keepEvent } from './enrolment-store.ts'
import { refused } from './response-codes.ts'

/** Unbinding is for good, so it has no place among the changes that follow each other. */
const beforeAllChanges = 0

/** Takes the passkey off a card: its signatures move no money of it any more. */
export async function unbindPasskey(
  bank: Bank,
  from: PaymentServer,
  { card }: BankBody<'unbind'>,
): Promise<BankAnswer<'unbind'>> {
  const { db } = bank.database
  const enrolment = await findEnrolment(db, from.issuer, card)
  if (enrolment === undefined || enrolment.reason !== null) return refused(card, 'invalid-card')
  await keepEvent(db, {
    payment_server: from.issuer,
    card,
    place: beforeAllChanges,
    kind: 'unbound',
    happened_at_ms: bank.clock.nowMs(),
  })
  return { outcome: 'unbound', card }
}
