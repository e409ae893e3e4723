import type { Bytes } from '../../../shared/bytes.ts'
import { base64url } from '../../../shared/bytes.ts'
import {
  type CardId,
  identifier,
  type MerchantId,
  type PayerId,
  type PayerPseudonym,
} from '../../../shared/identifiers.ts'
import { pseudonymSchema } from '../../../shared/wire/intent-schema.ts'
import { keyedHash } from '../../runtime/keyed-hash.ts'
import type { Secret } from '../../runtime/keys.ts'

const first16Bytes = (bytes: Bytes): Bytes => bytes.slice(0, 16)

/** Everything a payer is called by others, computed and never stored. */
export function pseudonyms(key: Secret) {
  const derived = (use: string, ...parts: readonly string[]) => first16Bytes(keyedHash(key, use, ...parts))
  const towards = (reader: string, payer: PayerId): PayerPseudonym =>
    pseudonymSchema.parse(`pp_${base64url(derived('pseudonym', reader, payer))}`)

  return {
    /**
     * What the bank calls a payer. It is also in every intent: a merchant who asks for a name's intent learns nothing that
     * would fit the pseudonyms merchants are told.
     */
    towardsBank: (payer: PayerId): PayerPseudonym => towards('bank', payer),
    towardsMerchant: (merchant: MerchantId, payer: PayerId): PayerPseudonym => towards(merchant, payer),
    /** The same payer and seal give the same card, so that adding a card may be asked again until the bank answers. */
    cardOfSeal: (payer: PayerId, seal: string): CardId => identifier('card', derived('card', payer, seal)),
    /** The payer a name nobody has would be: always the same one, found in no table. */
    decoyPayer: (name: string): PayerId => identifier('payer', derived('decoy-payer', name)),
    /** The card a payer without (such) a card would have. */
    decoyCard: (payer: PayerId, asked: CardId | undefined): CardId =>
      identifier('card', derived('decoy-card', payer, asked ?? '')),
  }
}
export type Pseudonyms = ReturnType<typeof pseudonyms>
