import type { PaymentId } from '../../shared/identifiers.ts'
import { assertOpen, type Expiry } from './expire.ts'
import type { Payment } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'

/** Either side may call a bill off while nothing is decided. */
export function canceler(payments: PaymentStore, bills: Expiry) {
  /** @throws {Problem} `payment-unknown`, `payment-in-progress`, `payment-expired`, `payment-settled` */
  return async function cancel(id: PaymentId, cause: 'payer-canceled' | 'merchant-canceled'): Promise<Payment> {
    const payment = await bills.current(id)
    if (payment.state === 'canceled') return payment
    const isCanceled = await payments.advance(assertOpen(payment), 'canceled', cause)
    const present = await bills.current(id)
    return isCanceled || present.state === 'canceled' ? present : assertOpen(present)
  }
}
export type Cancel = ReturnType<typeof canceler>
