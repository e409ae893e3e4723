import type { CardRecord } from '../../shared/card.ts'
import type { Assertion } from '../../shared/evidence.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { type CardRecordContents, openRecord } from './card-record.ts'
import { findEnrolment } from './enrolment-store.ts'
import { type NamedPasskey, passkeyOfCard } from './passkey-store.ts'

/** A card's record, and of the passkeys that the bank itself pinned to the card the one that signed. */
export type SignedRecord = { readonly contents: CardRecordContents; readonly passkey: NamedPasskey }

/**
 * Opens a record and finds the enrolment that it was made at. It opens for the payment server it was made for, and only as long
 * as it names the passkey pinned then and holds the code minted then.
 */
export async function openBoundRecord(
  bank: Bank,
  from: PaymentServer,
  record: CardRecord,
): Promise<CardRecordContents | null> {
  const contents = openRecord(record, bank.keys.records)
  if (contents === null || contents.paymentServer !== from.issuer) return null
  const enrolment = await findEnrolment(bank.database.db, from.issuer, contents.card)
  if (enrolment === undefined || enrolment.thumbprint !== contents.passkey) return null
  return enrolment.code_hash === mintedCodeHash(bank, contents) ? contents : null
}

/** As above, for somebody whose passkey is bound to the card. Whether it has signed is still to be checked. */
export async function openSignedRecord(
  bank: Bank,
  from: PaymentServer,
  record: CardRecord,
  { credentialId }: Assertion,
): Promise<SignedRecord | null> {
  const contents = await openBoundRecord(bank, from, record)
  if (contents === null) return null
  const of = { paymentServer: from.issuer, card: contents.card, payer: contents.payer }
  const passkey = await passkeyOfCard(bank.database.db, of, credentialId)
  return passkey === null ? null : { contents, passkey }
}

export const mintedCodeHash = (bank: Bank, { code }: CardRecordContents): string =>
  keyedHashText(bank.keys.lookup, 'minted-code', code)
