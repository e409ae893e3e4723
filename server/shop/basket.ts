import { type Money, money } from '../../shared/money.ts'
import type { Line } from '../../shared/sdk/index.ts'
import { type Drink, drinks, quantityMax } from './drinks.ts'
import type { Language } from './words.ts'

/** What somebody would like, in the order of the menu. It is carried along in the page's address: no cookie, no account. */
export type Basket = readonly { readonly drink: Drink; readonly quantity: number }[]

/**
 * Reads `espresso=2&matcha=1`; with `drink=espresso&quantity=1`, as the menu sends it, so many are added.
 * @returns null where it asks for something that is not on the menu, or for no possible number of it
 */
export function readBasket(fields: URLSearchParams): Basket | null {
  const added = fields.get('drink')
  if (added !== null && !drinks.some(({ id }) => id === added)) return null
  const wanted = drinks.map((drink) => {
    const before = countOf(fields.get(drink.id) ?? '0', 0)
    const more = drink.id === added ? countOf(fields.get('quantity') ?? '1', 1) : 0
    return { drink, quantity: Math.min(before + more, quantityMax) }
  })
  if (wanted.some(({ quantity }) => Number.isNaN(quantity))) return null
  return wanted.filter(({ quantity }) => quantity > 0)
}

/** Not a number where it is not a whole one from the least to `quantityMax`. */
function countOf(text: string, least: number): number {
  const count = Number(text)
  return Number.isInteger(count) && count >= least && count <= quantityMax ? count : Number.NaN
}

/** Such as `espresso=2&matcha=1`: what an address carries, and an order keeps. */
export const basketText = (basket: Basket): string =>
  new URLSearchParams(Object.fromEntries(basket.map(({ drink, quantity }) => [drink.id, `${quantity}`]))).toString()

/** The same basket with so many of one drink. */
export const withQuantity = (basket: Basket, drink: Drink, quantity: number): Basket =>
  basket.map((item) => (item.drink === drink ? { drink, quantity } : item)).filter((item) => item.quantity > 0)

/** @param basket not an empty one. Prices are those of the menu, and all of them in one currency. */
export const totalOf = (basket: Basket): Money =>
  money(
    basket.reduce((sum, { drink, quantity }) => sum + drink.price.minor * quantity, 0),
    'EUR',
  )

export const linesOf = (basket: Basket, language: Language): Line[] =>
  basket.map(({ drink, quantity }) => ({
    description: drink.names[language],
    quantity,
    unitAmountMinor: drink.price.minor,
  }))
