/** What the payment server answers about a bill that one screen shows and a phone pays. */
import { z } from 'zod'
import { paymentStates } from '../payment.ts'
import { base64urlText, moneySchema, paymentIdSchema } from './intent-schema.ts'

/** 128 random bits. */
export const handoffSecret = base64urlText(22).length(22)
/** What both screens show: never with a zero in front, so that nobody wonders whether to type it. */
export const matchMin = 10
export const matchMax = 99

/**
 * `POST /api/payments/:id/handoff`, body `{}`. The first screen shows `{origin}/phone#{secret}` as a QR code, and next to it the number; what
 * follows the `#` is in no request for a page. `handle` is the first screen's own: by it nothing can be opened.
 */
export const handoffAnswer = z.strictObject({
  secret: handoffSecret,
  handle: handoffSecret,
  number: z.int().min(matchMin).max(matchMax),
  expiresAtMs: z.int(),
  /** The server's clock. */
  nowMs: z.int(),
})
export type Handoff = z.output<typeof handoffAnswer>

/** `open`: no phone has said the number. `matched`: one has. `refused`: one has said another number. */
export const handoffStates = ['open', 'matched', 'refused', 'over'] as const
/**
 * `GET /api/handoffs/:handle`, for the first screen: of the payment its state, and nothing else. `GET /api/handoffs/:handle/events` sends the
 * same as server-sent events: at once, whenever it changes, and every fifteen seconds; it ends with what nothing follows.
 */
export const handoffProgressSchema = z.strictObject({ state: z.enum(handoffStates), payment: z.enum(paymentStates) })
export type HandoffProgress = z.output<typeof handoffProgressSchema>

/** `POST /api/handoffs/look`: who asks for how much. Not the payment's id, with which nobody would have to know the number. */
export const lookRequest = z.strictObject({ secret: handoffSecret })
export const handedOffSchema = z.strictObject({
  payee: z.strictObject({ name: z.string(), origin: z.string() }),
  amount: moneySchema,
  reference: z.string(),
})
export type HandedOff = z.output<typeof handedOffSchema>

/** `POST /api/handoffs/match`: once. Another number than the first screen's is `handoff-refused`, and ends it. */
export const matchRequest = z.strictObject({ secret: handoffSecret, number: z.int().min(0).max(matchMax) })
export const matchAnswer = z.strictObject({ payment: paymentIdSchema })
