import type { KeyInput } from 'jose'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { z } from 'zod'
import { bytesOfBase64url, isCanonicalBase64url, textOfUtf8 } from '../bytes.ts'
import type { SealedCard } from '../card.ts'
import { Problem } from '../problem.ts'
import { moneySchema, sha256Text } from '../wire/intent-schema.ts'
import { genderCharactersMax, isShortText, parseCardholderName } from './card-details.ts'
import { brandOf, codeLengthOf, parseCardNumber } from './card-number.ts'
import { type SealContents, sealAlgorithm, sealEncryption, sealPlaintextBytes, sealType } from './seal.ts'

/** Takes text only in the spelling its parser gives back, so that one card has one plaintext. */
const exactly = <T extends string>(parse: (text: string) => T) =>
  z.string().transform((text, context): T => {
    try {
      const parsed = parse(text)
      if (parsed === text) return parsed
    } catch {
      // The parser's own words stay here: an error of an opened seal says nothing of the card.
    }
    context.addIssue({ code: 'custom', message: 'malformed' })
    return z.NEVER
  })

const detailsSchema = z
  .strictObject({
    number: exactly(parseCardNumber),
    expiry: z.strictObject({ month: z.int().min(1).max(12), year: z.int().min(2000).max(2099) }),
    name: exactly(parseCardholderName),
    gender: z
      .string()
      .refine((text) => isShortText(text, genderCharactersMax))
      .exactOptional(),
    code: z.string().regex(/^[0-9]+$/),
    limit: moneySchema.exactOptional(),
  })
  .refine(({ number, code }) => code.length === codeLengthOf(brandOf(number)))
const contentsSchema = z.strictObject({ card: detailsSchema, passkeys: sha256Text })

const coordinate = z.string().length(43).refine(isCanonicalBase64url) // 32 bytes, RFC 7518 §6.2.1.2
// Strict: `zip`, `crit`, `jwk`, `apu` and all other members are refused.
const headerSchema = z.strictObject({
  alg: z.literal(sealAlgorithm),
  enc: z.literal(sealEncryption),
  kid: z.string().min(1).max(128),
  typ: z.literal(sealType),
  epk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
})

/** Header, no encrypted key (the agreed key is used as it is), 96-bit nonce, the padded plaintext's size, 128-bit tag. */
const partLengths = [null, 0, 16, Math.ceil((sealPlaintextBytes * 4) / 3), 22] as const

/**
 * Opens a sealed card; only the bank has a key that can. Whether the card is any good is not asked here.
 * @param keyOf the bank's private key of that `kid`, or null where it has none; what it throws goes through
 * @throws {Problem} `card-refused` for any text that `sealCard` does not make; it never tells why, nor holds card data
 * @see RFC 7516 §5.2 (decryption); RFC 8725 §3.1 and §3.11 (one algorithm, explicit type)
 */
export async function openSeal(
  sealed: SealedCard,
  keyOf: (kid: string) => Promise<KeyInput | null>,
): Promise<SealContents> {
  const { kid } = readHeader(sealed)
  const key = await keyOf(kid)
  if (key === null) throw new Problem('card-refused')
  const plaintext = await decrypt(sealed, key)
  const contents = contentsSchema.safeParse(valueOfExactJson(plaintext, / +$/))
  plaintext.fill(0)
  if (!contents.success) throw new Problem('card-refused')
  return contents.data
}

function readHeader(sealed: SealedCard): z.output<typeof headerSchema> {
  const parts = sealed.split('.')
  const isWhole =
    parts.length === partLengths.length &&
    parts.every((part, index) => part.length === (partLengths[index] ?? part.length) && isCanonicalBase64url(part))
  const header = isWhole ? headerSchema.safeParse(valueOfExactJson(bytesOfBase64url(parts[0] ?? ''))) : null
  if (!header?.success) throw new Problem('card-refused')
  return header.data
}

async function decrypt(sealed: SealedCard, key: KeyInput): Promise<Uint8Array> {
  try {
    const algorithms = { keyManagementAlgorithms: [sealAlgorithm], contentEncryptionAlgorithms: [sealEncryption] }
    const { plaintext } = await compactDecrypt(sealed, key, algorithms)
    return plaintext
  } catch (cause) {
    throw new Problem('card-refused', { cause })
  }
}

/** `undefined` unless the bytes are JSON as we write it: no member twice, no white space but `padding` at the end. */
function valueOfExactJson(bytes: Uint8Array, padding = /$/): unknown {
  try {
    const text = textOfUtf8(bytes).replace(padding, '')
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined // a parser's message quotes the text it stumbled over
  }
}
