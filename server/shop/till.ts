import { type Moniker, MonikerProblem, type NewPayment, type Payment } from '../../shared/sdk/index.ts'
import type { Log } from '../runtime/room.ts'

/** The merchant API as a shop needs it. Null: the payment server cannot be reached, or would not. */
export function till({ payments }: Moniker, log: Log) {
  async function heard(asked: Promise<Payment>): Promise<Payment | null> {
    try {
      return await asked
    } catch (error) {
      if (error instanceof MonikerProblem) log.warn('payment-server-refused', { status: error.status })
      else log.warn('payment-server-silent', { error })
      return null
    }
  }
  return {
    see: (id: string) => heard(payments.retrieve(id)),
    /** @param idempotencyKey the same key asks for the same payment, so an answer that was lost on the way is asked for again */
    charge: (idempotencyKey: string, asked: NewPayment) => heard(payments.create(asked, { idempotencyKey })),
  }
}
export type Till = ReturnType<typeof till>
