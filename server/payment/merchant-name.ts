import { obeysBidiRule } from '../../shared/script/bidi-rule.ts'
import { mixesDigits } from '../../shared/script/decimal-digit.ts'
import { isHighlyRestrictive } from '../../shared/script/highly-restrictive.ts'
import { readsAsCardNumber } from '../../shared/script/reads-as-card-number.ts'

/** What an intent has room for. UTF-16 code units. */
const nameLengthMax = 80
const allowed = /^[\p{L}\p{M}\p{Nd} &'\u2019.,+!()/\u00b7\u30fb-]+$/u

/** In the order in which they are asked. Each completes the sentence "A merchant's name …". */
const faults: readonly (readonly [string, (name: string) => boolean])[] = [
  ['has at least one letter or digit', (name) => !/[\p{L}\p{Nd}]/u.test(name)],
  ['has at most 80 characters', (name) => name.length > nameLengthMax],
  [
    "is made of letters, digits, single spaces and & ' . , + ! ( ) / -",
    (name) => !allowed.test(name) || /\p{Default_Ignorable_Code_Point}/u.test(name) || / {2}|^ | $/.test(name),
  ],
  // UTS #39 §5.4: marks are on letters, and not heaped up over the lines around.
  ['has no marks but on letters', (name) => /^\p{M}|[^\p{L}\p{M}]\p{M}|\p{Mn}{5}/u.test(name)],
  ['is spelled in one way only (Unicode NFC)', (name) => name.normalize('NFC') !== name],
  ['does not mix scripts that look alike', (name) => !isHighlyRestrictive(name) || mixesDigits(name)],
  ['begins and ends in the direction it is read in', (name) => !obeysBidiRule(name)],
  ['does not read as a card number', readsAsCardNumber],
]

/**
 * What is wrong with the name a payee goes by. Payers see it on the bill and sign it, so it looks like nothing that it is not.
 * @returns a sentence, or null
 */
export function faultOfMerchantName(name: string): string | null {
  const [fault] = faults.find(([, isAtFault]) => isAtFault(name)) ?? []
  return fault === undefined ? null : `A merchant’s name ${fault}.`
}
