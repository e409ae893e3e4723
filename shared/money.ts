import type { Brand } from './brand.ts'
import { type Currency, isCurrency } from './money-text.ts'
import { Problem } from './problem.ts'

export { type Currency, currencies, decimalsOf, decimalText, formatMoney } from './money-text.ts'

/** `minor` counts the smallest unit of the currency (ISO 4217): 1250 is €12.50 in EUR and ¥1250 in JPY. */
export type Money = Brand<{ readonly minor: number; readonly currency: Currency }, 'Money'>

/** @throws {Problem} `amount-malformed` */
export function money(minor: number, currency: Currency): Money {
  if (!Number.isSafeInteger(minor) || minor <= 0) throw new Problem('amount-malformed')
  return { minor, currency } as Money
}

/** @throws {Problem} `currency-unknown` */
export function parseCurrency(text: string): Currency {
  if (!isCurrency(text)) throw new Problem('currency-unknown')
  return text
}
