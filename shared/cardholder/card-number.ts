import type { Brand } from '../brand.ts'
import type { CardBrand, CardFace } from '../card.ts'
import { Problem } from '../problem.ts'
import { withAsciiDigits } from '../script/decimal-digit.ts'
import { passesLuhn } from '../script/luhn.ts'

/**
 * A primary account number (ISO/IEC 7812-1): 12 to 19 ASCII digits with the right check digit, in a length its brand
 * uses. Show it by {@link masked}; no error, log or message ever holds it.
 */
export type CardNumber = Brand<string, 'CardNumber'>

/** Month 1 to 12 and four-digit year; the card is good through the last moment of that month, UTC. */
export type CardExpiry = { readonly month: number; readonly year: number }

type BrandRule = {
  readonly brand: CardBrand
  /** Issuer identification numbers, first and last; both have as many digits as it takes to tell the brand. */
  readonly ranges: readonly (readonly [first: number, last: number])[]
  readonly lengths: readonly number[]
}

const sixteenToNineteen = [16, 17, 18, 19] as const

// As the networks publish them. Where Discover shares 622126–622925 with UnionPay, the card carries UnionPay's mark.
const brandRules: readonly BrandRule[] = [
  { brand: 'visa', ranges: [[4, 4]], lengths: [13, 16, 19] },
  {
    brand: 'mastercard',
    ranges: [
      [51, 55],
      [2221, 2720],
    ],
    lengths: [16],
  },
  {
    brand: 'amex',
    ranges: [
      [34, 34],
      [37, 37],
    ],
    lengths: [15],
  },
  {
    brand: 'unionpay',
    ranges: [
      [62, 62],
      [8100, 8171],
    ],
    lengths: sixteenToNineteen,
  },
  { brand: 'jcb', ranges: [[3528, 3589]], lengths: sixteenToNineteen },
  {
    brand: 'discover',
    ranges: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    lengths: sixteenToNineteen,
  },
  {
    brand: 'diners',
    ranges: [
      [300, 305],
      [3095, 3095],
      [36, 36],
      [38, 39],
    ],
    lengths: [14, 15, ...sixteenToNineteen],
  },
]
const lengthsOfAnyBrand = [12, 13, 14, 15, 16, 17, 18, 19] as const

/** The brand as soon as it is certain: `unknown` while the digits typed so far could still become another one. */
export function brandOf(digitsSoFar: string): CardBrand {
  const isCertain = ([first, last]: readonly [number, number]) => {
    const { length } = String(first)
    const prefix = digitsSoFar.slice(0, length)
    return prefix !== '' && Number(prefix.padEnd(length, '0')) >= first && Number(prefix.padEnd(length, '9')) <= last
  }
  return brandRules.find(({ ranges }) => ranges.some(isCertain))?.brand ?? 'unknown'
}

/** How many digits a number of this brand may have, shortest first. */
export const lengthsOf = (brand: CardBrand): readonly number[] =>
  brandRules.find((rule) => rule.brand === brand)?.lengths ?? lengthsOfAnyBrand

/** How many digits the printed verification code of this brand has. */
export const codeLengthOf = (brand: CardBrand): 3 | 4 => (brand === 'amex' ? 4 : 3)

/** The digits typed so far as they are embossed: 4-6-5 on American Express, groups of four elsewhere. */
export function groupDigits(digits: string): string {
  const groups = brandOf(digits) === 'amex' ? /^(.{1,4})(.{1,6})?(.{1,5})?(.+)?$/ : null
  const parts = groups ? digits.match(groups)?.slice(1).filter(Boolean) : digits.match(/.{1,4}/g)
  return (parts ?? []).join(' ')
}

/**
 * Takes what people type or paste: digits of any script, with spaces, dots or hyphens between them.
 * @throws {Problem} `card-number-malformed`
 */
export function parseCardNumber(text: string): CardNumber {
  const digits = onlyDigits(text)
  if (digits === null || !lengthsOf(brandOf(digits)).includes(digits.length) || !passesLuhn(digits)) {
    throw new Problem('card-number-malformed')
  }
  return digits as CardNumber // the only cast to CardNumber there is
}

/**
 * The printed verification code: three digits, four on American Express.
 * @throws {Problem} `card-code-malformed`
 */
export function parseCardCode(text: string, brand: CardBrand): string {
  const digits = onlyDigits(text)
  if (digits?.length !== codeLengthOf(brand)) throw new Problem('card-code-malformed')
  return digits
}

/**
 * `MM/YY` or `MM/YYYY`, of this century; digits of any script.
 * @param nowMs milliseconds since the Unix epoch
 * @throws {Problem} `card-expiry-malformed`, also for a month that is over
 */
export function parseExpiry(text: string, nowMs: number): CardExpiry {
  const [, month, year] = withAsciiDigits(text).match(/^\s*(0?[1-9]|1[0-2])\s*[/／⁄-]\s*(?:20)?(\d\d)\s*$/) ?? []
  const expiry = { month: Number(month), year: 2000 + Number(year) }
  if (month === undefined || hasExpired(expiry, nowMs)) throw new Problem('card-expiry-malformed')
  return expiry
}

// `month` counts from one where Date.UTC counts from zero: this is the first moment of the month after.
export const hasExpired = ({ month, year }: CardExpiry, nowMs: number): boolean => nowMs >= Date.UTC(year, month, 1)

/** All of a card that others than the bank may see. */
export const faceOf = (number: CardNumber): CardFace => ({ brand: brandOf(number), last4: number.slice(-4) })

/** `•••• 1111` */
export const masked = (number: CardNumber): string => `•••• ${number.slice(-4)}`

/** A username that holds the very number being added would tell it to everybody the payer names themself to. */
export const namesTheCard = (username: string, number: CardNumber): boolean =>
  withAsciiDigits(username).replace(/\D/g, '').includes(number)

/** The ASCII digits of a text that holds digits and separators alone, else null. */
function onlyDigits(text: string): string | null {
  const digits = withAsciiDigits(text).replace(/[\p{White_Space}\p{Dash}.]/gu, '')
  return /^\d+$/.test(digits) ? digits : null
}
