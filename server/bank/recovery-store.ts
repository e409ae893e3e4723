import type { CardId, PayerPseudonym, RecoveryId } from '../../shared/identifiers.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { BankTables, RecoveryRow } from './schema.ts'

/** What is asked about one card, and what was said: null so far. */
export type AskedRecovery = RecoveryRow & { readonly is_confirmed: number | null }
type OfPayer = { readonly payment_server: string; readonly payer: PayerPseudonym }

const recoveries = (reader: BankReader) =>
  reader
    .selectFrom('recovery')
    .leftJoin('recovery_word', 'recovery_word.link_hash', 'recovery.link_hash')
    .selectAll('recovery')
    .select('recovery_word.is_confirmed')

export const findRecovery = (
  reader: BankReader,
  of: { readonly paymentServer: string; readonly recovery: RecoveryId; readonly card: CardId },
): Promise<AskedRecovery | undefined> =>
  recoveries(reader)
    .where('recovery.payment_server', '=', of.paymentServer)
    .where('recovery.recovery', '=', of.recovery)
    .where('recovery.card', '=', of.card)
    .executeTakeFirst()

export const recoveryBehind = (reader: BankReader, linkHash: string): Promise<AskedRecovery | undefined> =>
  recoveries(reader).where('recovery.link_hash', '=', linkHash).executeTakeFirst()

/** A recovery that a cardholder has confirmed for a card or more. */
export type ConfirmedRecovery = {
  readonly recovery: RecoveryId
  readonly recoveredAtMs: number
  readonly isUndone: boolean
}

/** Those of a payer, by when their first card was confirmed. */
export async function confirmedRecoveries(
  reader: BankReader,
  { payment_server, payer }: OfPayer,
): Promise<ConfirmedRecovery[]> {
  const rows = await reader
    .selectFrom('recovery')
    .innerJoin('recovery_word', 'recovery_word.link_hash', 'recovery.link_hash')
    .leftJoin('recovery_undoing', (join) =>
      join
        .onRef('recovery_undoing.payment_server', '=', 'recovery.payment_server')
        .onRef('recovery_undoing.recovery', '=', 'recovery.recovery'),
    )
    .select(['recovery.recovery', 'recovery_undoing.undone_at_ms'])
    .select(({ fn }) => fn.min('recovery_word.said_at_ms').as('recovered_at_ms'))
    .where('recovery.payment_server', '=', payment_server)
    .where('recovery.payer', '=', payer)
    .where('recovery_word.is_confirmed', '=', 1)
    .groupBy(['recovery.recovery', 'recovery_undoing.undone_at_ms'])
    .orderBy('recovered_at_ms')
    .execute()
  return rows.map(({ recovery, undone_at_ms, recovered_at_ms }) => ({
    recovery,
    recoveredAtMs: recovered_at_ms,
    isUndone: undone_at_ms !== null,
  }))
}

/** The recovery that whoever had the name before can still undo, and that its cards pay little under. */
export async function heldRecovery(reader: BankReader, of: OfPayer, nowMs: number): Promise<ConfirmedRecovery | null> {
  const confirmed = await confirmedRecoveries(reader, of)
  return confirmed.find(({ recoveredAtMs, isUndone }) => !isUndone && nowMs < recoveredAtMs + recoveryHoldMs) ?? null
}

/** Asked twice at once, it was asked once. */
export async function keepRecovery(writer: BankReader, row: RecoveryRow): Promise<void> {
  await writer
    .insertInto('recovery')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function keepWord(transaction: BankTransaction, row: BankTables['recovery_word']): Promise<void> {
  await transaction.insertInto('recovery_word').values(row).execute()
}

/** How often whoever has the link showed another card than this, or showed it wrongly. */
export async function triesOf(reader: BankReader, linkHash: string): Promise<number> {
  const { count } = await reader
    .selectFrom('recovery_try')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('link_hash', '=', linkHash)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** @param numberHash of an issued card that was shown wrongly; null where none was */
export async function keepTry(
  transaction: BankTransaction,
  linkHash: string,
  numberHash: string | null,
  nowMs: number,
): Promise<void> {
  const place = await triesOf(transaction, linkHash)
  const row = { link_hash: linkHash, place, number_hash: numberHash, tried_at_ms: nowMs }
  await transaction.insertInto('recovery_try').values(row).execute()
}

/** Every passkey that is bound to a card of this payer's, whatever became of it since. */
export async function thumbprintsOf(reader: BankReader, { payment_server, payer }: OfPayer): Promise<string[]> {
  const rows = await reader
    .selectFrom('card_passkey')
    .innerJoin('enrolment', (join) =>
      join
        .onRef('enrolment.payment_server', '=', 'card_passkey.payment_server')
        .onRef('enrolment.card', '=', 'card_passkey.card'),
    )
    .select('card_passkey.thumbprint')
    .distinct()
    .where('enrolment.payment_server', '=', payment_server)
    .where('enrolment.payer', '=', payer)
    .execute()
  return rows.map(({ thumbprint }) => thumbprint)
}

type OfRecovery = OfPayer & { readonly recovery: RecoveryId }

/** These pay nothing any more, unless the recovery is undone. */
export async function displace(
  transaction: BankTransaction,
  { payment_server, payer, recovery }: OfRecovery,
  thumbprints: readonly string[],
): Promise<void> {
  for (const thumbprint of thumbprints) {
    await transaction
      .insertInto('displaced_passkey')
      .values({ payment_server, payer, recovery, thumbprint })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

export async function displacedBy(
  reader: BankReader,
  { payment_server, payer, recovery }: OfRecovery,
): Promise<string[]> {
  const rows = await reader
    .selectFrom('displaced_passkey')
    .select('thumbprint')
    .where('payment_server', '=', payment_server)
    .where('payer', '=', payer)
    .where('recovery', '=', recovery)
    .execute()
  return rows.map(({ thumbprint }) => thumbprint)
}

export async function keepUndoing(transaction: BankTransaction, row: BankTables['recovery_undoing']): Promise<void> {
  await transaction.insertInto('recovery_undoing').values(row).execute()
}
