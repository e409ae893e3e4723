/** What a payer keeps on paper for the day their phone is lost. Written so that it can be read out and typed by hand. */
import type { Bytes } from './bytes.ts'

/** 128 bits: nobody guesses it, so its hash can be kept as it is. */
export const recoveryCodeBytes = 16

/** Crockford's Base32 (https://www.crockford.com/base32.html): no I, L, O and U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const bitsOfCharacter = 5n
/** 26 characters for the bytes, two for the check. */
const dataCharacters = 26
const checkCharacters = 2
const groupCharacters = 4
/** The largest prime below 1,024: one wrong character, or two that changed places, always leave another rest (ISO/IEC 7064 uses the same means). */
const checkModulus = 1_021n

/** @returns seven groups of four, such as `4T7K-…`: 128 bits and what tells a slip of the pen */
export function recoveryCodeText(bytes: Bytes): string {
  if (bytes.length !== recoveryCodeBytes) throw new RangeError('a recovery code is 16 bytes')
  const number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  const text = `${charactersOf(number, dataCharacters)}${charactersOf(number % checkModulus, checkCharacters)}`
  return (text.match(new RegExp(`.{${groupCharacters}}`, 'g')) ?? []).join('-')
}

/**
 * @param typed in whatever case, with whatever spaces and dashes, and with O for 0 and I or L for 1
 * @returns null where it is none, or was written down wrongly
 */
export function readRecoveryCode(typed: string): Bytes | null {
  const text = typed
    .toUpperCase()
    .replaceAll(/[\s\p{Dash}]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  if (text.length !== dataCharacters + checkCharacters) return null
  const number = numberOf(text.slice(0, dataCharacters))
  const check = numberOf(text.slice(dataCharacters))
  if (number === null || number >= 2n ** 128n || check !== number % checkModulus) return null
  return Uint8Array.from({ length: recoveryCodeBytes }, (_, index) =>
    Number((number >> BigInt(8 * (recoveryCodeBytes - 1 - index))) & 255n),
  )
}

const charactersOf = (number: bigint, count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const shift = bitsOfCharacter * BigInt(count - 1 - index)
    return alphabet.charAt(Number((number >> shift) & 31n))
  }).join('')

function numberOf(characters: string): bigint | null {
  let number = 0n
  for (const character of characters) {
    const value = alphabet.indexOf(character)
    if (value < 0) return null
    number = (number << bitsOfCharacter) | BigInt(value)
  }
  return number
}
