import { CompactSign, type CryptoKey, compactVerify } from 'jose'
import { z } from 'zod'
import { bytesOfBase64url, isCanonicalBase64url, textOfUtf8, utf8 } from '../../shared/bytes.ts'
import { Problem } from '../../shared/problem.ts'
import { parseStrictJson } from '../../shared/strict-json.ts'
import { importPublicKey, type KeyPair, type PublicKey } from './keys.ts'

/** How long a message between rooms is worth anything. Protocol: at most 120 s. */
export const messageLifetimeSeconds = 120
/** How far two rooms' clocks may differ. */
const clockSkewSeconds = 30

/** Who speaks to whom, in which words: every message says it and is refused where it does not fit. */
export type Channel = { readonly issuer: string; readonly audience: string; readonly type: string }
export type PinnedKeys = ReadonlyMap<string, CryptoKey>

export async function pinKeys(keys: readonly PublicKey[]): Promise<PinnedKeys> {
  return new Map(await Promise.all(keys.map(async (key) => [key.kid, await importPublicKey(key, 'ES256')] as const)))
}

const claimsSchema = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(16).max(64),
  inResponseTo: z.string().optional(),
  body: z.unknown(),
})

/**
 * A compact JWS (RFC 7515 §7.1), ES256, with the claims of RFC 7519 §4.1 and the body.
 * @param message `id` becomes `jti`; `inResponseTo` is the `jti` this answers
 */
export function signMessage(
  channel: Channel,
  key: KeyPair,
  nowMs: number,
  message: { readonly id: string; readonly inResponseTo?: string; readonly body: unknown },
): Promise<string> {
  const issuedAtSeconds = Math.floor(nowMs / 1000)
  const claims = {
    iss: channel.issuer,
    aud: channel.audience,
    iat: issuedAtSeconds,
    exp: issuedAtSeconds + messageLifetimeSeconds,
    jti: message.id,
    inResponseTo: message.inResponseTo,
    body: message.body,
  }
  return new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: channel.type })
    .sign(key.privateKey)
}

/**
 * Reads a message, or refuses it. The header must be byte for byte the one {@link signMessage} writes: that leaves no room for
 * `crit`, `jwk`, `jku`, `x5u`, duplicate members or white space (RFC 8725 §3).
 *
 * A deviation: a `jti` is meant to be used once, yet whether one was seen before is not looked up here (RFC 7519 §4.1.7
 * leaves that open). Until `exp`, and as much longer as clocks may differ, a request that is sent again is read again. That is harmless, because
 * every operation between rooms is idempotent by something in its own body (a reference, a name, a number, a nonce, a card) and not by its
 * message: the second one gets the first one's answer and moves nothing (`test/bank/replay.test.ts`, each operation). It has to be so in any
 * case, since a payment server that got no answer asks again under a new `jti`. An answer is bound to its request by `inResponseTo`, so that
 * it fits no other.
 * @throws {Problem} `message-refused`
 */
export async function readMessage<B extends z.ZodType>(
  channel: Channel,
  keys: PinnedKeys,
  nowMs: number,
  body: B,
  text: string,
): Promise<{ id: string; inResponseTo: string | undefined; body: z.output<B>; keyId: string }> {
  const keyId = keyIdOf(text, channel.type)
  const key = keys.get(keyId)
  if (key === undefined) throw new Problem('message-refused', { detail: 'The key is not one of the pinned keys.' })
  const payload = await compactVerify(text, key, { algorithms: ['ES256'] }).then(
    (verified) => verified.payload,
    (cause: unknown) => {
      throw new Problem('message-refused', { cause, detail: 'The signature does not verify.' })
    },
  )
  const claims = claimsSchema.safeParse(jsonOrUndefined(payload))
  if (!claims.success) throw new Problem('message-refused', { cause: claims.error, detail: 'The claims do not fit.' })
  const spoken = body.safeParse(claims.data.body)
  if (!spoken.success) throw new Problem('message-refused', { cause: spoken.error, detail: 'The body does not fit.' })
  const { iss, aud, iat, exp, jti, inResponseTo } = claims.data
  if (iss !== channel.issuer || aud !== channel.audience) {
    throw new Problem('message-refused', { detail: 'The message is from or for somebody else.' })
  }
  const nowSeconds = Math.floor(nowMs / 1000)
  const isCurrent = iat <= nowSeconds + clockSkewSeconds && nowSeconds < exp + clockSkewSeconds
  if (!isCurrent || exp - iat > messageLifetimeSeconds) {
    throw new Problem('message-refused', { detail: 'The message is not of now.' })
  }
  return { id: jti, inResponseTo, body: spoken.data, keyId }
}

const headerSchema = z.object({ kid: z.string() })

function keyIdOf(text: string, type: string): string {
  const parts = text.split('.')
  const [header] = parts
  if (parts.length !== 3 || header === undefined || !parts.every(isCanonicalBase64url)) {
    throw new Problem('message-refused', { detail: 'The message is not a compact JWS.' })
  }
  const parsed = headerSchema.safeParse(jsonOrUndefined(bytesOfBase64url(header)))
  const kid = parsed.success ? parsed.data.kid : ''
  const expected = JSON.stringify({ alg: 'ES256', kid, typ: type })
  if (!parsed.success || textOfUtf8(bytesOfBase64url(header)) !== expected) {
    throw new Problem('message-refused', { detail: 'The header is not the one of this operation.' })
  }
  return kid
}

function jsonOrUndefined(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(textOfUtf8(bytes))
  } catch {
    return undefined
  }
}
