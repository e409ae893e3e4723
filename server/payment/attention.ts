import { type Kysely, sql } from 'kysely'
import type { PaymentState } from '../../shared/payment.ts'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { Clock } from '../runtime/room.ts'
import type { PaymentTables } from './schema.ts'

/** How long the bank may owe an answer, or a hold outlive itself, before somebody should look. */
const looksAfterMs = 10 * 60_000
const listedAtMost = 100

/** Why somebody should look at a payment. */
export const attentionReasons = [
  'authorization-unanswered',
  'operation-unanswered',
  'hold-overdue',
  'ledgers-differ',
] as const
type AttentionReason = (typeof attentionReasons)[number]
type Needing = { readonly payment: string; readonly reason: AttentionReason; readonly sinceMs: number }

/** What an operator asks: which payments does the machinery not settle by itself, and how are they all? */
export function attention(db: Kysely<PaymentTables>, clock: Clock) {
  const tries = () =>
    db
      .selectFrom('authorization')
      .select(['payment_id as payment', 'started_at_ms as since_ms', because('authorization-unanswered')])
      .where('next_inquiry_at_ms', 'is not', null)
  const operations = () =>
    db
      .selectFrom('operation')
      .select(['payment_id as payment', 'asked_at_ms as since_ms', because('operation-unanswered')])
      .where('next_asking_at_ms', 'is not', null)
  const holds = () =>
    db
      .selectFrom('payment')
      .select(['id as payment', sql<number>`held_until_ms`.as('since_ms'), because('hold-overdue')])
      .where('state', '=', sql.lit('authorized'))
  const differences = () =>
    db.selectFrom('difference').select(['payment_id as payment', 'found_at_ms as since_ms', because('ledgers-differ')])

  function needing(beforeMs: number) {
    const union = tries()
      .where('started_at_ms', '<=', beforeMs)
      .unionAll(operations().where('asked_at_ms', '<=', beforeMs))
      .unionAll(holds().where('held_until_ms', '<=', beforeMs))
      .unionAll(differences())
    return db.selectFrom(union.as('needing'))
  }

  const counted = compiledQuery(db, (beforeMs: number) =>
    needing(beforeMs).select(sql<number>`count(distinct payment)`.as('count')),
  )
  const beforeMs = () => clock.nowMs() - looksAfterMs

  return {
    /** The oldest first; no more than a person can look through. */
    async list(): Promise<Needing[]> {
      const rows = await needing(beforeMs()).selectAll().orderBy('since_ms').limit(listedAtMost).execute()
      return rows.map(({ payment, reason, since_ms }) => ({ payment, reason, sinceMs: since_ms }))
    },

    /** How many payments need a look, each counted once whatever the reasons. */
    async payments(): Promise<number> {
      const [row] = await counted(beforeMs())
      return row?.count ?? 0
    },

    /** How many payments need a look, by reason. */
    async counts(): Promise<ReadonlyMap<AttentionReason, number>> {
      const rows = await needing(beforeMs()).select(['reason', howMany]).groupBy('reason').execute()
      return new Map(rows.map(({ reason, count }) => [reason, count]))
    },

    /** For how long the bank owes its oldest missing answer; zero where it owes none. Milliseconds. */
    async oldestUnansweredMs(): Promise<number> {
      const { since_ms } = await db
        .selectFrom(tries().unionAll(operations()).as('unanswered'))
        .select((expression) => expression.fn.min<number | null>('since_ms').as('since_ms'))
        .executeTakeFirstOrThrow()
      return since_ms === null ? 0 : Math.max(0, clock.nowMs() - since_ms)
    },

    async paymentsByState(): Promise<ReadonlyMap<PaymentState, number>> {
      const rows = await db.selectFrom('payment').select(['state', howMany]).groupBy('state').execute()
      return new Map(rows.map(({ state, count }) => [state, count]))
    },
  }
}
export type Attention = ReturnType<typeof attention>

const because = (reason: AttentionReason) => sql<AttentionReason>`${sql.lit(reason)}`.as('reason')
const howMany = sql<number>`count(*)`.as('count')
