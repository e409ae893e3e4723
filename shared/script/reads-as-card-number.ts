import { withAsciiDigits } from './decimal-digit.ts'
import { passesLuhn } from './luhn.ts'

/** Han numerals are letters to Unicode and digits to their readers. */
const hanDigits = '〇一二三四五六七八九'

/**
 * Whether a text is a card number to whoever reads it: 12 to 19 digits of any script and nothing else but separators,
 * with the right check digit. All but letters and digits separates, and so do modifier letters: `ー` is a dash here.
 */
export function readsAsCardNumber(text: string): boolean {
  const digits = withAsciiDigits(text)
    .replaceAll('零', '〇')
    .replace(/[〇一二三四五六七八九]/g, (character) => String(hanDigits.indexOf(character)))
    .replace(/[^\p{L}\p{N}]|\p{Lm}/gu, '')
  return /^[0-9]{12,19}$/.test(digits) && passesLuhn(digits)
}
