import type BetterSqlite3 from 'better-sqlite3'
import { z } from 'zod'

/** A bug put in on purpose, to see whether the simulation finds it. None of them touches the code under test. */
export type Plant = {
  /** Rewrites what a room asks of a database. */
  readonly sql?: (file: string, sql: string) => string
  /** Changes the bank's books behind its back, after each of its commits. */
  readonly meddle?: (bank: BetterSqlite3.Database) => void
}

export const nothingPlanted: Plant = {}

/** A payment moves wherever it was before: two decisions at once both count. */
const noCompareAndSet = (): Plant => ({
  sql: (_file, sql) =>
    sql.startsWith('update "payment" set')
      ? sql.replace(/ where .*/s, (condition) =>
          condition.replaceAll(/"(state|moves|tries)" = \+\?/g, '+? is not null'),
        )
      : sql,
})

/** Nobody finds out what became of a payment whose answer is missing. */
const noWorker = (): Plant => ({ sql: (_file, sql) => sql.replace('"next_inquiry_at_ms" <= +?', '+? is null') })

/** Every seventh commit of the payment server is confirmed, and lost. */
const forgetfulDisk = (): Plant => {
  let commits = 0
  return {
    sql(file, sql) {
      if (file !== 'payment.db' || sql !== 'commit') return sql
      commits += 1
      return commits % 7 === 0 ? 'rollback' : sql
    },
  }
}

/** What is set aside for one payment can be spent on the next. */
const noReservation = (): Plant => ({
  sql: (file, sql) =>
    file === 'bank.db' && sql.includes('"credit_line_minor"')
      ? sql.replaceAll('not exists (select 1 from hold_release', '0 = 1 and not exists (select 1 from hold_release')
      : sql,
})

/** Neither room adds up what was spent before. */
const noMemoryOfSpending = (): Plant => ({
  sql: (_file, sql) =>
    sql.includes('"day_minor"') ? sql.replaceAll('cast(coalesce(sum(', 'cast(0 * coalesce(sum(') : sql,
})

/** Once, a capture is booked a second time. */
const secondBooking = (): Plant =>
  once((bank) => {
    const booking = firstRow(bank, `select * from booking where kind = 'capture'`)
    if (booking === null) return false
    const again = 'booking_again'
    const postings = bank.prepare('select * from posting where booking = ?').all(booking.id)
    insert(bank, 'booking', { ...booking, id: again })
    for (const posting of postings) insert(bank, 'posting', { ...rowSchema.parse(posting), booking: again })
    return true
  })

/** Half of a booking is lost. */
const lostPosting = (): Plant =>
  once((bank) => {
    const posting = firstRow(
      bank,
      `select posting.* from posting join booking on booking.id = booking where kind = 'capture'`,
    )
    if (posting === null) return false
    insert(bank, 'booking', { ...firstRow(bank, 'select * from booking'), id: 'booking_half' })
    insert(bank, 'posting', { ...posting, booking: 'booking_half' })
    return true
  })

/** Money is authorized that no passkey signed for. */
const unsignedApproval = (): Plant =>
  once((bank) => {
    const approved = firstRow(bank, 'select * from "authorization" where approval_code is not null')
    if (approved === null) return false
    insert(bank, '"authorization"', { ...approved, reference: `${String(approved.payment)}.9`, amount_minor: 1 })
    return true
  })

export const plants = {
  noCompareAndSet,
  noWorker,
  forgetfulDisk,
  noReservation,
  noMemoryOfSpending,
  secondBooking,
  lostPosting,
  unsignedApproval,
} as const satisfies Record<string, () => Plant>

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
type Row = z.output<typeof rowSchema>

/** @param change tells whether it found something to change */
function once(change: (bank: BetterSqlite3.Database) => boolean): Plant {
  let isDone = false
  return {
    meddle(bank) {
      if (!isDone) isDone = change(bank)
    },
  }
}

function firstRow(bank: BetterSqlite3.Database, sql: string): Row | null {
  const row = bank.prepare(`${sql} limit 1`).get()
  return row === undefined ? null : rowSchema.parse(row)
}

function insert(bank: BetterSqlite3.Database, table: string, row: Row): void {
  const columns = Object.keys(row)
  const places = columns.map(() => '?').join(', ')
  bank
    .prepare(`insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) values (${places})`)
    .run(Object.values(row))
}
