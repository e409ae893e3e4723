import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import webPush from 'web-push'
import { base64url, bytesOfBase64url, concat } from '../../../shared/bytes.ts'
import type { PushMessage, PushTarget } from '../../../shared/wire/push-api.ts'
import type { Outgoing } from '../../runtime/egress.ts'
import type { KeyPair, PublicKey } from '../../runtime/keys.ts'

/** RFC 8292 §2: not more than a day. */
const tokenLifetimeSeconds = 12 * 60 * 60
/** How long a push service keeps a message for a phone that is off. What is older, the wallet tells. */
const timeToLiveSeconds = 24 * 60 * 60
const topicCharactersMax = 32

/** What browsers subscribe with: an uncompressed point on P-256 (RFC 8292 §3.2). */
export const applicationServerKey = ({ x, y }: PublicKey): string =>
  base64url(concat(Uint8Array.of(4), bytesOfBase64url(x), bytesOfBase64url(y)))

/**
 * A message for one browser's push service: closed to that browser (RFC 8291), so that the service in between learns its length and its time, and
 * with our word for who sends it (RFC 8292).
 * @param about of one subject a push service keeps the last message only; it learns a hash (RFC 8030 §5.4)
 */
export async function pushRequest(
  { signing, contact, nowMs }: { signing: KeyPair; contact: string; nowMs: number },
  target: PushTarget,
  about: string,
  message: PushMessage,
): Promise<Outgoing<Uint8Array>> {
  // With what only this browser and we know: the same subject has another hash in another browser, and none that could be guessed.
  const hash = createHash('sha256').update(JSON.stringify([target.keys.auth, about]))
  const topic = hash.digest('base64url').slice(0, topicCharactersMax)
  const { headers, body } = webPush.generateRequestDetails(target, JSON.stringify(message), {
    ...{ TTL: timeToLiveSeconds, urgency: 'high', topic },
  })
  const token = await new SignJWT({ sub: contact })
    .setProtectedHeader({ typ: 'JWT', alg: 'ES256' })
    .setAudience(new URL(target.endpoint).origin)
    .setExpirationTime(Math.floor(nowMs / 1000) + tokenLifetimeSeconds)
    .sign(signing.privateKey)
  return {
    url: target.endpoint,
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
      authorization: `vapid t=${token}, k=${applicationServerKey(signing.publicJwk)}`,
    },
    body,
  }
}
