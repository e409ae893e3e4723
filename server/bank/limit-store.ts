import { sql } from 'kysely'
import type { CardId } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import { type LimitRequest, type Spent, startsOf } from './card-limits.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { CardLimitRow } from './schema.ts'

/** What limits were asked for of a card, in order. */
export async function limitRequestsOf(
  reader: BankReader,
  paymentServer: string,
  card: CardId,
): Promise<LimitRequest[]> {
  const rows = await reader
    .selectFrom('card_limit')
    .selectAll()
    .where('payment_server', '=', paymentServer)
    .where('card', '=', card)
    .orderBy('place')
    .execute()
  return rows.map((row) => ({
    limits: {
      currency: row.currency,
      perPaymentMinor: row.per_payment_minor,
      perDayMinor: row.per_day_minor,
      perMonthMinor: row.per_month_minor,
    },
    setAtMs: row.set_at_ms,
  }))
}

export async function keepLimit(transaction: BankTransaction, row: CardLimitRow): Promise<void> {
  await transaction.insertInto('card_limit').values(row).execute()
}

export async function findLimit(
  reader: BankReader,
  paymentServer: string,
  card: CardId,
  nonce: string,
): Promise<boolean> {
  const row = await reader
    .selectFrom('card_limit')
    .select('place')
    .where('payment_server', '=', paymentServer)
    .where('card', '=', card)
    .where('nonce', '=', nonce)
    .executeTakeFirst()
  return row !== undefined
}

/** Adds up what was approved for a card and neither undone nor released. What is only held counts: it may yet be taken. */
export async function spentWith(
  reader: BankReader,
  of: { paymentServer: string; card: CardId; currency: Currency; nowMs: number },
): Promise<Spent> {
  const { dayMs, monthMs } = startsOf(of.nowMs)
  const { day_minor, month_minor } = await reader
    .selectFrom('authorization')
    .select([
      sql<number>`cast(coalesce(sum(case when decided_at_ms >= ${dayMs} then ${spokenFor} end), 0) as bigint)`.as(
        'day_minor',
      ),
      sql<number>`cast(coalesce(sum(${spokenFor}), 0) as bigint)`.as('month_minor'),
    ])
    .where('payment_server', '=', of.paymentServer)
    .where('card', '=', of.card)
    .where('currency', '=', of.currency)
    .where('decided_at_ms', '>=', monthMs)
    .where('approval_code', 'is not', null)
    .where(isNotReversed)
    .executeTakeFirstOrThrow()
  return { dayMinor: day_minor, monthMinor: month_minor }
}

const sameReference = (table: string) => sql`${sql.ref(`${table}.payment_server`)} = "authorization".payment_server
  and ${sql.ref(`${table}.reference`)} = "authorization".reference`

const isNotReversed = sql<boolean>`not exists (select 1 from reversal where ${sameReference('reversal')})`

const spokenFor = sql`case when exists (select 1 from hold_release where ${sameReference('hold_release')})
  then (select coalesce(sum(capture.amount_minor), 0) from capture where ${sameReference('capture')})
  else "authorization".amount_minor end`
