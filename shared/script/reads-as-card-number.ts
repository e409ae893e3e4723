import { withAsciiDigits } from './decimal-digit.ts'
import { passesLuhn } from './luhn.ts'

/** Han numerals are letters to Unicode and digits to their readers. */
const hanDigits = '〇一二三四五六七八九'

/** ISO/IEC 7812-1 */
const digitsMin = 12
const digitsMax = 19

/**
 * Whether there is a card number in a text for whoever reads its digits one after another: 12 to 19 of them, of any script, with the right
 * check digit. What is between them or around them hides nothing: neither separators nor letters nor other digits. So of numbers of twelve
 * digits and more most are refused, whatever they are the numbers of.
 */
export function readsAsCardNumber(text: string): boolean {
  const digits = digitsIn(text)
  for (let start = 0; start + digitsMin <= digits.length; start += 1) {
    for (let length = digitsMin; length <= digitsMax && start + length <= digits.length; length += 1) {
      if (passesLuhn(digits.slice(start, start + length))) return true
    }
  }
  return false
}

/** Every digit of a text as `0` to `9`; `④` is one, and so is `四`. */
const digitsIn = (text: string): string =>
  withAsciiDigits(text.normalize('NFKC'))
    .replaceAll('零', '〇')
    .replace(/[〇一二三四五六七八九]/g, (character) => String(hanDigits.indexOf(character)))
    .replace(/[^0-9]/g, '')
