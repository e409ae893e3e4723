import type { Moniker, Payment } from '../../shared/sdk/index.ts'
import { type Basket, currency, linesOf, totalOf } from './basket.ts'
import type { Order, OrderStore } from './order-store.ts'
import { wordsIn } from './words.ts'

/**
 * Takes an order to its payment, and asks for a new one only where the last can no longer be paid.
 * @returns where the browser goes now
 * @throws where the payment server cannot be reached, or would not
 */
export function checkOut(origin: string, orders: OrderStore, { payments }: Moniker) {
  return async (order: Order, basket: Basket): Promise<string> => {
    const { drinks } = wordsIn(order.language)
    const page = `/orders/${order.id}`
    const last = order.payment === null ? null : await payments.retrieve(order.payment)
    if (last !== null && canBePaid(last)) return last.url
    if (last !== null && !isLost(last)) return page
    // Written down before money is asked for: one attempt is one payment, however often it is sent.
    const current = last ? await orders.advance(order, { attempt: order.attempt + 1, payment: null }) : order
    const amount = { minor: totalOf(basket), currency }
    const back = { successUrl: origin + page, cancelUrl: origin + page }
    const asked = { amount, reference: order.id, lines: linesOf(basket, drinks), ...back }
    const payment = await payments.create(asked, { idempotencyKey: `${current.id}-${current.attempt}` })
    await orders.advance(current, { attempt: current.attempt, payment: payment.id })
    return payment.url
  }
}

export const canBePaid = ({ state, decline }: Payment): boolean =>
  state === 'created' || (state === 'declined' && decline?.final !== true)

/** Ended without money: only then may there be another payment for the same order. */
const isLost = ({ state }: Payment): boolean => ['declined', 'expired', 'canceled', 'voided'].includes(state)
