import { sql } from 'kysely'
import type { DeclineReason } from '../../shared/decline.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import { type BankReader, isActiveHold, remainderOfHold, standingOf } from './ledger.ts'
import type { AccountKind, AccountRow, BookingKind } from './schema.ts'

/** An account as people and tests read it. Minor units. */
export type AccountReport = {
  readonly id: string
  readonly kind: AccountKind
  readonly currency: Currency
  readonly label: string
  readonly balanceMinor: number
  readonly heldMinor: number
  readonly availableMinor: number
}

export async function accountById(reader: BankReader, id: string): Promise<AccountReport | null> {
  const row = await reader.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : report(reader, row)
}

export async function accountsOfHolders(reader: BankReader, holders: readonly string[]): Promise<AccountReport[]> {
  if (holders.length === 0) return []
  const rows = await reader.selectFrom('account').selectAll().where('holder', 'in', holders).orderBy('id').execute()
  return Promise.all(rows.map((row) => report(reader, row)))
}

/** The accounts opened last. */
export async function recentAccounts(reader: BankReader, count: number): Promise<AccountReport[]> {
  const rows = await reader.selectFrom('account').selectAll().orderBy('opened_at_ms', 'desc').limit(count).execute()
  return Promise.all(rows.map((row) => report(reader, row)))
}

async function report(reader: BankReader, { id, kind, currency, label }: AccountRow): Promise<AccountReport> {
  return { id, kind, currency, label, ...(await standingOf(reader, id)) }
}

/** A transaction of the ledger with its postings. */
export type JournalEntry = {
  readonly id: string
  readonly kind: BookingKind
  readonly payment: PaymentId | null
  readonly reference: string | null
  readonly bookedAtMs: number
  readonly postings: readonly { account: string; label: string; kind: AccountKind; minor: number; currency: Currency }[]
}

/** Newest first. */
export async function journal(
  reader: BankReader,
  of: { readonly payment: PaymentId } | { readonly last: number },
): Promise<JournalEntry[]> {
  // Of one moment, an account's opening comes before the payment that it was opened for.
  const newestFirst = reader.selectFrom('booking').selectAll().orderBy('booked_at_ms', 'desc').orderBy('kind')
  const bookings = await ('payment' in of
    ? newestFirst.where('payment', '=', of.payment)
    : newestFirst.limit(of.last)
  ).execute()
  if (bookings.length === 0) return []
  const postings = await reader
    .selectFrom('posting')
    .innerJoin('account', 'account.id', 'posting.account')
    .select([
      'posting.booking',
      'posting.account',
      'account.label',
      'account.kind',
      'posting.amount_minor',
      'posting.currency',
    ])
    .where(
      'posting.booking',
      'in',
      bookings.map(({ id }) => id),
    )
    .orderBy('posting.amount_minor')
    .execute()
  return bookings.map(({ id, kind, payment, reference, booked_at_ms }) => ({
    id,
    kind,
    payment,
    reference,
    bookedAtMs: booked_at_ms,
    postings: postings
      .filter(({ booking }) => booking === id)
      .map(({ account, label, kind, amount_minor, currency }) => ({
        account,
        label,
        kind,
        minor: amount_minor,
        currency,
      })),
  }))
}

/** Whether money was made or lost, or moved otherwise than was decided. */
export type LedgerCheck = {
  /** Of the postings of every transaction, in every currency. */
  readonly sumsToZero: boolean
  /** Every capture, refund and reversal is booked once, in its amount, and none is booked that was not made. */
  readonly everyMovementIsBooked: boolean
  readonly transactions: number
}

/** Adds up the whole ledger. */
export async function checkLedger(reader: BankReader): Promise<LedgerCheck> {
  const uneven = await unevenBookings.execute(reader)
  const unbooked = await unbookedMovements.execute(reader)
  const unreturned = await unreturnedReversals.execute(reader)
  const { count } = await reader
    .selectFrom('booking')
    .select(sql<number>`cast(count(*) as bigint)`.as('count'))
    .executeTakeFirstOrThrow()
  return {
    sumsToZero: uneven.rows.length === 0,
    everyMovementIsBooked: unbooked.rows.length === 0 && unreturned.rows.length === 0,
    transactions: count,
  }
}

