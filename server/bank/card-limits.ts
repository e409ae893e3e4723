import type { DeclineReason } from '../../shared/decline.ts'
import type { Money } from '../../shared/money.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'

/** How long a raise waits: time to notice it, for somebody who did not ask for it. */
export const raiseWaitsMs = 24 * 60 * 60_000

/** Limits as they were asked for, and when; null asks for none. */
export type LimitRequest = { readonly limits: CardLimits | null; readonly setAtMs: number }

/** All that was said about the limits of one card, but for what is written in its record. */
export type LimitHistory = {
  /** What it began under, and when; null where it began under nothing. */
  readonly began: { readonly limits: CardLimits; readonly setAtMs: number } | null
  /** In the order in which they were made. */
  readonly requests: readonly LimitRequest[]
}

/**
 * What limits a card is under. They are its own: each protects the card id that its payer signed it for. But nobody is rid of a limit by
 * adding the number again. A card begins under the lowest limits that its payer's other cards of the same number are under, taken off
 * or not; what it is added with counts as a request of that moment, which lowers at once and raises a day later. And what was spent is
 * added up over all of them. Another payer who has the same number is bound by what they signed themselves: otherwise whoever learns a
 * number could stop everybody else's payments with it by a limit of one cent.
 * @param own what the card was added with, or null for no limit
 */
export function limitsOf(own: CardLimits | null, { began, requests }: LimitHistory, nowMs: number): CardLimits | null {
  if (began === null) return limitsAt(own, requests, nowMs)
  return limitsAt(began.limits, [{ limits: own, setAtMs: began.setAtMs }, ...requests], nowMs)
}

/** What a card begins under: the lowest of what the other cards are under, the oldest first, and of what it is added with. */
export const limitsToBegin = (
  own: CardLimits | null,
  others: readonly LimitHistory[],
  nowMs: number,
): CardLimits | null =>
  [...others.map(({ began, requests }) => limitsAt(began?.limits ?? null, requests, nowMs)), own].reduce(
    (lowest, limits) => (lowest === null ? limits : lower(lowest, limits)),
    null,
  )

/**
 * What limits hold at a moment. Each request lowers at once, and raises when it is a day old and no later one has come.
 * @param initial what held before all of them, or null for no limit
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
function lower(current: CardLimits, asked: CardLimits | null): CardLimits {
  if (asked === null || current.currency !== asked.currency) return current
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
