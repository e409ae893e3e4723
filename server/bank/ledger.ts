import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { base64url } from '../../shared/bytes.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import type { Engine } from '../runtime/database.ts'
import type { RandomBytes } from '../runtime/room.ts'
import type { AccountKind, AccountRow, BankTables, BookingKind } from './schema.ts'

export type BankTransaction = Transaction<BankTables>
export type BankReader = Kysely<BankTables>

/** An amount as a ledger writes it: `minor` may be below zero. */
type Posting = { readonly account: string; readonly currency: Currency; readonly minor: number }
type Booking = {
  readonly kind: BookingKind
  /** Whose payment it is about; an opening balance is about none. */
  readonly about: { readonly paymentServer: string; readonly payment: PaymentId; readonly reference: string } | null
  readonly bookedAtMs: number
  readonly postings: readonly Posting[]
}

/** What an account holds, what of it is set aside, and what may still be spent. Minor units. */
export type Standing = { readonly balanceMinor: number; readonly heldMinor: number; readonly availableMinor: number }

/**
 * Writes a transaction of the ledger.
 * @returns its id
 * @throws {RangeError} where its postings do not sum to zero in each currency
 */
export async function book(transaction: BankTransaction, random: RandomBytes, booking: Booking): Promise<string> {
  for (const [currency, sum] of sumsOf(booking.postings)) {
    if (sum !== 0n) throw new RangeError(`a booking does not sum to zero in ${currency}`)
  }
  const id = `booking_${base64url(random(16))}`
  const { about, postings } = booking
  await transaction
    .insertInto('booking')
    .values({
      id,
      kind: booking.kind,
      payment_server: about?.paymentServer ?? null,
      payment: about?.payment ?? null,
      reference: about?.reference ?? null,
      booked_at_ms: booking.bookedAtMs,
    })
    .execute()
  const rows = postings.map(({ account, currency, minor }) => ({ booking: id, account, currency, amount_minor: minor }))
  await transaction.insertInto('posting').values(rows).execute()
  return id
}

/** Exact, whatever the amounts: a sum of safe integers need not be one. */
function sumsOf(postings: readonly Posting[]): Map<Currency, bigint> {
  const sums = new Map<Currency, bigint>()
  for (const { currency, minor } of postings) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(minor))
  return sums
}

/** Money moves from one account to the other. */
export const transfer = (from: string, to: string, amount: { minor: number; currency: Currency }): Posting[] => [
  { account: from, currency: amount.currency, minor: -amount.minor },
  { account: to, currency: amount.currency, minor: amount.minor },
]

type NewAccount = {
  readonly holder: string
  readonly kind: AccountKind
  readonly currency: Currency
  readonly creditLineMinor: number
  readonly label: string
}

/**
 * Opens an account, or finds the one that this holder has in this currency. Two that open it at once get the same.
 * @returns `isNew` only to the one that opened it
 */
export async function openAccount(
  transaction: BankTransaction,
  random: RandomBytes,
  nowMs: number,
  account: NewAccount,
): Promise<{ id: string; isNew: boolean }> {
  const known = await findAccount(transaction, account.holder, account.currency)
  if (known !== undefined) return { id: known.id, isNew: false }
  const id = `account_${base64url(random(16))}`
  const inserted = await transaction
    .insertInto('account')
    .values({
      id,
      holder: account.holder,
      kind: account.kind,
      currency: account.currency,
      credit_line_minor: account.creditLineMinor,
      label: account.label,
      opened_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.columns(['holder', 'currency']).doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 1n) return { id, isNew: true }
  const opened = await findAccount(transaction, account.holder, account.currency)
  if (opened === undefined) throw new Error('an account that was there is gone')
  return { id: opened.id, isNew: false }
}

export const findAccount = (reader: BankReader, holder: string, currency: Currency): Promise<AccountRow | undefined> =>
  reader
    .selectFrom('account')
    .selectAll()
    .where('holder', '=', holder)
    .where('currency', '=', currency)
    .executeTakeFirst()

/**
 * Holds everybody else off an account until the transaction ends, so that what it has is not spent twice. SQLite has one
 * writer anyway. Not as strong as `for update`, which would also hold off those who pay into it.
 */
export async function lockAccount(transaction: BankTransaction, engine: Engine, account: string): Promise<void> {
  if (engine === 'sqlite') return
  await transaction.selectFrom('account').select('id').where('id', '=', account).forNoKeyUpdate().execute()
}

/**
 * Adds up an account: `available = postings − active holds + credit line`.
 * @throws {RangeError} where there is no such account
 */
export async function standingOf(reader: BankReader, account: string): Promise<Standing> {
  const row = await reader
    .selectFrom('account')
    .where('account.id', '=', account)
    .select((eb) => [
      'account.credit_line_minor',
      eb
        .selectFrom('posting')
        .whereRef('posting.account', '=', 'account.id')
        .select(sumOf(sql.ref('posting.amount_minor')).as('sum'))
        .as('balance_minor'),
      eb
        .selectFrom('hold')
        .whereRef('hold.account', '=', 'account.id')
        .where(isActiveHold)
        .select(sumOf(remainderOfHold).as('sum'))
        .as('held_minor'),
    ])
    .executeTakeFirst()
  if (row === undefined) throw new RangeError('there is no such account')
  const balanceMinor = safe(row.balance_minor)
  const heldMinor = safe(row.held_minor)
  return { balanceMinor, heldMinor, availableMinor: balanceMinor - heldMinor + row.credit_line_minor }
}

/** PostgreSQL sums bigint into numeric, which would come out as text. */
const sumOf = (amount: RawBuilder<unknown>) => sql<number>`cast(coalesce(sum(${amount}), 0) as bigint)`

export const isActiveHold = sql<boolean>`not exists (select 1 from hold_release
  where hold_release.payment_server = hold.payment_server and hold_release.reference = hold.reference)`

/** What of a hold was not captured yet. */
export const remainderOfHold = sql<number>`hold.amount_minor - (select coalesce(sum(capture.amount_minor), 0) from capture
  where capture.payment_server = hold.payment_server and capture.reference = hold.reference)`

function safe(minor: number | null): number {
  if (minor === null || !Number.isSafeInteger(minor)) throw new RangeError('a sum left the safe integers')
  return minor
}

/** What an authorization still holds: a column for a query over authorizations. */
export const heldMinorOf = (paymentServer: RawBuilder<unknown>, reference: RawBuilder<unknown>) =>
  sql<number>`cast(coalesce((select ${remainderOfHold} from hold
    where hold.payment_server = ${paymentServer} and hold.reference = ${reference} and ${isActiveHold}), 0) as bigint)`

/**
 * What the postings of this kind have moved from a cardholder's account, or for refunds back to it: a column for a query over
 * authorizations. From the ledger and not from the list of captures and refunds, so that a posting which is missing or doubled shows.
 */
export const postedMinorOf = (kind: 'capture' | 'refund') => {
  const moved = sql`select coalesce(sum(posting.amount_minor), 0) from booking
    join posting on posting.booking = booking.id and posting.account = "authorization".account
    where booking.kind = ${kind} and booking.payment = "authorization".payment
    and booking.payment_server = "authorization".payment_server and booking.reference = "authorization".reference`
  return sql<number>`cast(${kind === 'capture' ? sql`-` : sql``}(${moved}) as bigint)`
}
