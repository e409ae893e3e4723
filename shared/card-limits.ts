/** What limits say, for whoever holds a card to them: the bank, the payment server, and the page that shows what is left. */
import type { Money } from './money.ts'
import type { CardLimits } from './wire/intent-schema.ts'

/** How long a raise waits: time to notice it, for somebody who did not ask for it. */
export const raiseWaitsMs = 24 * 60 * 60_000

/** What was spoken for since the day and the month began, UTC. Minor units. */
export type Spent = { readonly dayMinor: number; readonly monthMinor: number }

export const nothingSpent: Spent = { dayMinor: 0, monthMinor: 0 }

/** When the day and the month began, UTC: a card has one day, wherever its payer is. */
export function startsOf(nowMs: number): { readonly dayMs: number; readonly monthMs: number } {
  const now = new Date(nowMs)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return { dayMs: Date.UTC(year, month, now.getUTCDate()), monthMs: Date.UTC(year, month, 1) }
}

/** Limits that limit nothing are none: they forbid no other currency either. */
export const someLimits = (limits: CardLimits | null): CardLimits | null =>
  limits?.perPaymentMinor === null && limits.perDayMinor === null && limits.perMonthMinor === null ? null : limits

/** Of two limits the lower, part by part. Between currencies nothing can be compared: then the ones of now hold on. */
export function lowerLimits(current: CardLimits | null, asked: CardLimits | null): CardLimits | null {
  if (current === null || asked === null) return current ?? asked
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

export const areSameLimits = (left: CardLimits | null, right: CardLimits | null): boolean => {
  if (left === null || right === null) return left === right
  return (
    left.currency === right.currency &&
    left.perPaymentMinor === right.perPaymentMinor &&
    left.perDayMinor === right.perDayMinor &&
    left.perMonthMinor === right.perMonthMinor
  )
}

/** Whether what is asked for would let through more than what holds now, in any part. */
export const isRaise = (current: CardLimits | null, asked: CardLimits | null): boolean =>
  !areSameLimits(lowerLimits(current, someLimits(asked)), someLimits(asked))

/** How limits stand: those that hold, and those that were asked for and do not hold yet. */
export type StandingLimits = {
  readonly limits: CardLimits | null
  readonly pending: { readonly limits: CardLimits | null; readonly fullFromMs: number } | null
}

/** What limits hold at a moment, by what was known of them before. */
export const limitsInForce = ({ limits, pending }: StandingLimits, nowMs: number): CardLimits | null =>
  pending !== null && pending.fullFromMs <= nowMs ? pending.limits : limits

/** Whether a payment stays within the limits, together with what was spent before. */
export function isWithinLimits(limits: CardLimits | null, amount: Money, spent: Spent): boolean {
  if (limits === null) return true
  // A limit says nothing about another currency, and what it does not allow it forbids.
  if (limits.currency !== amount.currency) return false
  const isWithin = (limitMinor: number | null, minor: number) => limitMinor === null || minor <= limitMinor
  return (
    isWithin(limits.perPaymentMinor, amount.minor) &&
    isWithin(limits.perDayMinor, spent.dayMinor + amount.minor) &&
    isWithin(limits.perMonthMinor, spent.monthMinor + amount.minor)
  )
}

/** A part of limits. */
export type LimitKind = 'payment' | 'day' | 'month'
/** What a card may still pay, and which of its limits says so. */
export type Remaining = { readonly minor: number; readonly by: LimitKind }

/** The least of what the limits leave; null where nothing limits. */
export function remainingOf(limits: CardLimits | null, spent: Spent): Remaining | null {
  if (limits === null) return null
  const left = (by: LimitKind, limitMinor: number | null, spentMinor: number): Remaining[] =>
    limitMinor === null ? [] : [{ by, minor: Math.max(0, limitMinor - spentMinor) }]
  return [
    ...left('payment', limits.perPaymentMinor, 0),
    ...left('day', limits.perDayMinor, spent.dayMinor),
    ...left('month', limits.perMonthMinor, spent.monthMinor),
  ].reduce<Remaining | null>((least, one) => (least === null || one.minor < least.minor ? one : least), null)
}
