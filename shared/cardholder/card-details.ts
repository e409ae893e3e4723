import type { Money } from '../money.ts'
import { Problem } from '../problem.ts'
import type { CardExpiry, CardNumber } from './card-number.ts'

/** What a cardholder types once, and the bank alone reads. Patent claim 6. */
export type CardDetails = {
  readonly number: CardNumber
  readonly expiry: CardExpiry
  /** As printed on the card: {@link parseCardholderName}. */
  readonly name: string
  /** In the cardholder's own words, at most {@link genderCharactersMax} characters. */
  readonly gender?: string
  /** The printed verification code: {@link parseCardCode} of `card-number.ts`. */
  readonly code: string
  /** The most that one payment may take. */
  readonly limit?: Money
}

/** In code points. With these the longest details there can be still fit the seal's 512 bytes. */
const nameCharactersMax = 48
export const genderCharactersMax = 16

/**
 * NFC, white space as single spaces, at least one letter.
 * @throws {Problem} `card-name-malformed`
 */
export function parseCardholderName(text: string): string {
  const name = text.normalize('NFC').trim().replace(/\s+/gu, ' ')
  if (!/\p{L}/u.test(name) || !isShortText(name, nameCharactersMax)) throw new Problem('card-name-malformed')
  return name
}

/** Well-formed, without control characters, one to `charactersMax` code points. */
export const isShortText = (text: string, charactersMax: number): boolean =>
  text.isWellFormed() && !/\p{Cc}/u.test(text) && text !== '' && [...text].length <= charactersMax
