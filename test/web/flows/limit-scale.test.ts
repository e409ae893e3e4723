import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencies, decimalsOf } from '../../../shared/money-text.ts'
import { amountIn } from '../../../web/flows/amount-in.ts'
import { amountsOn, placeOf } from '../../../web/flows/limit-scale.ts'
import { textOfAmount } from '../../../web/flows/limits-flow.ts'

describe('the scale of a limit', () => {
  const currency = fc.constantFrom(...currencies)
  const minor = fc.integer({ min: 1, max: 2_000_000_000 })

  it('has a place for the amount that is set, whatever it is, and rises', () => {
    fc.assert(
      fc.property(currency, minor, (money, own) => {
        const amounts = amountsOn(money, own)
        expect(amounts).toContain(own)
        expect(amounts.every((amount, index) => index === 0 || amount > (amounts[index - 1] ?? 0))).toBe(true)
      }),
    )
  })

  it('has what was spent further along the more it is, from one end to the other', () => {
    fc.assert(
      fc.property(currency, minor, minor, (money, left, right) => {
        const amounts = amountsOn(money, null)
        const [less, more] = [placeOf(Math.min(left, right), amounts), placeOf(Math.max(left, right), amounts)]
        expect(less).toBeLessThanOrEqual(more)
        expect(less).toBeGreaterThanOrEqual(0)
        expect(more).toBeLessThanOrEqual(1)
      }),
    )
    expect(placeOf(0, amountsOn('EUR', null))).toBe(0)
  })

  it('has what was spent where the slider is that is set to as much', () => {
    const amounts = amountsOn('EUR', null)
    for (const [index, amount] of amounts.entries()) expect(placeOf(amount, amounts)).toBe(index / amounts.length)
  })

  it('writes every amount so that it is read as the same', () => {
    fc.assert(
      fc.property(currency, minor, (money, own) => {
        const isShort = own / 10 ** decimalsOf(money) < 1e9
        if (isShort) expect(amountIn(textOfAmount(own, money), money)).toBe(own)
      }),
    )
  })

  it.each(['0', '-1', '1,234', '1e3', '12.5.', 'ten'])('reads no amount of euros in %s', (text) => {
    expect(amountIn(text, 'EUR')).toBe('malformed')
  })
})
