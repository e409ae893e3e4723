import { z } from 'zod'
import { type PaymentState, paymentStates } from '../../shared/payment.ts'
import { minorColumn, type Reader } from './read-only.ts'

const orderRow = z.object({ id: z.string(), payment: z.string().nullable(), tickets: minorColumn })
const stateRow = z.object({ id: z.string(), state: z.enum(paymentStates), reference: z.string() })
const countRow = z.object({ count: minorColumn })
const idRow = z.object({ id: z.string() })

const orders = `select id, payment, (select count(*) from ticket where ticket.order_id = coffee_order.id) as tickets
  from coffee_order`
const states = 'select id, state, reference from payment'
const waiting = 'select event_id as id from delivery where next_attempt_at_ms is not null'

/** An order is paid at once or not at all; what was given back later had been served. */
const paidStates: readonly PaymentState[] = ['captured', 'refunded']

/**
 * Compares what the example shop serves with what the payment server knows to be paid: each paid order is served once, whatever died between
 * the two and however often the shop was told; nothing else is.
 * @returns a sentence for every difference
 */
export async function shopDifferencesOf(payment: Reader, shop: Reader): Promise<string[]> {
  const payments = new Map((await payment.rows(states, stateRow)).map((row) => [row.id, row]))
  return [
    ...(await payment.rows(waiting, idRow)).map(({ id }) => `the event ${id} was never told`),
    ...(await shop.rows(orders, orderRow)).flatMap((order) => {
      const paid = order.payment === null ? undefined : payments.get(order.payment)
      const due = paid !== undefined && paidStates.includes(paid.state) ? 1 : 0
      const what = `the order ${order.id} is ${paid?.state ?? 'without a payment'}, and has ${order.tickets} tickets`
      const isForeign = paid !== undefined && paid.reference !== order.id
      return [
        ...(order.tickets === due ? [] : [what]),
        ...(isForeign ? [`the order ${order.id} counts on a payment of ${paid.reference}`] : []),
      ]
    }),
  ]
}

/** Whether the shop has said where it hears: what happened before, nobody was to be told of. */
export const isListening = async (payment: Reader): Promise<boolean> =>
  (await payment.rows('select id from webhook_endpoint', idRow)).length > 0

/** Events that the shop has yet to hear of. */
export const untold = async (payment: Reader): Promise<number> => (await payment.rows(waiting, idRow)).length

export type ToldShop = { readonly tickets: number; readonly events: number; readonly attempts: number }

/** More attempts than events: some were told again, because one of the two died before it knew. */
export async function toldShop(payment: Reader, shop: Reader): Promise<ToldShop> {
  const count = async (reader: Reader, table: string): Promise<number> =>
    (await reader.rows(`select count(*) as count from ${table}`, countRow)).reduce((sum, row) => sum + row.count, 0)
  return {
    tickets: await count(shop, 'ticket'),
    events: await count(payment, 'delivery'),
    attempts: await count(payment, 'delivery_attempt'),
  }
}
