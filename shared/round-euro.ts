import { type Currency, decimalsOf } from './money-text.ts'

/** How many major units are worth about as much as one euro, in round numbers, where they are far from one. */
const roundEuro: Partial<Record<Currency, number>> = {
  JPY: 100,
  KRW: 1_000,
  VND: 10_000,
  IDR: 10_000,
  CLP: 1_000,
  HUF: 100,
  INR: 100,
  TWD: 10,
  THB: 10,
  CZK: 10,
  ZAR: 10,
  TRY: 10,
  MXN: 10,
}

/** About one euro, in minor units of a currency. */
export const roundEuroMinor = (currency: Currency): number => (roundEuro[currency] ?? 1) * 10 ** decimalsOf(currency)
