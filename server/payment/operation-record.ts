import { z } from 'zod'
import { declineReasons } from '../../shared/decline.ts'
import { authorizationReferenceSchema, movementNameSchema } from '../../shared/wire/bank-api.ts'
import { moneySchema, paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { operationKinds, operationStates, type PaymentTables } from './schema.ts'

const operationSchema = z.object({
  payment: paymentIdSchema,
  /** Of this payment's operations; what the bank calls a capture or refund too. */
  name: movementNameSchema,
  kind: z.enum(operationKinds),
  /** Of the authorization it is about. */
  reference: authorizationReferenceSchema,
  /** To be captured, refunded or let go. */
  amount: moneySchema,
  /** The merchant's own words. */
  reason: z.string().nullable(),
  state: z.enum(operationStates),
  declineReason: z.enum(declineReasons).nullable(),
  /** How often the bank was asked. */
  askings: z.int(),
  askedAtMs: z.int(),
})
/**
 * Something asked of the bank about an authorization: `asking`, then `done` or `refused`, or `unknown` in between while the bank's
 * answer is missing.
 */
export type Operation = z.output<typeof operationSchema>
export type OperationKind = Operation['kind']

/** A row is read as strictly as a request. */
export const toOperation = (row: PaymentTables['operation']): Operation =>
  operationSchema.parse({
    payment: row.payment_id,
    name: row.name,
    kind: row.kind,
    reference: row.authorization_reference,
    amount: { minor: row.amount_minor, currency: row.currency },
    reason: row.reason,
    state: row.state,
    declineReason: row.decline_reason,
    askings: row.askings,
    askedAtMs: row.asked_at_ms,
  })

export const isUnanswered = ({ state }: Operation): boolean => state === 'asking' || state === 'unknown'
