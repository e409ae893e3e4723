const firstPauseMs = 2_000
const longestPauseMs = 5 * 60_000

/** Longer than any answer of the bank is waited for: who holds a question for so long was killed. */
export const leaseMs = 30_000

/** How long a silent bank is left alone: ever longer. @param earlierAskings of the same question, before the one that got no answer */
export const pauseMsAfter = (earlierAskings: number): number =>
  Math.min(firstPauseMs * 2 ** earlierAskings, longestPauseMs)
