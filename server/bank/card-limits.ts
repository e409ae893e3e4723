import type { DeclineReason } from '../../shared/decline.ts'
import type { Money } from '../../shared/money.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'

/** How long a raise waits: time to notice it, for somebody who did not ask for it. */
export const raiseWaitsMs = 24 * 60 * 60_000

/** Limits as they were asked for, and when. */
export type LimitRequest = { readonly limits: CardLimits; readonly setAtMs: number }

/**
 * What limits hold at a moment. Each request lowers at once, and raises when it is a day old and no later one has come.
 * @param initial what the card was added with, or null for no limit
 * @param requests in the order in which they were made
 */
export function limitsAt(
  initial: CardLimits | null,
  requests: readonly LimitRequest[],
  nowMs: number,
): CardLimits | null {
  let current = initial
  for (const [index, { limits, setAtMs }] of requests.entries()) {
    const replacedAtMs = requests[index + 1]?.setAtMs ?? nowMs
    const isFull = Math.min(replacedAtMs, nowMs) - setAtMs >= raiseWaitsMs
    current = isFull || current === null ? limits : lower(current, limits)
  }
  return current
}

/** Between currencies nothing can be compared: then the old limits hold until the day is over. */
function lower(current: CardLimits, asked: CardLimits): CardLimits {
  if (current.currency !== asked.currency) return current
  return {
    currency: current.currency,
    perPaymentMinor: lowerOf(current.perPaymentMinor, asked.perPaymentMinor),
    perDayMinor: lowerOf(current.perDayMinor, asked.perDayMinor),
    perMonthMinor: lowerOf(current.perMonthMinor, asked.perMonthMinor),
  }
}

const lowerOf = (left: number | null, right: number | null): number | null =>
  left === null ? right : right === null ? left : Math.min(left, right)

/** What was spoken for since the day and the month began, UTC. Minor units. */
export type Spent = { readonly dayMinor: number; readonly monthMinor: number }

export const nothingSpent: Spent = { dayMinor: 0, monthMinor: 0 }

export function limitRefusal(limits: CardLimits | null, amount: Money, spent: Spent): DeclineReason | null {
  if (limits === null) return null
  // A limit says nothing about another currency, and what it does not allow it forbids.
  if (limits.currency !== amount.currency) return 'limit-exceeded'
  const isWithin = (limitMinor: number | null, minor: number) => limitMinor === null || minor <= limitMinor
  const fits =
    isWithin(limits.perPaymentMinor, amount.minor) &&
    isWithin(limits.perDayMinor, spent.dayMinor + amount.minor) &&
    isWithin(limits.perMonthMinor, spent.monthMinor + amount.minor)
  return fits ? null : 'limit-exceeded'
}

export function startsOf(nowMs: number): { readonly dayMs: number; readonly monthMs: number } {
  const now = new Date(nowMs)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return { dayMs: Date.UTC(year, month, now.getUTCDate()), monthMs: Date.UTC(year, month, 1) }
}
