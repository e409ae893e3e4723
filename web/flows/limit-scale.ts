/** Where amounts are on a slider: sensible amounts lie evenly, so that ten and ten thousand are both within reach. */
import type { Currency } from '../../shared/money-text.ts'
import { roundEuroMinor } from '../../shared/round-euro.ts'

const steps = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000,
]

/**
 * The amounts of a slider, from the least on. Behind the last one is no limit.
 * @param own the amount that is set, which has its place whatever it is. Minor units.
 */
export function amountsOn(currency: Currency, own: number | null): readonly number[] {
  const unitMinor = roundEuroMinor(currency)
  const amounts = steps.map((step) => step * unitMinor)
  return own === null || amounts.includes(own) ? amounts : [...amounts, own].sort((left, right) => left - right)
}

/** From 0 to 1, where an amount is between the ends of a slider, no limit being at 1. */
export function placeOf(minor: number, amounts: readonly number[]): number {
  const next = amounts.findIndex((amount) => amount >= minor)
  if (minor <= 0) return 0
  if (next < 0) return 1
  const below = amounts[next - 1] ?? 0
  const within = (minor - below) / ((amounts[next] ?? minor) - below)
  return Math.max(0, next - 1 + within) / amounts.length
}
