import { sql } from 'kysely'
import type { Engine } from '../runtime/database.ts'
import type { BankTransaction } from './ledger.ts'

/**
 * Holds everybody else off something until the transaction ends, whether or not there is a row of it. SQLite has one writer
 * anyway. Two names may share a lock, which costs time and nothing else.
 */
export async function lock(transaction: BankTransaction, engine: Engine, ...names: readonly string[]): Promise<void> {
  if (engine === 'sqlite') return
  await sql`select pg_advisory_xact_lock(hashtextextended(${names.join(' ')}, 0))`.execute(transaction)
}
