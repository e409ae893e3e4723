import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import { bytesOfBase64url, utf8 } from '../../../shared/bytes.ts'
import type { RandomBytes } from '../../runtime/room.ts'

const seedBytes = 32

/** One generation of an endpoint's keys: both base64. */
const keyPairSchema = z.strictObject({ secret: z.string(), seed: z.string() })
/** As they are kept, closed at rest: `formers` sign as well, each until its time is over. */
export const webhookKeysSchema = z.strictObject({
  current: keyPairSchema,
  formers: z.array(z.strictObject({ keys: keyPairSchema, untilMs: z.int() })),
  /** The Idempotency-Key by which they were changed last: asked again, they are not changed again. */
  changedBy: z.string().nullable(),
})
export type WebhookKeys = z.output<typeof webhookKeysSchema>
type KeyPair = WebhookKeys['current']

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export const makeKeyPair = (random: RandomBytes): KeyPair => ({
  secret: base64(random(seedBytes)),
  seed: base64(random(seedBytes)),
})

/** As merchants are told them, with the prefixes of Standard Webhooks. */
export const toldKeys = ({ secret, seed }: KeyPair): { secret: string; publicKey: string } => ({
  secret: `whsec_${secret}`,
  publicKey: `whpk_${base64(bytesOfBase64url(createPublicKey(signingKey(seed)).export({ format: 'jwk' }).x ?? ''))}`,
})

/** Until when keys of before sign as well; null where none do. Milliseconds since the Unix epoch. */
export function overlapUntilMs({ formers }: WebhookKeys, nowMs: number): number | null {
  const untilMs = Math.max(0, ...formers.map((former) => former.untilMs))
  return untilMs > nowMs ? untilMs : null
}

type Signable = { readonly id: string; readonly body: string; readonly nowMs: number }

/**
 * The three headers of a webhook (Standard Webhooks, "Webhook headers"): one HMAC-SHA-256 and one Ed25519 signature by every pair of keys
 * that is valid now, over `id.timestamp.body`.
 */
export function signatureHeaders({ current, formers }: WebhookKeys, { id, body, nowMs }: Signable) {
  const timestampSeconds = Math.floor(nowMs / 1000)
  const valid = [current, ...formers.filter(({ untilMs }) => untilMs > nowMs).map(({ keys }) => keys)]
  const signatures = valid.flatMap(({ secret, seed }) => [
    new Webhook(secret).sign(id, new Date(timestampSeconds * 1000), body),
    `v1a,${base64(sign(null, utf8(`${id}.${timestampSeconds}.${body}`), signingKey(seed)))}`,
  ])
  return {
    'webhook-id': id,
    'webhook-timestamp': `${timestampSeconds}`,
    'webhook-signature': signatures.join(' '),
  }
}

/** RFC 8410 §7: an Ed25519 private key is these bytes and its seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const signingKey = (seed: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, Buffer.from(seed, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  })
