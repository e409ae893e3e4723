import { Problem } from '../../shared/problem.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Stop, Tools } from '../runtime/room.ts'
import { isOpen, type Payment } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'

const billsAtOnce = 100

/** A bill whose time is over is expired for everybody who looks, whether or not the worker came by. */
export function expiry(payments: PaymentStore, { clock, log }: Tools) {
  const expire = async (payment: Payment): Promise<void> => {
    if (isOpen(payment)) await payments.advance(payment, 'expired', 'time-over')
  }
  return {
    /** @throws {Problem} `payment-unknown` */
    async current(id: Payment['id']): Promise<Payment> {
      const payment = await payments.get(id)
      if (!isOpen(payment) || clock.nowMs() < payment.expiresAtMs) return payment
      await expire(payment)
      return payments.get(id)
    },

    async expireOverdue(stop: Stop): Promise<void> {
      const overdue = await payments.overdue(billsAtOnce)
      await forEachDue(overdue, log, async (id) => expire(await payments.get(id)), stop)
    },
  }
}
export type Expiry = ReturnType<typeof expiry>

/**
 * A bill that can still be decided, or the reason why not.
 * @throws {Problem} `payment-in-progress`, `payment-expired`, `payment-settled`
 */
export function assertOpen(payment: Payment) {
  if (isOpen(payment)) return payment
  if (payment.state === 'approving' || payment.state === 'unknown') throw new Problem('payment-in-progress')
  throw new Problem(payment.state === 'expired' ? 'payment-expired' : 'payment-settled')
}
