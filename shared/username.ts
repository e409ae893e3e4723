import type { Brand } from './brand.ts'
import { Problem, type ProblemCode } from './problem.ts'
import { obeysBidiRule } from './script/bidi-rule.ts'
import { mixesDigits } from './script/decimal-digit.ts'
import { isHighlyRestrictive, usesRecommendedScripts } from './script/highly-restrictive.ts'
import { readsAsCardNumber } from './script/reads-as-card-number.ts'

/** Who a payer says they are, in the one form that is compared and stored: 2 to 32 code points. Never a secret. */
export type Username = Brand<string, 'Username'>

const charactersMin = 2
const charactersMax = 32
/** More than any spelling of 32 characters takes, and little enough to normalize. UTF-16 code units. */
const typedLengthMax = 256

/**
 * Reads what a payer typed: RFC 8265 UsernameCaseMapped, narrowed to `-`, `_` and `.` of ASCII's punctuation, to the
 * scripts in modern use, and to names that are not taken for another one. ZWJ and ZWNJ are refused, in every context.
 * @returns the canonical form, and the spelling typed (NFC, trimmed), which is the one to show; it parses to the same name
 * @throws {Problem} `username-too-short`, `-too-long`, `-reads-as-card`, `-has-control`, `-mixes-scripts`, `-malformed`
 * @see RFC 8265 §3.3, RFC 8264 §4.2, UTS #39 §5.2
 */
export function parseUsername(text: string): { username: Username; display: string } {
  if (text.length > typedLengthMax) throw new Problem('username-too-long')
  const display = text.normalize('NFC').trim()
  const username = canonicalFormOf(display)
  const fault = faults.find(([, isFaulty]) => isFaulty(username))
  if (fault) throw new Problem(fault[0])
  return { username: username as Username, display } // the only cast to Username there is
}

/** RFC 8265 §3.3.1 and §3.3.2: width, case and normalization mapping, in this order. */
const canonicalFormOf = (text: string): string =>
  text
    // For this block the compatibility mapping and the width mapping are one, but for characters refused below.
    .replace(/[\u3000\uFF00-\uFFEF]/g, (wide) => wide.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')

/** In the order in which a payer should hear of them. */
const faults: readonly (readonly [ProblemCode, (username: string) => boolean])[] = [
  ['username-reads-as-card', readsAsCardNumber],
  ['username-has-control', (name) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(name)],
  ['username-too-short', (name) => [...name].length < charactersMin],
  ['username-too-long', (name) => [...name].length > charactersMax],
  ['username-malformed', (name) => ![...name].every(isIdentifierCharacter) || !usesRecommendedScripts(name)],
  ['username-malformed', (name) => !contextRules.every(([character, rule]) => !name.includes(character) || rule(name))],
  ['username-malformed', (name) => !/[\p{L}\p{Nd}]/u.test(name) || stacksMarks(name.normalize('NFD'))],
  ['username-mixes-scripts', (name) => !isHighlyRestrictive(name) || mixesDigits(name)],
  ['username-malformed', (name) => !obeysBidiRule(name)],
]

/** RFC 8264 §8: LetterDigits without HasCompat and OldHangulJamo, the exceptions of §9.6, and our three of ASCII7. */
const isIdentifierCharacter = (character: string): boolean =>
  contextRules.some(([special]) => special === character) ||
  (/^[\p{L}\p{Mn}\p{Mc}\p{Nd}\u0F0B\u3007._-]$/u.test(character) &&
    !/^[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]$/u.test(character) &&
    character.normalize('NFKC') === character)

/** RFC 5892 appendix A.3 to A.7: where these may stand. */
const contextRules: readonly (readonly [character: string, rule: (name: string) => boolean])[] = [
  ['\u00B7', (name) => !/(?<!l)\u00B7|\u00B7(?!l)/u.test(name)],
  ['\u0375', (name) => !/\u0375(?!\p{Script=Greek})/u.test(name)],
  ['\u05F3', (name) => !/(?<!\p{Script=Hebrew})\u05F3/u.test(name)],
  ['\u05F4', (name) => !/(?<!\p{Script=Hebrew})\u05F4/u.test(name)],
  ['\u30FB', (name) => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(name)],
]

/** A mark belongs to a letter, and not many of them: UTS #39 §5.4. */
const stacksMarks = (decomposed: string): boolean => /(?:^|[^\p{L}\p{M}])\p{M}|(\p{Mn})\1|\p{Mn}{5}/u.test(decomposed)