const unevenBookings = sql`select booking from posting
  group by booking, currency having sum(amount_minor) <> 0 limit 1`

const unbookedMovements = sql`select booking from (
    select booking, amount_minor from capture
    union all select booking, amount_minor from refund
    union all select posting.booking, -posting.amount_minor from posting join booking on booking.id = posting.booking
      where booking.kind in ('capture', 'refund') and posting.amount_minor > 0
  ) as moved group by booking having sum(amount_minor) <> 0 limit 1`

/** What was reversed has left nothing on the cardholder's account, whatever was captured and refunded before. */
const unreturnedReversals = sql`select reversal.reference from reversal
  join "authorization" on "authorization".payment_server = reversal.payment_server
    and "authorization".reference = reversal.reference
  join booking on booking.payment = reversal.payment and booking.payment_server = reversal.payment_server
    and booking.reference = reversal.reference
  join posting on posting.booking = booking.id and posting.account = "authorization".account
  group by reversal.payment_server, reversal.reference having sum(posting.amount_minor) <> 0 limit 1`

/** In a word, for people. */
export const booksBalance = ({ sumsToZero, everyMovementIsBooked }: LedgerCheck): boolean =>
  sumsToZero && everyMovementIsBooked

/** Something decided about money that was asked for. */
export type DecisionReport = {
  readonly reference: string
  readonly payeeName: string
  readonly minor: number
  readonly currency: Currency
  /** Null: approved. */
  readonly reason: DeclineReason | null
  readonly isReversed: boolean
  readonly decidedAtMs: number
}

/** Newest first. */
export async function recentDecisions(reader: BankReader, count: number): Promise<DecisionReport[]> {
  const rows = await reader
    .selectFrom('authorization')
    .leftJoin('reversal', (join) =>
      join
        .onRef('reversal.payment_server', '=', 'authorization.payment_server')
        .onRef('reversal.reference', '=', 'authorization.reference'),
    )
    .selectAll('authorization')
    .select('reversal.reversed_at_ms')
    .orderBy('authorization.decided_at_ms', 'desc')
    .limit(count)
    .execute()
  return rows.map((row) => ({
    reference: row.reference,
    payeeName: row.payee_name,
    minor: row.amount_minor,
    currency: row.currency,
    reason: row.reason,
    isReversed: row.reversed_at_ms !== null,
    decidedAtMs: row.decided_at_ms,
  }))
}

/** Money set aside for somebody who has not taken it yet. */
export type HoldReport = {
  readonly reference: string
  readonly payeeName: string
  readonly accountLabel: string
  readonly minor: number
  readonly currency: Currency
  readonly expiresAtMs: number
}

/** Those that expire last come first. */
export function standingHolds(reader: BankReader, count: number): Promise<HoldReport[]> {
  return reader
    .selectFrom('hold')
    .innerJoin('account', 'account.id', 'hold.account')
    .innerJoin('authorization', (join) =>
      join
        .onRef('authorization.payment_server', '=', 'hold.payment_server')
        .onRef('authorization.reference', '=', 'hold.reference'),
    )
    .where(isActiveHold)
    .select([
      'hold.reference',
      'authorization.payee_name as payeeName',
      'account.label as accountLabel',
      sql<number>`cast(${remainderOfHold} as bigint)`.as('minor'),
      'account.currency',
      'hold.expires_at_ms as expiresAtMs',
    ])
    .orderBy('hold.expires_at_ms', 'desc')
    .limit(count)
    .execute()
}

/** How many decisions one hour saw. */
export type HourReport = {
  /** Whole hours since the Unix epoch. */
  readonly hour: number
  readonly approved: number
  readonly declined: number
}

export function decisionsByHour(reader: BankReader, fromMs: number): Promise<HourReport[]> {
  const hour = sql<number>`decided_at_ms / 3600000`
  return reader
    .selectFrom('authorization')
    .select([
      hour.as('hour'),
      sql<number>`cast(count(approval_code) as bigint)`.as('approved'),
      sql<number>`cast(count(reason) as bigint)`.as('declined'),
    ])
    .where('decided_at_ms', '>=', fromMs)
    .groupBy(hour)
    .execute()
}
