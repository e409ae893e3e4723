/** What the payment server answers to merchants' servers, with `Authorization: Bearer <API key>`. */
import { z } from 'zod'
import { declineReasons } from '../decline.ts'
import { paymentStates } from '../payment.ts'
import { cardFaceSchema } from './bank-api.ts'
import { moneySchema, paymentIdSchema, pseudonymSchema } from './intent-schema.ts'

/** Of a key and of what it made. Test and live keys do not see each other's payments. A key begins with `mk_test_` or `mk_live_`. */
export const keyModes = ['test', 'live'] as const
export type KeyMode = (typeof keyModes)[number]

/** What a key may do, each more than the one before: look; also move money; also whatever else a merchant may. */
export const keyScopes = ['read', 'payments', 'full'] as const
export type KeyScope = (typeof keyScopes)[number]

const metadataKeysMax = 20
/** Whatever a merchant wants to find again with a payment: told to nobody but them, and no place for card numbers or secrets. */
export const metadataSchema = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,39}$/), z.string().max(500))
  .refine((metadata) => Object.keys(metadata).length <= metadataKeysMax)

const linesMax = 100
/** What is paid for, one thing after another: discounts, tax and postage too. */
export const linesSchema = z
  .array(
    z.strictObject({
      description: z.string().min(1).max(80),
      quantity: z.int().min(1).max(10_000),
      unitAmountMinor: z
        .int()
        .min(-1_000_000_000)
        .max(1_000_000_000)
        .describe('Of one, in minor units. A discount is less than nothing.'),
    }),
  )
  .max(linesMax)
export type Lines = z.output<typeof linesSchema>

/** `POST /v1/payments`, with an `Idempotency-Key`. */
export const createPaymentRequest = z.strictObject({
  amount: moneySchema,
  reference: z.string().min(1).max(80).describe('Your own name for the order; shown to the payer and signed by them.'),
  description: z.string().min(1).max(200).optional(),
  lines: linesSchema.optional().describe('Shown to the payer. What they come to is the amount.'),
  successUrl: z.string().max(2000).describe('Where the payer goes once it is paid: on your registered origin.'),
  cancelUrl: z.string().max(2000).describe('Where the payer goes otherwise: on your registered origin.'),
  capture: z
    .enum(['automatic', 'manual'])
    .optional()
    .describe('“manual” sets the money aside for seven days, until you capture it. Default “automatic”.'),
  metadata: metadataSchema
    .optional()
    .describe('Whatever you want to find again with the payment. No card numbers, no secrets.'),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .optional()
    .describe('Whole seconds the bill stays open, one minute to a day. Default 30 minutes.'),
})
export type CreatePaymentRequest = z.input<typeof createPaymentRequest>

const amountMinor = z.int().positive().optional().describe('In minor units; without it, all that is left.')

/**
 * `POST /v1/payments/:id/capture`: takes money that a payment with `capture: 'manual'` set aside. In minor units; without an amount,
 * all that is left. Several captures may follow each other. Whatever is asked of the bank is done once for one `Idempotency-Key`, and
 * answered 200 when it is done, or 202 while the bank's answer is missing: then `pending` says what was asked, it will be settled
 * without further ado, and the same request may be sent again to see whether it is.
 */
export const captureRequest = z.strictObject({ amountMinor })
/** `POST /v1/payments/:id/cancel`: calls a bill off that nobody has paid. */
export const cancelRequest = z.strictObject({})
/** `POST /v1/payments/:id/void`: lets go of what is set aside and not captured. What was captured stays so. */
export const voidRequest = z.strictObject({})
/** `POST /v1/payments/:id/refund`: gives back what was captured. In minor units; without an amount, all that is left of it. */
export const refundRequest = z.strictObject({
  amountMinor,
  reason: z.string().min(1).max(200).optional().describe('Your own words; kept with the refund and told to nobody.'),
})

/** `GET /v1/payments/:id`, and every `POST` but for problems */
export const merchantPaymentSchema = z.strictObject({
  id: paymentIdSchema,
  object: z.literal('payment'),
  mode: z.enum(keyModes),
  state: z.enum(paymentStates),
  amount: moneySchema,
  capturedMinor: z.int().min(0),
  refundedMinor: z.int().min(0),
  captureBeforeMs: z
    .int()
    .exactOptional()
    .describe(
      'Of a payment that is “authorized”: when what is not captured will be let go. Milliseconds since the Unix epoch.',
    ),
  pending: z
    .strictObject({ captureMinor: z.int().min(0), refundMinor: z.int().min(0), void: z.boolean() })
    .exactOptional()
    .describe('What the bank was asked for and has not answered yet; absent where that is nothing.'),
  reference: z.string(),
  description: z.string().nullable(),
  lines: linesSchema,
  metadata: metadataSchema,
  url: z.string().describe("Send the payer's browser here."),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
  payer: pseudonymSchema
    .nullable()
    .describe(
      'The same payer has the same name here at every payment to you, and another one at every other merchant.',
    ),
  card: cardFaceSchema.nullable(),
  decline: z.strictObject({ reason: z.enum([...declineReasons, 'too-many-failures']), final: z.boolean() }).nullable(),
  decision: z
    .string()
    .nullable()
    .describe(
      'What the bank last decided, as it signed it (a compact JWS, ES256): check it with the bank’s keys, and you need not believe us. Null where no bank was asked.',
    ),
})
export type MerchantPayment = z.output<typeof merchantPaymentSchema>

const timeMs = z
  .string()
  .regex(/^[0-9]{1,15}$/)
  .transform(Number)
  .optional()

/** Of a page of a list: 1 to 100, usually 20. */
export const pageSize = z
  .string()
  .regex(/^([1-9][0-9]?|100)$/)
  .default('20')
  .transform(Number)

/**
 * The query of `GET /v1/payments`: `after` is the `next` of the page before, and `createdFromMs` and `createdBeforeMs` are milliseconds
 * since the Unix epoch, the first with and the second without that very moment. What is absent does not limit.
 */
export const paymentsQuery = z.strictObject({
  limit: pageSize,
  after: z.string().max(60).optional(),
  state: z.enum(paymentStates).optional(),
  reference: z.string().min(1).max(80).optional(),
  createdFromMs: timeMs,
  createdBeforeMs: timeMs,
})

/** `GET /v1/payments`: those of the key's mode, newest first. `next` is null on the last page. */
export const merchantPaymentsSchema = z.strictObject({
  object: z.literal('list'),
  payments: z.array(merchantPaymentSchema),
  next: z.string().nullable(),
})
export type MerchantPayments = z.output<typeof merchantPaymentsSchema>
