import { withAsciiDigits } from '../../../../shared/script/decimal-digit.ts'
import type { Username } from '../../../../shared/username.ts'
import { confusables } from './unicode-confusables.ts'

/**
 * Two usernames with one skeleton look alike in one of the spellings they may be shown in, so only one may exist.
 *
 * UTS #39 §4 (NFD, prototypes, NFD), and because names are shown as they were typed, in any case: a letter goes by the
 * ASCII letter it looks like in lower or else in upper case (`в` is `B` is `b`), `i` is `I` is `l`, and a digit that looks
 * like nothing in ASCII goes by its value.
 */
export const skeletonOf = (username: Username): string => settled(username)

/** A prototype may have a prototype in another case; the tables hold no circle. */
function settled(text: string): string {
  const next = text.normalize('NFD').replace(hiddenDot, '$1').replace(/./gsu, prototypeOf).normalize('NFD')
  return next === text ? text : settled(next)
}

/** `i` with a dot above it is drawn as `i` (UTS #39 §5.4). */
const hiddenDot = /(\p{Soft_Dotted})\u0307+/gu
const ascii = /^[\x21-\x7E]+$/

function prototypeOf(character: string): string {
  const upper = character.toUpperCase()
  const looks = [lookOf(upper.toLowerCase()), lookOf(upper), withAsciiDigits(character)]
  const look = looks.find((candidate) => ascii.test(candidate)) ?? lookOf(upper.toLowerCase())
  return look.toLowerCase().replaceAll('i', 'l')
}

const lookOf = (character: string): string => prototypes.get(character) ?? character

const prototypes: ReadonlyMap<string, string> = new Map(
  confusables
    .trim()
    .split(/,\s/)
    .map((row) => row.split(' → ').map(textOfHex))
    .map(([source = '', prototype = '']) => [source, prototype]),
)

function textOfHex(codePoints: string): string {
  return String.fromCodePoint(...codePoints.split(' ').map((codePoint) => Number.parseInt(codePoint, 16)))
}
