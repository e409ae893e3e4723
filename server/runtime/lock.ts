import { sql, type Transaction } from 'kysely'
import type { Engine } from './database.ts'

/**
 * Holds everybody else off something until the transaction ends, whether or not there is a row of it. SQLite has one writer
 * anyway. Two names may share a lock, which costs time and nothing else.
 */
export async function lock<Tables>(
  transaction: Transaction<Tables>,
  engine: Engine,
  ...names: readonly string[]
): Promise<void> {
  if (engine === 'sqlite') return
  await sql`select pg_advisory_xact_lock(hashtextextended(${names.join(' ')}, 0))`.execute(transaction)
}
