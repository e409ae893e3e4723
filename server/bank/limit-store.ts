import { sql } from 'kysely'
import type { CardId, PayerPseudonym } from '../../shared/identifiers.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { type LimitHistory, type Spent, startsOf } from './card-limits.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { CardLimitRow } from './schema.ts'

/** Of what a card began under, before any request. */
const beginning = 0

export async function limitHistoryOf(reader: BankReader, paymentServer: string, card: CardId): Promise<LimitHistory> {
  const rows = await reader
    .selectFrom('card_limit')
    .selectAll()
    .where('payment_server', '=', paymentServer)
    .where('card', '=', card)
    .orderBy('place')
    .execute()
  const [began] = rows.filter(({ place }) => place === beginning).map(toRequest)
  return { began: began ?? null, requests: rows.filter(({ place }) => place !== beginning).map(toRequest) }
}

const toRequest = (row: CardLimitRow) => ({
  limits: {
    currency: row.currency,
    perPaymentMinor: row.per_payment_minor,
    perDayMinor: row.per_day_minor,
    perMonthMinor: row.per_month_minor,
  },
  setAtMs: row.set_at_ms,
})

type Asked = { readonly limits: CardLimits; readonly setAtMs: number; readonly nonce: string }
type OfCard = { readonly payment_server: string; readonly card: CardId }

export const keepBeginning = (
  transaction: BankTransaction,
  of: OfCard,
  began: { readonly limits: CardLimits; readonly setAtMs: number },
): Promise<void> => keep(transaction, of, beginning, { ...began, nonce: '' })

/** @param place counts the requests for this card from one */
export const keepRequest = (transaction: BankTransaction, of: OfCard, place: number, asked: Asked): Promise<void> =>
  keep(transaction, of, place, asked)

async function keep(transaction: BankTransaction, { payment_server, card }: OfCard, place: number, asked: Asked) {
  const { limits, setAtMs, nonce } = asked
  await transaction
    .insertInto('card_limit')
    .values({
      payment_server,
      card,
      place,
      nonce,
      currency: limits.currency,
      per_payment_minor: limits.perPaymentMinor,
      per_day_minor: limits.perDayMinor,
      per_month_minor: limits.perMonthMinor,
      set_at_ms: setAtMs,
    })
    .execute()
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

/**
 * Adds up what a payer was approved from an account, under all their card ids, and what was neither undone nor released. What is only held
 * counts: it may yet be taken.
 */
export async function spentFrom(
  reader: BankReader,
  of: { paymentServer: string; payer: PayerPseudonym; account: string; nowMs: number },
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
    .where('account', '=', of.account)
    .where('payment_server', '=', of.paymentServer)
    .where('payer', '=', of.payer)
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
