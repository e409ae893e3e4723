import type BetterSqlite3 from 'better-sqlite3'
import { z } from 'zod'
import { failuresMax, paymentStates } from '../../shared/payment.ts'
import type { Connection, Storage } from './storage.ts'

const minor = z.int()
const paymentSchema = z.object({
  id: z.string(),
  origin: z.string(),
  amount_minor: minor,
  currency: z.string(),
  captured_minor: minor,
  refunded_minor: minor,
  /** Asked of the bank, and not answered. */
  capturing_minor: minor,
  refunding_minor: minor,
  is_releasing: z.int(),
  capture: z.enum(['automatic', 'manual']),
  state: z.enum(paymentStates),
  failures: z.int(),
  moves: z.int(),
})
const transitionSchema = z.object({
  payment_id: z.string(),
  number: z.int(),
  state: z.enum(paymentStates),
  cause: z.string(),
})
const approvalSchema = z.object({
  reference: z.string(),
  payment: z.string(),
  card: z.string(),
  payer: z.string(),
  payee: z.string(),
  amount_minor: minor,
  currency: z.string(),
  nonce: z.string().nullable(),
  is_reversed: z.union([z.literal(0), z.literal(1)]),
  /** Whether the account it is taken from is the one behind the card. */
  is_own_account: z.union([z.literal(0), z.literal(1)]),
  held_minor: minor,
})
const bookingSchema = z.object({
  payment: z.string(),
  kind: z.string(),
  /** What the payee got by it; below zero where it was given back. */
  payee_minor: minor,
})
const spentSchema = z.object({ card: z.string(), day: z.string(), spoken_for_minor: minor })
const overdrawnSchema = z.object({ label: z.string(), available_minor: minor })
const unevenSchema = z.object({ booking: z.string() })

export type PaymentRow = z.output<typeof paymentSchema>
export type TransitionRow = z.output<typeof transitionSchema>
export type Approval = z.output<typeof approvalSchema>
export type Spent = z.output<typeof spentSchema>
export type BookingRow = z.output<typeof bookingSchema>

/** What is set aside and neither captured nor released. */
const heldMinor = `hold.amount_minor - coalesce((select sum(amount_minor) from capture
    where capture.payment_server = hold.payment_server and capture.reference = hold.reference), 0)`
const isStanding = `not exists (select 1 from hold_release
    where hold_release.payment_server = hold.payment_server and hold_release.reference = hold.reference)`
const heldWhere = (condition: string) =>
  `coalesce((select sum(${heldMinor}) from hold where ${condition} and ${isStanding}), 0)`

/** Both sides' books. Each question is asked anew. */
export type Books = {
  readonly bankDatabase: BetterSqlite3.Database
  payments(): PaymentRow[]
  transitions(): TransitionRow[]
  approvals(): Approval[]
  bookings(): BookingRow[]
  /** What was approved with each card on each day, UTC `2026-11-23`, and neither undone nor let go. */
  spent(): Spent[]
  /** Cardholders' accounts from which more was taken or promised than they have. */
  overdrawn(): z.output<typeof overdrawnSchema>[]
  uneven(): z.output<typeof unevenSchema>[]
  close(): void
}

/** Opens them behind the rooms' backs: by plain SQL of our own, so that a mistake in theirs is not ours too. */
export function openBooks(storage: Storage): Books {
  const payment = storage.connect('payment.db')
  const bank = storage.connect('bank.db')
  const question = <S extends z.ZodType>(database: Connection, schema: S, sql: string) => {
    const statement = database.prepare(sql)
    return (): z.output<S>[] => statement.all().map((row) => schema.parse(row))
  }
  return {
    bankDatabase: bank.sqlite,
    payments: question(
      payment,
      paymentSchema,
      `select payment.*, merchant.origin from payment join merchant on merchant.id = payment.merchant_id`,
    ),
    transitions: question(
      payment,
      transitionSchema,
      'select payment_id, number, state, cause from payment_transition order by payment_id, number',
    ),
    approvals: question(
      bank,
      approvalSchema,
      `select a.reference, a.payment, a.card, a.payer, a.payee, a.amount_minor, a.currency, n.nonce,
        exists (select 1 from reversal r where r.payment_server = a.payment_server and r.reference = a.reference) as is_reversed,
        exists (select 1 from enrolment e join account on account.holder = e.holder
          where e.payment_server = a.payment_server and e.card = a.card and account.id = a.account) as is_own_account,
        ${heldWhere('hold.payment_server = a.payment_server and hold.reference = a.reference')} as held_minor
      from "authorization" a
      left join consumed_nonce n on n.payment_server = a.payment_server and n.reference = a.reference
      where a.approval_code is not null`,
    ),
    bookings: question(
      bank,
      bookingSchema,
      `select booking.payment, booking.kind, sum(posting.amount_minor) as payee_minor from booking
        join posting on posting.booking = booking.id join account on account.id = posting.account
        where booking.payment is not null and account.kind = 'payee' group by booking.id`,
    ),
    spent: question(
      bank,
      spentSchema,
      `select card, strftime('%Y-%m-%d', a.decided_at_ms / 1000, 'unixepoch') as day, sum(case
          when exists (select 1 from hold_release h where h.payment_server = a.payment_server and h.reference = a.reference)
          then coalesce((select sum(c.amount_minor) from capture c
            where c.payment_server = a.payment_server and c.reference = a.reference), 0)
          else a.amount_minor end) as spoken_for_minor
        from "authorization" a
        where a.approval_code is not null and not exists (select 1 from reversal r
          where r.payment_server = a.payment_server and r.reference = a.reference)
        group by card, day`,
    ),
    overdrawn: question(
      bank,
      overdrawnSchema,
      `select label, available_minor from (select account.label, account.credit_line_minor
          + coalesce((select sum(amount_minor) from posting where posting.account = account.id), 0)
          - ${heldWhere('hold.account = account.id')}
          as available_minor
        from account where kind in ('debit', 'credit')) where available_minor < 0`,
    ),
    uneven: question(
      bank,
      unevenSchema,
      'select booking from posting group by booking, currency having sum(amount_minor) <> 0',
    ),
    close() {
      payment.close()
      bank.close()
    },
  }
}

/** Whether nothing more will happen to it, unless somebody asks for it. */
export const isOver = (payment: PaymentRow): boolean => isDecided(payment) && !isPending(payment)

const isDecided = ({ state, failures }: PaymentRow): boolean =>
  state === 'declined' ? failures >= failuresMax : !['created', 'approving', 'unknown'].includes(state)

const isPending = ({ capturing_minor, refunding_minor, is_releasing }: PaymentRow): boolean =>
  capturing_minor !== 0 || refunding_minor !== 0 || is_releasing !== 0
