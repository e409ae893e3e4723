import { textOfUtf8 } from '../bytes.ts'
import { canonicalJson } from '../canonical-json.ts'
import { cardBrands } from '../card.ts'
import { identifierPattern, pseudonymPattern } from '../identifiers.ts'
import { currencies } from '../money-text.ts'
import {
  base64urlText,
  type Decode,
  integer,
  isObject,
  literal,
  matching,
  object,
  refuse,
  sha256Text,
  text,
} from './decode.ts'
import { type Receipt, type ReceiptIntent, receiptFormat } from './receipt.ts'

export const receiptBytesMax = 64 * 1024

export const decodeMoney = object({ minor: integer(1), currency: literal(...currencies) })
export const decodeFace = object({ brand: literal(...cardBrands), last4: matching(/^[0-9]{4}$/) })

const intentMembers = {
  v: literal(1),
  purpose: literal('pay'),
  payment: matching(identifierPattern('payment')),
  payee: object({ id: matching(identifierPattern('merchant')), name: text(80), origin: text(200) }),
  amount: decodeMoney,
  reference: text(80),
  card: matching(identifierPattern('card')),
  payer: matching(pseudonymPattern),
  nonce: sha256Text,
  notAfter: integer(1),
}
const plainIntent = object(intentMembers)
const firstIntent = object({ ...intentMembers, seal: sha256Text })

/** A first payment's intent names the seal of the card that it adds. */
const decodeIntent: Decode<ReceiptIntent> = (value) =>
  isObject(value) && Object.hasOwn(value, 'seal') ? firstIntent(value) : plainIntent(value)

const decodeReceipt: Decode<Receipt> = object({
  format: literal(receiptFormat),
  intent: decodeIntent,
  evidence: object({
    authenticatorData: base64urlText(4096),
    clientDataJSON: base64urlText(16384),
    signature: base64urlText(1024),
  }),
  passkey: base64urlText(2048),
  relyingParty: text(253),
  decision: matching(/^[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,8192}\.[A-Za-z0-9_-]{86}$/),
  bankKey: object({ kty: literal('EC'), crv: literal('P-256'), x: sha256Text, y: sha256Text, kid: sha256Text }),
  card: decodeFace,
})

/**
 * Reads a file that says it is a receipt; whether it is true, `verify-receipt.ts` says. The bytes must be the one canonical spelling
 * (RFC 8785) of what they mean, which leaves no room for a member named twice, a byte order mark, white space or another escape.
 * @throws {RangeError | SyntaxError | TypeError}
 */
export function readReceipt(file: Uint8Array): Receipt {
  if (file.length > receiptBytesMax) return refuse('a receipt: it is too long')
  const json = textOfUtf8(file)
  const receipt = decodeReceipt(JSON.parse(json))
  return canonicalJson(receipt) === json ? receipt : refuse('canonical JSON')
}
