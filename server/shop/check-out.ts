import type { Payment } from '../../shared/sdk/index.ts'
import { type Basket, linesOf, totalOf } from './basket.ts'
import type { Order, OrderStore } from './order-store.ts'
import type { Till } from './till.ts'
import type { Language } from './words.ts'

export type CheckOut = (order: Order, basket: Basket, language: Language) => Promise<string | null>

/**
 * Takes an order to its payment, and asks for a new one only where the last can no longer be paid.
 * @returns where the browser goes now; null where the payment server cannot be reached
 */
export function checkOut(origin: string, orders: OrderStore, till: Till): CheckOut {
  return async (order, basket, language) => {
    const page = `/orders/${order.id}`
    const last = order.payment === null ? undefined : await till.see(order.payment)
    if (last === null) return null
    if (last !== undefined && canBePaid(last)) return last.url
    if (last !== undefined && !isLost(last)) return page
    // Written down before money is asked for: one attempt is one payment, however often it is sent.
    const current = last ? await orders.advance(order, { attempt: order.attempt + 1, payment: null }) : order
    const payment = await till.charge(`${current.id}-${current.attempt}`, {
      amount: totalOf(basket),
      reference: order.id,
      lines: linesOf(basket, language),
      successUrl: `${origin}${page}`,
      cancelUrl: `${origin}${page}`,
    })
    if (payment === null) return null
    await orders.advance(current, { attempt: current.attempt, payment: payment.id })
    return payment.url
  }
}

export const canBePaid = ({ state, decline }: Payment): boolean =>
  state === 'created' || (state === 'declined' && decline?.final !== true)

/** Ended without money: only then may there be another payment for the same order. */
const isLost = ({ state }: Payment): boolean =>
  state === 'declined' || state === 'expired' || state === 'canceled' || state === 'voided'
