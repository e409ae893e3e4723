import type { CardId } from '../../shared/identifiers.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import type { Bank } from './bank.ts'
import { type Confirmation, findConfirmation, keepConfirmation } from './confirmation-store.ts'
import { findEnrolment } from './enrolment-store.ts'
import type { EnrolmentRow } from './schema.ts'

const linkLifetimeMs = 30 * 60_000

/**
 * The link by which a cardholder reaches the bank's question about one card. It can be made again from what the bank keeps, so that
 * the same enrolment is answered the same, but not from a copy of its database: that lacks the key.
 *
 * It goes back to whoever adds the card, and so proves only that they read the bank's page. A bank in life would ask its customer where it
 * knows them already, in its own app, and hand the link to nobody else.
 */
export const confirmationLinkOf = (bank: Bank, paymentServer: string, card: CardId, codeHash: string): string =>
  keyedHashText(bank.keys.lookup, 'confirmation-link', paymentServer, card, codeHash)

const hashOf = (bank: Bank, link: string): string => keyedHashText(bank.keys.lookup, 'confirmation-link-hash', link)

export const newLink = (bank: Bank, paymentServer: string, card: CardId, codeHash: string) => ({
  link_hash: hashOf(bank, confirmationLinkOf(bank, paymentServer, card, codeHash)),
  payment_server: paymentServer,
  card,
  expires_at_ms: bank.clock.nowMs() + linkLifetimeMs,
})

export type Question =
  | { readonly state: 'open'; readonly enrolment: EnrolmentRow; readonly confirmation: Confirmation }
  | { readonly state: 'confirmed' | 'denied' | 'expired' | 'unknown' }

/** What the page behind a link is about, and whether anything can still be said on it. */
export async function questionBehind(bank: Bank, link: string): Promise<Question> {
  const { db } = bank.database
  const confirmation = await findConfirmation(db, hashOf(bank, link))
  if (confirmation === undefined) return { state: 'unknown' }
  if (confirmation.is_confirmed !== null) return { state: confirmation.is_confirmed === 1 ? 'confirmed' : 'denied' }
  if (confirmation.expires_at_ms <= bank.clock.nowMs()) return { state: 'expired' }
  const enrolment = await findEnrolment(db, confirmation.payment_server, confirmation.card)
  return enrolment === undefined ? { state: 'unknown' } : { state: 'open', enrolment, confirmation }
}

/** The cardholder has said whether it was them. A link works once: the first word counts. */
export async function confirmCard(bank: Bank, link: string, isConfirmed: boolean): Promise<void> {
  const question = await questionBehind(bank, link)
  if (question.state !== 'open') return
  await keepConfirmation(bank.database.db, {
    link_hash: question.confirmation.link_hash,
    is_confirmed: isConfirmed ? 1 : 0,
    said_at_ms: bank.clock.nowMs(),
  })
}
