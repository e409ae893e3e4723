import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { PaymentId } from '../../shared/identifiers.ts'
import { paymentStates } from '../../shared/payment.ts'
import type { PaymentTables } from './schema.ts'

/** Why a payment came to be where it is. A move without one of these does not compile. */
export const causes = [
  'merchant-asked',
  'payer-confirmed',
  'bank-approved',
  'bank-declined',
  'bank-reversed',
  /** It is more than the payer's own limits leave: no bank was asked. */
  'limit-exceeded',
  /** Its answer is missing, and nothing at all is known. */
  'bank-silent',
  /** The last of them was a ceremony that proved nothing: no bank was asked. */
  'too-many-failures',
  'payer-canceled',
  'merchant-canceled',
  /** Nobody paid in time. */
  'time-over',
  'bank-captured',
  'bank-refunded',
  'bank-voided',
  /** Nobody captured in time. */
  'hold-expired',
  /** The bank would not do what the merchant asked for: the payment is as it was before. */
  'capture-refused',
  'refund-refused',
  'void-refused',
] as const
export type Cause = (typeof causes)[number]

const transitionSchema = z.object({ state: z.enum(paymentStates), cause: z.enum(causes), atMs: z.int() })
/** One move of a payment, with its cause. Milliseconds since the Unix epoch, by this server's clock. */
export type Transition = z.output<typeof transitionSchema>

/** Everything that happened to a payment, from its birth on. A row is read as strictly as a request. */
export async function selectHistory(db: Kysely<PaymentTables>, payment: PaymentId): Promise<Transition[]> {
  const rows = await db
    .selectFrom('payment_transition')
    .select(['state', 'cause', 'at_ms as atMs'])
    .where('payment_id', '=', payment)
    .orderBy('number')
    .execute()
  return rows.map((row) => transitionSchema.parse(row))
}
