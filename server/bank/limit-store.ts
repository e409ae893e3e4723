import { sql } from 'kysely'
import { type Spent, startsOf } from '../../shared/card-limits.ts'
import type { CardId, PayerPseudonym } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import type { LimitHistory, LimitRequest } from './card-limits.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import type { CardLimitRow, CardLimitSecondRow } from './schema.ts'

/** Of what a card began under, before any request. */
const beginning = 0

/** A change of limits as it was written down. */
export type KeptRequest = LimitRequest & {
  readonly change: number
  readonly nonces: readonly string[]
  /** Thumbprint; null for what a card began under. */
  readonly signedBy: string | null
}
type KeptHistory = Pick<LimitHistory, 'began'> & { readonly requests: readonly KeptRequest[] }

export async function limitHistoryOf(reader: BankReader, paymentServer: string, card: CardId): Promise<KeptHistory> {
  const rows = await reader
    .selectFrom('card_limit')
    .leftJoin('card_limit_second as second', (join) =>
      join
        .onRef('second.payment_server', '=', 'card_limit.payment_server')
        .onRef('second.card', '=', 'card_limit.card')
        .onRef('second.place', '=', 'card_limit.place'),
    )
    .selectAll('card_limit')
    .select(['second.seconded_at_ms', 'second.nonce as second_nonce'])
    .where('card_limit.payment_server', '=', paymentServer)
    .where('card_limit.card', '=', card)
    .orderBy('card_limit.place')
    .execute()
  const [began] = rows.filter(({ place }) => place === beginning)
  return {
    began: began === undefined ? null : { limits: limitsIn(began), setAtMs: began.set_at_ms },
    requests: rows.filter(({ place }) => place !== beginning).map(toRequest),
  }
}

const limitsIn = (row: CardLimitRow): CardLimits => ({
  currency: row.currency,
  perPaymentMinor: row.per_payment_minor,
  perDayMinor: row.per_day_minor,
  perMonthMinor: row.per_month_minor,
})

type JoinedRow = CardLimitRow & { readonly seconded_at_ms: number | null; readonly second_nonce: string | null }
const toRequest = (row: JoinedRow): KeptRequest => ({
  limits: limitsIn(row),
  setAtMs: row.set_at_ms,
  secondedAtMs: row.seconded_at_ms,
  mayRaise: row.may_raise === 1,
  change: row.place,
  nonces: row.second_nonce === null ? [row.nonce] : [row.nonce, row.second_nonce],
  signedBy: row.thumbprint,
})

type OfCard = { readonly payment_server: string; readonly card: CardId }
type Said = Pick<CardLimitRow, 'place' | 'nonce' | 'set_at_ms' | 'thumbprint' | 'may_raise'>

export const keepBeginning = (
  transaction: BankTransaction,
  of: OfCard,
  { limits, setAtMs }: { readonly limits: CardLimits; readonly setAtMs: number },
): Promise<void> =>
  keepRequest(transaction, of, limits, {
    place: beginning,
    nonce: '',
    set_at_ms: setAtMs,
    thumbprint: null,
    may_raise: 1,
  })

export async function keepRequest(
  transaction: BankTransaction,
  { payment_server, card }: OfCard,
  limits: CardLimits,
  said: Said,
): Promise<void> {
  await transaction
    .insertInto('card_limit')
    .values({
      payment_server,
      card,
      ...said,
      currency: limits.currency,
      per_payment_minor: limits.perPaymentMinor,
      per_day_minor: limits.perDayMinor,
      per_month_minor: limits.perMonthMinor,
    })
    .execute()
}

export async function keepSecond(transaction: BankTransaction, row: CardLimitSecondRow): Promise<void> {
  await transaction.insertInto('card_limit_second').values(row).execute()
}

type Spender = { readonly paymentServer: string; readonly payer: PayerPseudonym; readonly nowMs: number }

/**
 * Adds up what a payer was approved from an account, under all their card ids, and what was neither undone nor released. What is only held
 * counts: it may yet be taken.
 */
export async function spentFrom(reader: BankReader, of: Spender & { readonly account: string }): Promise<Spent> {
  const sums = await approvedBy(reader, of)
    .where('account', '=', of.account)
    .select(sumsSince(of.nowMs))
    .executeTakeFirstOrThrow()
  return { dayMinor: sums.day_minor, monthMinor: sums.month_minor }
}

/** The same for every account behind a card, one a currency. */
export async function spentBehind(
  reader: BankReader,
  of: Spender & { readonly holder: string },
): Promise<(Spent & { readonly currency: Currency })[]> {
  const accounts = await reader
    .selectFrom('account')
    .select(['id', 'currency'])
    .where('holder', '=', of.holder)
    .orderBy('currency')
    .execute()
  return Promise.all(
    accounts.map(async ({ id, currency }) => ({ currency, ...(await spentFrom(reader, { ...of, account: id })) })),
  )
}

const approvedBy = (reader: BankReader, { paymentServer, payer, nowMs }: Spender) =>
  reader
    .selectFrom('authorization')
    .where('payment_server', '=', paymentServer)
    .where('payer', '=', payer)
    .where('decided_at_ms', '>=', startsOf(nowMs).monthMs)
    .where('approval_code', 'is not', null)
    .where(isNotReversed)

function sumsSince(nowMs: number) {
  const { dayMs } = startsOf(nowMs)
  return [
    sql<number>`cast(coalesce(sum(case when decided_at_ms >= ${dayMs} then ${spokenFor} end), 0) as bigint)`.as(
      'day_minor',
    ),
    sql<number>`cast(coalesce(sum(${spokenFor}), 0) as bigint)`.as('month_minor'),
  ] as const
}

const sameReference = (table: string) => sql`${sql.ref(`${table}.payment_server`)} = "authorization".payment_server
  and ${sql.ref(`${table}.reference`)} = "authorization".reference`

const isNotReversed = sql<boolean>`not exists (select 1 from reversal where ${sameReference('reversal')})`

const spokenFor = sql`case when exists (select 1 from hold_release where ${sameReference('hold_release')})
  then (select coalesce(sum(capture.amount_minor), 0) from capture where ${sameReference('capture')})
  else "authorization".amount_minor end`
