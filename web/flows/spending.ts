import type { Currency } from '../../shared/money.ts'
import type { ActivityEntry, Spending } from '../../shared/wire/payment-api.ts'

/** What was spent in one month and one currency, day by day, by the clock and calendar of this device. */
export type MonthOfSpending = {
  readonly currency: Currency
  readonly totalMinor: number
  readonly payments: number
  /** Minor units, from the first of the month to the last. */
  readonly days: readonly number[]
}

export function startOfMonthMs(nowMs: number): number {
  const now = new Date(nowMs)
  return new Date(now.getFullYear(), now.getMonth(), 1).getTime()
}

/** The month of `nowMs`: a row a currency, the one used most often first. */
export function monthOfSpending(spent: Spending['spent'], nowMs: number): MonthOfSpending[] {
  const now = new Date(nowMs)
  const daysInMonth = new Date(now.getFullYear(), now.getMonth() + 1, 0).getDate()
  const months = new Map<Currency, { totalMinor: number; payments: number; days: number[] }>()
  for (const { amount, atMs } of spent) {
    if (startOfMonthMs(atMs) !== startOfMonthMs(nowMs)) continue
    const month = months.get(amount.currency) ?? {
      totalMinor: 0,
      payments: 0,
      days: Array.from({ length: daysInMonth }, () => 0),
    }
    const day = new Date(atMs).getDate() - 1
    month.totalMinor += amount.minor
    month.payments += 1
    month.days[day] = (month.days[day] ?? 0) + amount.minor
    months.set(amount.currency, month)
  }
  return Array.from(months, ([currency, month]) => ({ currency, ...month })).toSorted(
    (left, right) => right.payments - left.payments,
  )
}

/** Newest first, as they came; days by the calendar of this device. */
export function byDay<Entry extends { readonly atMs: number }>(
  entries: readonly Entry[],
): { readonly startsAtMs: number; readonly entries: readonly Entry[] }[] {
  const days = Map.groupBy(entries, ({ atMs }) => new Date(atMs).setHours(0, 0, 0, 0))
  return Array.from(days, ([startsAtMs, ofDay]) => ({ startsAtMs, entries: ofDay }))
}

/** Whether money went, or may still go. */
export const isCostly = ({ state, amount, refundedMinor }: ActivityEntry): boolean =>
  !['declined', 'expired', 'canceled', 'voided', 'created'].includes(state) && refundedMinor < amount.minor

/** Whether the bank has said yes: then there is a proof of it. */
export const isProvable = ({ state }: ActivityEntry): boolean => ['authorized', 'captured', 'refunded'].includes(state)
