/** What is in the card form. It lives in the memory of one component, and nowhere else. */
import type { CardFace } from '../../shared/card.ts'
import {
  type CardDetails,
  genderCharactersMax,
  isShortText,
  parseCardholderName,
} from '../../shared/cardholder/card-details.ts'
import {
  brandOf,
  codeLengthOf,
  faceOf,
  groupDigits,
  lengthsOf,
  namesTheCard,
  parseCardCode,
  parseCardNumber,
  parseExpiry,
} from '../../shared/cardholder/card-number.ts'
import { type Currency, money } from '../../shared/money.ts'
import { withAsciiDigits } from '../../shared/script/decimal-digit.ts'
import { amountIn } from './amount-in.ts'

export type CardEntry = {
  readonly number: string
  readonly expiry: string
  readonly code: string
  readonly holder: string
  readonly limit: string
  readonly currency: Currency
  readonly gender: string
}
export type CardField = keyof CardEntry
export type CardFault =
  | 'card-number-malformed'
  | 'card-expiry-malformed'
  | 'card-code-malformed'
  | 'card-name-malformed'
export type CardFaults = {
  readonly [Field in CardField]?: CardFault | 'name-is-card' | 'limit-malformed'
}

export const emptyCardEntry = (currency: Currency): CardEntry => ({
  number: '',
  expiry: '',
  code: '',
  holder: '',
  limit: '',
  currency,
  gender: '',
})

export const digitsOf = (text: string): string => withAsciiDigits(text).replace(/\D/g, '')

export const brandOfEntry = ({ number }: CardEntry): CardFace['brand'] => brandOf(digitsOf(number))

/** A text and where the caret stands in it. */
export type Typing = { readonly text: string; readonly caret: number }

/** Groups a card number while it is typed; the caret stays behind the digit it was behind. */
export function typedNumber({ text, caret }: Typing): Typing {
  const digits = digitsOf(text)
  const kept = digits.slice(0, Math.max(...lengthsOf(brandOf(digits))))
  return { text: groupDigits(kept), caret: caretBehind(groupDigits(kept), digitsOf(text.slice(0, caret)).length) }
}

/** `0829` reads `08/29`; a month that can have no second digit gets its zero. */
export function typedExpiry({ text, caret }: Typing): Typing {
  const full = text.match(/^\s*(\d{1,2})\s*\/\s*20(\d\d)\s*$/) // autofill may write the whole year
  const typed = full ? `${full[1]?.padStart(2, '0')}${full[2]}` : digitsOf(text)
  const padded = /^[2-9]/.test(typed) || /^\d\s*\//.test(text) ? `0${typed}` : typed
  const digits = padded.slice(0, 4)
  const before = digitsOf(text.slice(0, caret)).length + (padded.length - digitsOf(text).length)
  const grouped = digits.length > 2 ? `${digits.slice(0, 2)}/${digits.slice(2)}` : digits
  return { text: grouped, caret: full ? grouped.length : caretBehind(grouped, before) }
}

export function typedCode({ text, caret }: Typing, brand: CardFace['brand']): Typing {
  return { text: digitsOf(text).slice(0, codeLengthOf(brand)), caret: digitsOf(text.slice(0, caret)).length }
}

function caretBehind(text: string, digits: number): number {
  if (digits <= 0) return 0
  const places = [...text.matchAll(/\d/g)].map(({ index }) => index + 1)
  return places[Math.min(digits, places.length) - 1] ?? 0
}

export type ReadCard =
  | { readonly details: CardDetails; readonly face: CardFace; readonly faults: null }
  | { readonly details: null; readonly faults: CardFaults }

/** The card that was typed, or what is wrong with it, by field. */
export function readCard(entry: CardEntry, username: string, nowMs: number): ReadCard {
  const number = attempt(() => parseCardNumber(entry.number))
  const expiry = attempt(() => parseExpiry(entry.expiry, nowMs))
  const code = attempt(() => parseCardCode(entry.code, brandOfEntry(entry)))
  const name = attempt(() => parseCardholderName(entry.holder))
  const limit = limitOf(entry)
  const limitFault = limit === 'malformed' ? { limit: 'limit-malformed' as const } : {}
  if (number === null || expiry === null || code === null || name === null || limit === 'malformed') {
    return {
      details: null,
      faults: {
        ...(number === null && { number: 'card-number-malformed' }),
        ...(expiry === null && { expiry: 'card-expiry-malformed' }),
        ...(code === null && { code: 'card-code-malformed' }),
        ...(name === null && { holder: 'card-name-malformed' }),
        ...limitFault,
      },
    }
  }
  if (namesTheCard(username, number)) return { details: null, faults: { number: 'name-is-card' } }
  const gender = entry.gender.trim()
  const details = {
    number,
    expiry,
    code,
    name,
    ...(limit && { limit }),
    ...(isShortText(gender, genderCharactersMax) && { gender }),
  }
  return { details, face: faceOf(number), faults: null }
}

function limitOf({ limit, currency }: CardEntry): ReturnType<typeof money> | null | 'malformed' {
  const minor = amountIn(limit, currency)
  return typeof minor === 'number' ? money(minor, currency) : minor
}

function attempt<T>(parse: () => T): T | null {
  try {
    return parse()
  } catch {
    return null
  }
}
