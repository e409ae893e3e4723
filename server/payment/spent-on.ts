import { type Kysely, sql } from 'kysely'
import { type Spent, startsOf } from '../../shared/card-limits.ts'
import type { CardId, PayerId } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import type { PaymentTables } from './schema.ts'

/**
 * What this room has seen spent with a card since the day and the month began, UTC. As the bank counts it: what is set aside counts, what was
 * let go does not, and a refund changes nothing. What the bank has not answered for counts as well: it may be booked.
 */
export async function spentOn(
  reader: Kysely<PaymentTables>,
  of: { readonly payer: PayerId; readonly card: CardId; readonly currency: Currency; readonly nowMs: number },
): Promise<Spent> {
  const { dayMs, monthMs } = startsOf(of.nowMs)
  const at = sql<number>`coalesce(${sql.ref('authorization.booked_at_ms')}, ${sql.ref('authorization.started_at_ms')})`
  const minor = sql<number>`case when payment.state in ('approving', 'unknown', 'authorized')
    then payment.amount_minor else payment.captured_minor end`
  const sums = await reader
    .selectFrom('authorization')
    .innerJoin('payment', (join) =>
      join
        .onRef('payment.id', '=', 'authorization.payment_id')
        .onRef('payment.authorization_reference', '=', 'authorization.reference'),
    )
    .select([
      sql<number>`cast(coalesce(sum(case when ${at} >= ${dayMs} then ${minor} end), 0) as bigint)`.as('day_minor'),
      sql<number>`cast(coalesce(sum(${minor}), 0) as bigint)`.as('month_minor'),
    ])
    .where('authorization.payer_id', '=', of.payer)
    .where('authorization.card_id', '=', of.card)
    .where('payment.currency', '=', of.currency)
    .where(at, '>=', monthMs)
    .executeTakeFirstOrThrow()
  return { dayMinor: sums.day_minor, monthMinor: sums.month_minor }
}
export type SpentOn = (of: Parameters<typeof spentOn>[1]) => Promise<Spent>
