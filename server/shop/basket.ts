import type { Line } from '../../shared/sdk/index.ts'
import type { Words } from './words.ts'

export type Drink = keyof Words['drinks']
export type Item = { readonly drink: Drink; readonly quantity: number }
/** What somebody would like, in the order of the menu. It is carried along in the page's address: no cookie, no account. */
export type Basket = readonly Item[]

/** The menu, in cents. The names are in `words.json`, the pictures in `style.css`. */
const prices: Readonly<Record<Drink, number>> = { espresso: 2_40, 'flat-white': 3_80, matcha: 4_50, brunch: 12_50 }
export const drinks = Object.keys(prices) as Drink[]
export const currency = 'EUR'
export const quantityMax = 9

/**
 * Reads `espresso=2&matcha=1`; with `drink=espresso&quantity=1`, as the menu sends it, so many are added.
 * @returns null where it asks for something that is not on the menu, or for no possible number of it
 */
export function readBasket(fields: URLSearchParams): Basket | null {
  const added = fields.get('drink')
  const basket = drinks.map((drink) => {
    const more = drink === added ? countOf(fields.get('quantity') ?? '1', 1) : 0
    return { drink, quantity: Math.min(countOf(fields.get(drink) ?? '0', 0) + more, quantityMax) }
  })
  const isOnMenu = added === null || drinks.some((drink) => drink === added)
  if (!isOnMenu || basket.some(({ quantity }) => Number.isNaN(quantity))) return null
  return basket.filter(({ quantity }) => quantity > 0)
}

/** Not a number where it is not a whole one from the least to `quantityMax`. */
function countOf(text: string, least: number): number {
  const count = Number(text)
  return Number.isInteger(count) && count >= least && count <= quantityMax ? count : Number.NaN
}

/** Such as `espresso=2&matcha=1`: what an address carries, and an order keeps. */
export const basketText = (basket: Basket): string =>
  new URLSearchParams(Object.fromEntries(basket.map(({ drink, quantity }) => [drink, `${quantity}`]))).toString()

/** In cents. */
export const totalOf = (basket: Basket): number =>
  basket.reduce((sum, { drink, quantity }) => sum + prices[drink] * quantity, 0)

export const linesOf = (basket: Basket, names: Words['drinks']): Line[] =>
  basket.map(({ drink, quantity }) => ({ description: names[drink], quantity, unitAmountMinor: prices[drink] }))
