import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencies, decimalsOf, decimalText, formatMoney, money, parseCurrency } from '../../shared/money.ts'

const minorUnits = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const currency = fc.constantFrom(...currencies)

describe('an amount of money', () => {
  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('is not %d minor units', (minor) => {
    expect(() => money(minor, 'EUR')).toThrow(expect.objectContaining({ code: 'amount-malformed' }))
  })

  it('is any whole number of minor units that a double counts exactly', () => {
    expect(money(1, 'JPY')).toEqual({ minor: 1, currency: 'JPY' })
    expect(money(Number.MAX_SAFE_INTEGER, 'EUR').minor).toBe(9_007_199_254_740_991)
  })

  it.each(['eur', 'EURO', '', 'XXX', 'constructor', '__proto__'])('is not in %j', (text) => {
    expect(() => parseCurrency(text)).toThrow(expect.objectContaining({ code: 'currency-unknown' }))
  })

  it('is in any of the currencies we know', () => {
    expect(currencies.map(parseCurrency)).toEqual(currencies)
  })
})

describe('decimals', () => {
  it.each([
    ['EUR', 1250, '12.50'],
    ['EUR', 5, '0.05'],
    ['EUR', 100, '1.00'],
    ['JPY', 1250, '1250'],
    ['KWD', 1, '0.001'],
    ['KWD', 1250, '1.250'],
  ] as const)('in %s write %d minor units as %s', (code, minor, text) => {
    expect(decimalText({ minor, currency: code })).toBe(text)
  })

  it.each(currencies)('are those that ECMA-402 shows for %s, but for small change that CLDR leaves out', (code) => {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: code,
    }).resolvedOptions()
    const isLeftOut = ['IDR', 'TWD', 'HUF'].includes(code)
    expect(isLeftOut ? 2 : maximumFractionDigits).toBe(decimalsOf(code))
  })

  it.each([
    [-5, 'EUR', '-0.05'],
    [-1_20, 'EUR', '-1.20'],
    [-120, 'JPY', '-120'],
  ] as const)('can be less than nothing, as for a discount of %d %s', (minor, code, text) => {
    expect(decimalText({ minor, currency: code })).toBe(text)
  })

  it('lose nothing, however large the amount', () => {
    fc.assert(
      fc.property(minorUnits, currency, (minor, code) => {
        const text = decimalText({ minor, currency: code })
        expect(Number(text.replace('.', ''))).toBe(minor)
        expect(text.split('.')[1] ?? '').toHaveLength(decimalsOf(code))
      }),
    )
  })
})

describe('money for people', () => {
  it.each([
    ['en', 'EUR', 1250, '€12.50'],
    ['de', 'EUR', 123456789, '1.234.567,89\u00a0€'],
    ['ja', 'JPY', 1250, '￥1,250'],
    ['en', 'EUR', Number.MAX_SAFE_INTEGER, '€90,071,992,547,409.91'],
    ['en', 'KWD', 1_250, 'KWD\u00a01.250'],
    ['en', 'HUF', 199_950, 'HUF\u00a01,999.50'],
    ['en', 'IDR', 150, 'IDR\u00a01.50'],
  ] as const)('reads in %s as its readers write it: %s %d', (locale, code, minor, text) => {
    expect(formatMoney({ minor, currency: code }, locale)).toBe(text)
  })

  it('shows every digit that is signed, whatever the currency', () => {
    fc.assert(
      fc.property(minorUnits, currency, (minor, code) => {
        const shown = formatMoney({ minor, currency: code }, 'en').replaceAll(/[^0-9]/g, '')
        expect(Number(shown)).toBe(minor)
      }),
    )
  })
})
