/** How money is written. Apart from `money.ts`, so that a page that only shows money does not load every problem. */

/** How many decimals a currency's minor unit stands for (ISO 4217, list one). */
const decimalsByCurrency = {
  AED: 2,
  AUD: 2,
  BHD: 3,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CLP: 0,
  CNY: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  HUF: 2,
  IDR: 2,
  ILS: 2,
  INR: 2,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MXN: 2,
  MYR: 2,
  NOK: 2,
  NZD: 2,
  OMR: 3,
  PLN: 2,
  SAR: 2,
  SEK: 2,
  SGD: 2,
  THB: 2,
  TND: 3,
  TRY: 2,
  TWD: 2,
  USD: 2,
  VND: 0,
  ZAR: 2,
} as const

export type Currency = keyof typeof decimalsByCurrency
export const currencies = Object.keys(decimalsByCurrency) as [Currency, ...Currency[]]

export const isCurrency = (text: string): text is Currency => Object.hasOwn(decimalsByCurrency, text)

export const decimalsOf = (currency: Currency): number => decimalsByCurrency[currency]

/**
 * The amount as SPC and people write it: `12.50` for 1250 minor units of EUR, `1250` for JPY.
 * By text, so that no fraction is ever a binary one.
 */
export function decimalText(amount: { minor: number; currency: Currency }): string {
  const decimals = decimalsOf(amount.currency)
  if (decimals === 0) return String(amount.minor)
  const sign = amount.minor < 0 ? '-' : ''
  const digits = String(Math.abs(amount.minor)).padStart(decimals + 1, '0')
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** @param locale BCP 47; money is written by the reader's customs, not the payee's */
export function formatMoney(amount: { minor: number; currency: Currency }, locale: string): string {
  // All the decimals that are signed: CLDR leaves out the small change of some currencies, and what is shown would not be what is paid.
  const decimals = decimalsOf(amount.currency)
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: amount.currency, ...digits })
  // Intl takes a decimal string without going through a binary fraction (ECMA-402 §16.5.16).
  return format.format(decimalText(amount) as Intl.StringNumericLiteral)
}
