import { sql } from 'kysely'
import { money } from '../../shared/money.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { authorizations, stateOf } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { heldMinorOf, postedMinorOf } from './ledger.ts'

const entriesAtOnce = 50

/**
 * All that was decided in a stretch of time and what became of it, page by page in the order of references. What moved is told by the
 * postings, so that whoever compares this with their own books compares them with the ledger.
 */
export async function statement(
  bank: Bank,
  from: PaymentServer,
  { fromMs, untilMs, after }: BankBody<'statement'>,
): Promise<BankAnswer<'statement'>> {
  const rows = await authorizations(bank.database.db, from.issuer)
    .select(heldMinorOf(sql.ref('authorization.payment_server'), sql.ref('authorization.reference')).as('held_minor'))
    .select([postedMinorOf('capture').as('taken_minor'), postedMinorOf('refund').as('given_back_minor')])
    .where('authorization.decided_at_ms', '>=', fromMs)
    .where('authorization.decided_at_ms', '<', untilMs)
    .where('authorization.reference', '>', after ?? '')
    .orderBy('authorization.reference')
    .limit(entriesAtOnce + 1)
    .execute()
  const page = rows.slice(0, entriesAtOnce)
  return {
    entries: page.map((row) => ({
      reference: row.reference,
      amount: money(row.amount_minor, row.currency),
      state: stateOf(row),
      capturedMinor: row.taken_minor,
      refundedMinor: row.given_back_minor,
      heldMinor: row.held_minor,
      decidedAtMs: row.decided_at_ms,
    })),
    next: rows.length > entriesAtOnce ? (page.at(-1)?.reference ?? null) : null,
  }
}
