import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { hasSigned } from './check-evidence.ts'
import { eventsOf, findEnrolment, isFrozen, keepEvent } from './enrolment-store.ts'
import { passkeyOfCard } from './passkey-store.ts'
import { refused } from './response-codes.ts'
import type { EnrolmentRow } from './schema.ts'

/**
 * Stops a card, or lets it pay again: this only as its payer signed it, by a passkey that pays with it.
 * @throws {Problem} `reference-reused` for another change under a number that was used
 */
export async function freezeCard(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'freeze'>,
): Promise<BankAnswer<'freeze'>> {
  const { db } = bank.database
  const enrolment = await findEnrolment(db, from.issuer, body.card)
  if (enrolment === undefined || enrolment.reason !== null) return refused(body.card, 'invalid-card')
  if (!body.isFrozen && !(await isAgreed(bank, from, enrolment, body))) return refused(body.card, 'evidence-refused')
  await keepEvent(db, {
    payment_server: from.issuer,
    card: body.card,
    place: body.change,
    kind: body.isFrozen ? 'frozen' : 'unfrozen',
    happened_at_ms: bank.clock.nowMs(),
  })
  return { outcome: 'changed', card: body.card, isFrozen: isFrozen(await eventsOf(db, from.issuer, body.card)) }
}

type Unfreeze = Extract<BankBody<'freeze'>, { isFrozen: false }>

async function isAgreed(bank: Bank, from: PaymentServer, { payer }: EnrolmentRow, body: Unfreeze): Promise<boolean> {
  const { intent, assertion } = body.evidence
  const isAbout = intent.card === body.card && intent.payer === payer && intent.change === body.change
  if (!isAbout) return false
  const of = { paymentServer: from.issuer, card: body.card, payer }
  const passkey = await passkeyOfCard(bank.database.db, of, assertion.credentialId)
  // Of any age: the bank may have been out of reach for long, and its number makes it good for one change alone.
  return passkey !== null && hasSigned(bank, from, intent, assertion, passkey)
}
