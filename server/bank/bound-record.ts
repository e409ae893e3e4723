import type { CardRecord } from '../../shared/card.ts'
import type { PinnedPasskey } from '../../shared/wire/bank-api.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { type CardRecordContents, openRecord } from './card-record.ts'
import { findEnrolment } from './enrolment-store.ts'
import type { EnrolmentRow } from './schema.ts'

/** A card's record, and the passkey that the bank itself pinned to the card. */
export type BoundRecord = { readonly contents: CardRecordContents; readonly passkey: PinnedPasskey }

/**
 * Opens a record and finds the enrolment that it was made at. It opens for the payment server it was made for, and only as long
 * as it names the passkey pinned then and holds the code minted then.
 */
export async function openBoundRecord(
  bank: Bank,
  from: PaymentServer,
  record: CardRecord,
): Promise<BoundRecord | null> {
  const contents = openRecord(record, bank.keys.records)
  if (contents === null || contents.paymentServer !== from.issuer) return null
  const enrolment = await findEnrolment(bank.database.db, from.issuer, contents.card)
  if (enrolment === undefined || enrolment.thumbprint !== contents.passkey) return null
  return enrolment.code_hash === mintedCodeHash(bank, contents) ? { contents, passkey: passkeyOf(enrolment) } : null
}

export const passkeyOf = ({ credential_id, public_key, is_backup_eligible }: EnrolmentRow): PinnedPasskey => ({
  credentialId: credential_id,
  publicKey: public_key,
  isBackupEligible: is_backup_eligible === 1,
})

export const mintedCodeHash = (bank: Bank, { code }: CardRecordContents): string =>
  keyedHashText(bank.keys.lookup, 'minted-code', code)
