import type { Kysely } from 'kysely'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { BankTables, HoldRow, ReleaseCause } from './schema.ts'

export async function placeHold(transaction: BankTransaction, row: HoldRow): Promise<void> {
  await transaction.insertInto('hold').values(row).execute()
}

/** Lets go of what is left of a hold. The first cause counts; where there is no hold, that is fine too. */
export async function releaseHold(transaction: BankTransaction, row: BankTables['hold_release']): Promise<void> {
  await transaction
    .insertInto('hold_release')
    .values(row)
    .onConflict((conflict) => conflict.columns(['payment_server', 'reference']).doNothing())
    .execute()
}

export type Hold = { readonly expiresAtMs: number; readonly released: ReleaseCause | null }

/** @returns null where nothing was ever set aside: it was captured at once, or never approved */
export async function findHold(reader: BankReader, paymentServer: string, reference: string): Promise<Hold | null> {
  const row = await withRelease(reader)
    .select(['hold.expires_at_ms', 'hold_release.cause'])
    .where('hold.payment_server', '=', paymentServer)
    .where('hold.reference', '=', reference)
    .executeTakeFirst()
  return row === undefined ? null : { expiresAtMs: row.expires_at_ms, released: row.cause }
}

/** Finds the references of holds that have outlived themselves, oldest first. */
export const holdsExpired = (db: Kysely<BankTables>) =>
  compiledQuery(db, (nowMs: number, count: number) =>
    withRelease(db)
      .select(['hold.payment_server', 'hold.reference'])
      .where('hold_release.cause', 'is', null)
      .where('hold.expires_at_ms', '<=', nowMs)
      .orderBy('hold.expires_at_ms')
      .limit(count),
  )

const withRelease = (reader: BankReader) =>
  reader
    .selectFrom('hold')
    .leftJoin('hold_release', (join) =>
      join
        .onRef('hold_release.payment_server', '=', 'hold.payment_server')
        .onRef('hold_release.reference', '=', 'hold.reference'),
    )
