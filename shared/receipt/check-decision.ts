import { base64url, bytesOfBase64url, textOfUtf8, utf8 } from '../bytes.ts'
import { canonicalJson } from '../canonical-json.ts'
import { challengeOfJson } from '../intent.ts'
import { signerOf } from '../passkey.ts'
import { parseStrictJson } from '../strict-json.ts'
import { type ClientData, decodeCeremony, passkeyNameOf, sha256 } from './check-evidence.ts'
import { integer, isObject, literal, matching, object, refuse, sha256Text, text } from './decode.ts'
import { decodeFace, decodeMoney } from './read-receipt.ts'
import type { BankKey, Receipt } from './receipt.ts'

/** The bank says it in its answer to the authorization, or when it is asked again. */
const types = ['moniker-authorize-answer+jws', 'moniker-inquire-answer+jws']

/** `wire/bank-api.ts`: an approval. */
const approval = {
  outcome: literal('approved'),
  reference: matching(/^pay_[A-Za-z0-9_-]{22}\.[1-9]$/),
  amount: decodeMoney,
  capturedMinor: integer(0),
  approvalCode: matching(/^[0-9A-Z]{6}$/),
  responseCode: literal('00'),
  bookedAtMs: integer(1),
  challenge: sha256Text,
  ceremony: decodeCeremony,
  face: decodeFace,
} as const
const decodeApproval = object({ ...approval, payee: text(60), signer: sha256Text })
/** Before merchants were shown it, the bank named the passkey itself, and no payee. Receipts of then are worth what they were. */
const decodeFormer = object({ ...approval, passkey: sha256Text })

const decodeClaims = object({
  iss: text(200),
  aud: text(200),
  iat: integer(0),
  exp: integer(0),
  jti: text(64),
  inResponseTo: text(64),
  body: (value: unknown) => (isObject(value) && 'passkey' in value ? decodeFormer(value) : decodeApproval(value)),
})
export type Decision = ReturnType<typeof decodeClaims>

/** RFC 7638: SHA-256 of the key's required members, in order and without white space, which is also their canonical JSON. */
export const fingerprintOf = async ({ kty, crv, x, y }: Omit<BankKey, 'kid'>): Promise<string> =>
  base64url(await sha256(utf8(canonicalJson({ crv, kty, x, y }))))

/** The key is named by its fingerprint, so that comparing 43 characters is comparing keys. */
export const isNamedByFingerprint = async ({ bankKey }: Receipt): Promise<boolean> =>
  bankKey.kid === (await fingerprintOf(bankKey))

/** ES256 over `header.payload` as they stand (RFC 7515 §5.2); the header is byte for byte the one that the bank writes. */
export async function isSignedByBank({ decision, bankKey }: Receipt): Promise<boolean> {
  const { header, payload, signature } = partsOf(decision)
  const headerText = textOfUtf8(bytesOfBase64url(header))
  const isHeader = types.some((typ) => headerText === JSON.stringify({ alg: 'ES256', kid: bankKey.kid, typ }))
  const { kty, crv, x, y } = bankKey
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify'])
  const signed = utf8(`${header}.${payload}`)
  const bytes = bytesOfBase64url(signature)
  return isHeader && (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes, signed))
}

export const decisionOf = ({ decision }: Receipt): Decision =>
  decodeClaims(parseStrictJson(textOfUtf8(bytesOfBase64url(partsOf(decision).payload))))

/** The bank approved this intent, as this passkey signed it when it was asked so, from this card, and took no more of it. */
export async function isAboutThis(receipt: Receipt, { type }: ClientData, { body }: Decision): Promise<boolean> {
  const { intent, card } = receipt
  const isPayment = body.reference.startsWith(`${intent.payment}.`)
  const isAmount = body.amount.minor === intent.amount.minor && body.amount.currency === intent.amount.currency
  const isWithin = body.capturedMinor <= intent.amount.minor
  const isCard = body.face.brand === card.brand && body.face.last4 === card.last4
  const isIntent = body.challenge === base64url(await challengeOfJson(intent))
  const isAsked = body.ceremony === type
  return isPayment && isAmount && isWithin && isCard && isIntent && isAsked && (await isOfThose(receipt, body))
}

/** The bank pays whom the intent names, and knows the passkey that signed it. */
async function isOfThose(receipt: Receipt, body: Decision['body']): Promise<boolean> {
  const passkey = await passkeyNameOf(receipt)
  if ('passkey' in body) return body.passkey === passkey
  return body.payee === receipt.intent.payee.id && body.signer === (await signerOf(passkey, body.challenge))
}

function partsOf(jws: string): { header: string; payload: string; signature: string } {
  const [header, payload, signature, ...more] = jws.split('.')
  const isWhole = header !== undefined && payload !== undefined && signature !== undefined && more.length === 0
  return isWhole ? { header, payload, signature } : refuse('a compact JWS')
}
