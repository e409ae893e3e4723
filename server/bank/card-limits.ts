import { areSameLimits, lowerLimits, raiseWaitsMs, someLimits } from '../../shared/card-limits.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'

/** Limits as they were asked for, and when; null asks for none. */
export type LimitRequest = {
  readonly limits: CardLimits | null
  readonly setAtMs: number
  /** When a second passkey had signed the same; null where none has. */
  readonly secondedAtMs: number | null
  /** False where the bank heard of it too late to let it raise anything: then it only lowers. */
  readonly mayRaise: boolean
}

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
export function limitsOf(own: CardLimits | null, history: LimitHistory, nowMs: number): CardLimits | null {
  const { initial, requests } = saidOf(own, history)
  return limitsAt(initial, requests, nowMs)
}

function saidOf(own: CardLimits | null, { began, requests }: LimitHistory) {
  if (began === null) return { initial: own, requests }
  const first = { limits: own, setAtMs: began.setAtMs, secondedAtMs: null, mayRaise: true }
  return { initial: began.limits, requests: [first, ...requests] }
}

/** What was asked for last and does not hold in every part yet, and from when on it will. Null where there is nothing to wait for. */
export function pendingOf(own: CardLimits | null, history: LimitHistory, nowMs: number) {
  const last = saidOf(own, history).requests.at(-1)
  if (last === undefined || !last.mayRaise || fullFromMs(last) <= nowMs) return null
  const limits = someLimits(last.limits)
  return areSameLimits(limits, limitsOf(own, history, nowMs)) ? null : { limits, fullFromMs: fullFromMs(last) }
}

/** What a card begins under: the lowest of what the other cards are under, the oldest first, and of what it is added with. */
export const limitsToBegin = (
  own: CardLimits | null,
  others: readonly LimitHistory[],
  nowMs: number,
): CardLimits | null =>
  [...others.map(({ began, requests }) => limitsAt(began?.limits ?? null, requests, nowMs)), own].reduce(
    lowerLimits,
    null,
  )

/**
 * What limits hold at a moment. Each request lowers at once. It raises when it is a day old and no later one has come, or when a second
 * passkey has signed it.
 * @param initial what held before all of them, or null for no limit
 * @param requests in the order in which they were made
 */
export function limitsAt(
  initial: CardLimits | null,
  requests: readonly LimitRequest[],
  nowMs: number,
): CardLimits | null {
  let current = initial
  for (const [index, request] of requests.entries()) {
    const untilMs = Math.min(requests[index + 1]?.setAtMs ?? nowMs, nowMs)
    const asked = someLimits(request.limits)
    current = request.mayRaise && fullFromMs(request) <= untilMs ? asked : lowerLimits(current, asked)
  }
  return current
}

const fullFromMs = ({ setAtMs, secondedAtMs }: LimitRequest): number => secondedAtMs ?? setAtMs + raiseWaitsMs
