/** What the payment server tells merchants' servers by itself, and how they say where: by the rules of https://www.standardwebhooks.com. */
import { z } from 'zod'
import { declineReasons } from '../decline.ts'
import type { EventId, WebhookEndpointId } from '../identifiers.ts'
import { identifierPattern } from '../identifiers.ts'
import { type PaymentState, paymentStates } from '../payment.ts'
import { paymentIdSchema } from './intent-schema.ts'
import { keyModes, merchantPaymentSchema, pageSize } from './merchant-api.ts'

/** States in which the bank's answer is awaited are nobody's news yet. */
const isNews = (state: PaymentState): state is NewsState => state !== 'approving' && state !== 'unknown'
export type NewsState = Exclude<PaymentState, 'approving' | 'unknown'>
const newsStates = paymentStates.filter(isNews)
/** What a merchant can ask of the bank about a payment that was approved. */
const orders = ['capture', 'refund', 'void'] as const
export type EventType = `payment.${NewsState}` | `payment.${(typeof orders)[number]}_failed`
/**
 * One for each state that a payment can stay in: a payment that is captured or refunded in parts tells each of them. And one for each order
 * of the merchant's that the bank can refuse, after which the payment is as it was before.
 */
export const eventTypes: readonly EventType[] = [
  ...newsStates.map((state): EventType => `payment.${state}`),
  ...orders.map((order): EventType => `payment.${order}_failed`),
]
/** @returns null where nothing is told */
export const eventTypeOf = (state: PaymentState): EventType | null => (isNews(state) ? `payment.${state}` : null)

const eventTypeSchema = z.enum(eventTypes)
export const eventIdSchema = z
  .string()
  .regex(identifierPattern('event'))
  .transform((text) => text as EventId)
export const webhookEndpointIdSchema = z
  .string()
  .regex(identifierPattern('webhookEndpoint'))
  .transform((text) => text as WebhookEndpointId)

/**
 * `GET /v1/events/:id`, and the body of a webhook. A webhook may come again, and carries the event's id as `webhook-id`: whoever has acted on
 * that id needs do nothing. Those of one payment come in order.
 */
export const eventSchema = z.strictObject({
  id: eventIdSchema,
  object: z.literal('event'),
  type: eventTypeSchema,
  mode: z.enum(keyModes),
  createdAtMs: z.int().describe('Milliseconds since the Unix epoch.'),
  /** As it was when this happened; what it has become since, `GET /v1/payments/:id` says. */
  payment: merchantPaymentSchema,
  refusal: z
    .strictObject({ amountMinor: z.int().positive(), reason: z.enum(declineReasons) })
    .exactOptional()
    .describe('Of “payment.capture_failed”, “payment.refund_failed” and “payment.void_failed”: of how much, and why.'),
})
export type PaymentEvent = z.output<typeof eventSchema>

/** The query of `GET /v1/events`. `after` is the `next` of the page before. What is absent does not limit. */
export const eventsQuery = z.strictObject({
  limit: pageSize,
  after: z.string().max(60).optional(),
  type: eventTypeSchema.optional(),
  payment: paymentIdSchema.optional(),
})

/** `GET /v1/events`: those of the key's mode, newest first. `next` is null on the last page. */
export const eventsSchema = z.strictObject({
  object: z.literal('list'),
  events: z.array(eventSchema),
  next: z.string().nullable(),
})
export type PaymentEvents = z.output<typeof eventsSchema>

/** `POST /v1/events/:id/resend`: to every endpoint that is enabled, whether or not it has heard of it. Answered 202. */
export const resendRequest = z.strictObject({})

/** `POST /v1/webhook-endpoints`, with an `Idempotency-Key`. A merchant has one endpoint for one URL: the second time it is the first again. */
export const createWebhookEndpointRequest = z.strictObject({
  url: z.string().max(2000).describe('https, at a public address; in development a loopback one.'),
})
/** `POST /v1/webhook-endpoints/:id/disable`, `/enable` and `/rotate` */
export const webhookEndpointAction = z.strictObject({})

/**
 * `secret` is what the `v1` signatures (HMAC-SHA-256) of a webhook are checked with, and `publicKey` what its `v1a` signatures (Ed25519) are:
 * who only has the latter can make none.
 */
const webhookKeysSchema = z.strictObject({ secret: z.string(), publicKey: z.string() })

/** Every answer about an endpoint. Its keys are told to keys of the scope `full`, which is what it takes to ask. */
export const webhookEndpointSchema = z.strictObject({
  id: webhookEndpointIdSchema,
  object: z.literal('webhook-endpoint'),
  mode: z.enum(keyModes),
  url: z.string(),
  state: z
    .enum(['enabled', 'disabled', 'gone'])
    .describe('“gone”: it answered 410, and is asked no more until it is enabled.'),
  createdAtMs: z.int(),
  keys: webhookKeysSchema,
  formerKeysUntilMs: z
    .int()
    .exactOptional()
    .describe(
      'After “/rotate”, webhooks are signed by the keys of before as well, until then. Milliseconds since the Unix epoch.',
    ),
})
export type WebhookEndpoint = z.output<typeof webhookEndpointSchema>

/** `GET /v1/webhook-endpoints`, the oldest first */
export const webhookEndpointsSchema = z.strictObject({
  object: z.literal('list'),
  endpoints: z.array(webhookEndpointSchema),
})

/** Of one try to deliver an event. */
export const deliveryAttemptSchema = z.strictObject({
  event: eventIdSchema,
  type: eventTypeSchema,
  payment: paymentIdSchema,
  number: z.int().min(1).describe('Counts from one, and again from one when the event was resent.'),
  atMs: z.int(),
  /** The status the endpoint answered with, or why there was none. */
  outcome: z.union([
    z.strictObject({ status: z.int() }),
    z.strictObject({
      failure: z.enum(['address-refused', 'name-unknown', 'connection-failed', 'too-slow', 'not-sent']),
    }),
  ]),
  durationMs: z.int().min(0).exactOptional().describe('How long it took to be answered, or to give up. Milliseconds.'),
  nextAttemptAtMs: z.int().exactOptional().describe('Absent where there will be none: it was delivered, or given up.'),
})
export type DeliveryAttempt = z.output<typeof deliveryAttemptSchema>

/** `GET /v1/webhook-endpoints/:id/attempts`: the last hundred, newest first */
export const deliveryAttemptsSchema = z.strictObject({
  object: z.literal('list'),
  attempts: z.array(deliveryAttemptSchema),
})
