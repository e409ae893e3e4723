import type { Kysely } from 'kysely'
import { z } from 'zod'
import { declineReasons } from '../../shared/decline.ts'
import { ceremonySchema } from '../../shared/evidence.ts'
import { failuresMax, type PaymentState, paymentStates } from '../../shared/payment.ts'
import { cardFaceSchema } from '../../shared/wire/bank-api.ts'
import { cardIdSchema, merchantIdSchema, moneySchema, paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { keyModes, linesSchema, metadataSchema } from '../../shared/wire/merchant-api.ts'
import { payerIdSchema } from './identity/payer-id.ts'
import type { PaymentTables } from './schema.ts'

/** One try to pay it at the bank. */
const trySchema = z.object({
  reference: z.string(),
  payer: payerIdSchema,
  card: cardIdSchema,
  face: cardFaceSchema,
  intentNonce: z.string(),
  challenge: z.string(),
  /** The COSE key of the passkey that signed, base64url. */
  passkey: z.string(),
  /** Who asked the payer: our own page, or the browser by itself. */
  ceremony: ceremonySchema,
  startedAtMs: z.int(),
  inquiries: z.int(),
  nextInquiryAtMs: z.int().nullable(),
  approvalCode: z.string().nullable(),
  bookedAtMs: z.int().nullable(),
})

const paymentSchema = z.object({
  id: paymentIdSchema,
  payee: z.object({ id: merchantIdSchema, name: z.string(), origin: z.string() }),
  mode: z.enum(keyModes),
  amount: moneySchema,
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  capturingMinor: z.int(),
  refundingMinor: z.int(),
  isReleasing: z.boolean(),
  heldUntilMs: z.int().nullable(),
  reference: z.string(),
  description: z.string().nullable(),
  lines: linesSchema,
  metadata: metadataSchema,
  successUrl: z.string(),
  cancelUrl: z.string(),
  capture: z.enum(['automatic', 'manual']),
  state: z.enum(paymentStates),
  moves: z.int(),
  failures: z.int(),
  tries: z.int(),
  declineReason: z.enum([...declineReasons, 'too-many-failures']).nullable(),
  /** What the bank last decided, as it signed it. */
  decision: z.string().nullable(),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
  /** The last one; null until the bank is first asked. */
  lastTry: trySchema.nullable(),
})
export type Payment = z.output<typeof paymentSchema>
export type Try = z.output<typeof trySchema>
export type In<S extends PaymentState> = Payment & { readonly state: S }

/** A bill on which nothing is decided yet. */
export const isOpen = (payment: Payment): payment is In<'created' | 'declined'> =>
  payment.state === 'created' || (payment.state === 'declined' && payment.failures < failuresMax)
/** The bank was asked, and has not answered. */
export const isAsking = (payment: Payment): payment is In<'approving' | 'unknown'> =>
  payment.state === 'approving' || payment.state === 'unknown'
export const isPaid = (payment: Payment): boolean => ['authorized', 'captured', 'refunded'].includes(payment.state)

/** A payment with its payee and its last try, in one question. */
export const selectPayments = (db: Kysely<PaymentTables>) =>
  db
    .selectFrom('payment')
    .innerJoin('merchant', 'merchant.id', 'payment.merchant_id')
    .leftJoin('authorization', 'authorization.reference', 'payment.authorization_reference')
    .select(['payment.id', 'payment.mode', 'payment.merchant_id', 'merchant.name', 'merchant.origin'])
    .select(['payment.amount_minor', 'payment.currency', 'payment.captured_minor', 'payment.refunded_minor'])
    .select(['payment.capturing_minor', 'payment.refunding_minor', 'payment.is_releasing', 'payment.held_until_ms'])
    .select([
      'payment.moves',
      'payment.reference',
      'payment.description',
      'payment.lines',
      'payment.metadata',
      'payment.success_url',
      'payment.cancel_url',
    ])
    .select(['payment.capture', 'payment.state', 'payment.failures', 'payment.tries', 'payment.decline_reason'])
    .select('payment.decision')
    .select(['payment.created_at_ms', 'payment.expires_at_ms', 'payment.authorization_reference'])
    .select(['authorization.payer_id', 'authorization.card_id', 'authorization.card_brand', 'authorization.card_last4'])
    .select([
      'authorization.intent_nonce',
      'authorization.challenge',
      'authorization.passkey',
      'authorization.ceremony',
    ])
    .select(['authorization.started_at_ms', 'authorization.inquiries'])
    .select(['authorization.next_inquiry_at_ms', 'authorization.approval_code', 'authorization.booked_at_ms'])

type PaymentRow = Awaited<ReturnType<ReturnType<typeof selectPayments>['executeTakeFirstOrThrow']>>

/** A row is read as strictly as a request. */
export const toPayment = (row: PaymentRow): Payment =>
  paymentSchema.parse({
    id: row.id,
    payee: { id: row.merchant_id, name: row.name, origin: row.origin },
    mode: row.mode,
    amount: { minor: row.amount_minor, currency: row.currency },
    capturedMinor: row.captured_minor,
    refundedMinor: row.refunded_minor,
    capturingMinor: row.capturing_minor,
    refundingMinor: row.refunding_minor,
    isReleasing: row.is_releasing === 1,
    heldUntilMs: row.held_until_ms,
    reference: row.reference,
    description: row.description,
    lines: JSON.parse(row.lines),
    metadata: JSON.parse(row.metadata),
    successUrl: row.success_url,
    cancelUrl: row.cancel_url,
    capture: row.capture,
    state: row.state,
    moves: row.moves,
    failures: row.failures,
    tries: row.tries,
    declineReason: row.decline_reason,
    decision: row.decision,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastTry: row.authorization_reference === null ? null : tryOf(row),
  })

const tryOf = (row: PaymentRow) => ({
  reference: row.authorization_reference,
  payer: row.payer_id,
  card: row.card_id,
  face: { brand: row.card_brand, last4: row.card_last4 },
  intentNonce: row.intent_nonce,
  challenge: row.challenge,
  passkey: row.passkey,
  ceremony: row.ceremony,
  startedAtMs: row.started_at_ms,
  inquiries: row.inquiries,
  nextInquiryAtMs: row.next_inquiry_at_ms,
  approvalCode: row.approval_code,
  bookedAtMs: row.booked_at_ms,
})
