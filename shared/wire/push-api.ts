/** What payers' devices are told while no page is open (Web Push: RFC 8030, RFC 8291, RFC 8292), and how a browser says where. */
import { z } from 'zod'
import { base64urlText, sha256Text } from './intent-schema.ts'

/** Where a browser's push service takes messages, and the keys that only this browser opens them by. RFC 8291 §3. */
export const pushTargetSchema = z.strictObject({
  endpoint: z.string().max(2_000),
  keys: z.strictObject({
    /** An uncompressed point on P-256: 65 bytes. */
    p256dh: base64urlText(87).length(87),
    /** 16 random bytes. */
    auth: base64urlText(22).length(22),
  }),
})
export type PushTarget = z.output<typeof pushTargetSchema>

/** BCP 47: how messages to this browser are written. */
const localeText = z.string().min(2).max(35).refine(isLocale)

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

/**
 * `POST /api/push`: from now on this browser is told of payments. Again changes its language, or whose it is. Answered by `pushSchema`, as are
 * `GET /api/push` and `DELETE /api/push/:id`, which says no more and is as good for one that is gone.
 */
export const subscribeRequest = z.strictObject({ target: pushTargetSchema, locale: localeText })
export const pushSchema = z.strictObject({
  /** What the browser's push service knows us by (RFC 8292 §4): base64url. */
  applicationServerKey: z.string(),
  subscriptions: z.array(
    z.strictObject({
      /** SHA-256 of its endpoint. */
      id: sha256Text,
      locale: z.string(),
      createdAtMs: z.int(),
    }),
  ),
})
export type Push = z.output<typeof pushSchema>

/**
 * `POST /api/push/renewal`: a browser has got another endpoint, while nobody was signed in. That it knows the secret of the one before is enough:
 * nobody else does. Answered by `{}`.
 */
export const renewalRequest = z.strictObject({ from: pushTargetSchema, to: pushTargetSchema })

/**
 * What is sent, once decrypted: a declarative push message, which some browsers show by themselves, and to others our service worker does.
 * https://www.w3.org/TR/push-api/#declarative-push-message
 */
export const pushMessageSchema = z.strictObject({
  web_push: z.literal(8030),
  notification: z.strictObject({
    title: z.string(),
    body: z.string(),
    lang: z.string(),
    dir: z.literal('auto'),
    /** Of one tag only the last is shown. */
    tag: z.string(),
    /** Milliseconds since the Unix epoch. */
    timestamp: z.int(),
    navigate: z.url(),
  }),
})
export type PushMessage = z.output<typeof pushMessageSchema>
