import { Problem } from '../../shared/problem.ts'
import { readsAsCardNumber } from '../../shared/script/reads-as-card-number.ts'

const charactersMax = 32

/**
 * What a payer calls a card or a passkey, among their own. Like a username it never has a card number in it.
 * @returns null where nothing is left of it
 * @throws {Problem} `nickname-too-long`, `nickname-has-control`, `nickname-reads-as-card`
 */
export function parseNickname(text: string): string | null {
  const nickname = text.normalize('NFC').trim()
  if ([...nickname].length > charactersMax) throw new Problem('nickname-too-long')
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(nickname)) throw new Problem('nickname-has-control')
  if (readsAsCardNumber(nickname)) throw new Problem('nickname-reads-as-card')
  return nickname === '' ? null : nickname
}
