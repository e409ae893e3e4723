import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type PaymentState, paymentStates } from '../../shared/payment.ts'
import { eventTypeOf } from '../../shared/wire/events-api.ts'
import { minorColumn, type Reader } from './read-only.ts'

const orderRow = z.object({ id: z.string(), payment: z.string().nullable(), tickets: minorColumn })
const stateRow = z.object({ id: z.string(), state: z.enum(paymentStates), reference: z.string() })
type OrderRow = z.output<typeof orderRow>
type StateRow = z.output<typeof stateRow>
const eventRow = z.object({
  id: z.string(),
  payment: z.string(),
  type: z.string(),
  /** When the shop is first known to have heard of it; null: never. */
  heard_at_ms: minorColumn.nullable(),
})
type EventRow = z.output<typeof eventRow>
const countRow = z.object({ count: minorColumn })
const idRow = z.object({ id: z.string() })

const orders = `select id, payment, (select count(*) from ticket where ticket.order_id = coffee_order.id) as tickets
  from coffee_order`
const states = 'select id, state, reference from payment'
/** Those of a payment in the order in which they happened. */
const events = `select event.id, event.payment_id as payment, event.type, min(delivery_attempt.at_ms) as heard_at_ms
  from event left join delivery_attempt on delivery_attempt.event_id = event.id
    and delivery_attempt.status between 200 and 299
  group by event.id, event.payment_id, event.number, event.type order by event.payment_id, event.number`
const waiting = 'select event_id as id from delivery where next_attempt_at_ms is not null'

/** An order is paid at once or not at all; what was given back later had been served. */
const paidStates: readonly PaymentState[] = ['captured', 'refunded']

/**
 * Compares what the example shop serves with what the payment server knows to be paid: each paid order is served once, whatever died between
 * the two and however often the shop was told; nothing else is. And of every payment the shop was told where it ended, in order.
 * @returns a sentence for every difference
 */
export async function shopDifferencesOf(payment: Reader, shop: Reader): Promise<string[]> {
  const payments = new Map((await payment.rows(states, stateRow)).map((row) => [row.id, row]))
  const served = await shop.rows(orders, orderRow)
  const told = Map.groupBy(await payment.rows(events, eventRow), (row) => row.payment)
  return [
    ...(await payment.rows(waiting, idRow)).map(({ id }) => `the event ${id} is still to be told`),
    ...[...told.values()].flatMap(wrongAboutTelling),
    ...[...payments.values()].flatMap((row) => untoldEnd(row, told.get(row.id) ?? [])),
    ...served.flatMap((order) => wrongAboutOrder(order, payments)),
    ...unserved([...payments.values()], served),
  ]
}

/** @param told the events of one payment */
function wrongAboutTelling(told: readonly EventRow[]): string[] {
  const isEarly = ({ heard_at_ms }: EventRow, index: number) =>
    heard_at_ms !== null && heard_at_ms < (told[index - 1]?.heard_at_ms ?? 0)
  return [
    ...told.filter(({ heard_at_ms }) => heard_at_ms === null).map(({ id }) => `the event ${id} was never heard`),
    ...told.filter(isEarly).map(({ id }) => `the event ${id} was heard before the one that came first`),
  ]
}

function untoldEnd({ id, state }: StateRow, told: readonly EventRow[]): string[] {
  const type = eventTypeOf(state)
  return type === null || told.some((row) => row.type === type)
    ? []
    : [`${id} is ${state}, and there is no event of it`]
}

function wrongAboutOrder(order: OrderRow, payments: ReadonlyMap<string, StateRow>): string[] {
  const paid = order.payment === null ? undefined : payments.get(order.payment)
  const due = paid !== undefined && paidStates.includes(paid.state) ? 1 : 0
  const what = `the order ${order.id} is ${paid?.state ?? 'without a payment'}, and has ${order.tickets} tickets`
  const isForeign = paid !== undefined && paid.reference !== order.id
  return [
    ...(order.tickets === due ? [] : [what]),
    ...(isForeign ? [`the order ${order.id} counts on a payment of ${paid.reference}`] : []),
  ]
}

/** What was paid for an order that counts on another payment, or that is gone. */
function unserved(payments: readonly StateRow[], orders: readonly OrderRow[]): string[] {
  const counted = new Set(orders.map((order) => order.payment))
  const isOfOrder = ({ state, reference }: StateRow) => paidStates.includes(state) && reference.startsWith('coffee-')
  const lost = payments.filter((row) => isOfOrder(row) && !counted.has(row.id))
  return lost.map(({ id, reference }) => `${id} was paid for the order ${reference}, which does not know of it`)
}

/** Whether the shop has said where it hears: what happened before, nobody was to be told of. */
export const isListening = async (payment: Reader): Promise<boolean> =>
  (await payment.rows('select id from webhook_endpoint', idRow)).length > 0

/** Events that the shop has yet to hear of. */
export const untold = async (payment: Reader): Promise<number> => (await payment.rows(waiting, idRow)).length

/** How often the payment server tried to tell it, and how often the shop heard, by its own log. */
export type ToldShop = {
  readonly tickets: number
  readonly events: number
  readonly attempts: number
  readonly heard: number
}

/** The shop heard more often than there are events: some came again, and a run in which none did proves little. */
export async function toldShop(payment: Reader, shop: Reader, shopLog: string): Promise<ToldShop> {
  const count = async (reader: Reader, table: string): Promise<number> =>
    (await reader.rows(`select count(*) as count from ${table}`, countRow)).reduce((sum, row) => sum + row.count, 0)
  return {
    tickets: await count(shop, 'ticket'),
    events: await count(payment, 'delivery'),
    attempts: await count(payment, 'delivery_attempt'),
    heard: (await readFile(shopLog, 'utf8')).split('\n').filter(isHearing).length,
  }
}

/** A line that is written before the shop answers: one that it could not finish is not counted. */
const isHearing = (line: string): boolean => line.includes('"route":"/webhooks"') && line.includes('"status":204')
