import type { CardId } from '../../shared/identifiers.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { ConfirmationLinkRow, ConfirmationRow } from './schema.ts'

/** What is asked on a page of the bank's own, and what was said: null so far. */
export type Confirmation = ConfirmationLinkRow & { readonly is_confirmed: number | null }

const confirmations = (reader: BankReader) =>
  reader
    .selectFrom('confirmation_link')
    .leftJoin('confirmation', 'confirmation.link_hash', 'confirmation_link.link_hash')
    .selectAll('confirmation_link')
    .select('confirmation.is_confirmed')

/** @returns undefined where the cardholder was not asked about this card */
export const confirmationOf = (
  reader: BankReader,
  paymentServer: string,
  card: CardId,
): Promise<Confirmation | undefined> =>
  confirmations(reader)
    .where('confirmation_link.payment_server', '=', paymentServer)
    .where('confirmation_link.card', '=', card)
    .executeTakeFirst()

export const findConfirmation = (reader: BankReader, linkHash: string): Promise<Confirmation | undefined> =>
  confirmations(reader).where('confirmation_link.link_hash', '=', linkHash).executeTakeFirst()

export async function keepLink(transaction: BankTransaction, row: ConfirmationLinkRow): Promise<void> {
  await transaction
    .insertInto('confirmation_link')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** @returns false where something was said before: a link works once */
export async function keepConfirmation(writer: BankReader, row: ConfirmationRow): Promise<boolean> {
  const inserted = await writer
    .insertInto('confirmation')
    .values(row)
    .onConflict((conflict) => conflict.column('link_hash').doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}
