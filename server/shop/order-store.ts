import { sql } from 'kysely'
import type { Database, Migrations } from '../runtime/database.ts'
import { lock } from '../runtime/lock.ts'

/** `attempt` counts the payments asked for: the next one is asked for only when the last can no longer be paid. */
export type Order = {
  id: string
  /** Such as `espresso=2&matcha=1`. */
  basket: string
  attempt: number
  /** The payment server's id for the last payment, once it has told us. */
  payment: string | null
  placed_at_ms: number
}
export type ShopTables = {
  coffee_order: Order
  /** What is being made, in the order in which it was paid. */
  ticket: { number: number; order_id: string }
}

export const migrations: Migrations = () => ({
  '001-orders': {
    async up(db) {
      await db.schema
        .createTable('coffee_order')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('drink', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('payment', 'text')
        .addColumn('placed_at_ms', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '002-tickets': {
    async up(db) {
      await db.schema
        .createTable('ticket')
        .addColumn('number', 'integer', (column) => column.primaryKey())
        .addColumn('order_id', 'text', (column) => column.notNull().unique().references('coffee_order.id'))
        .execute()
    },
  },
  '003-baskets': {
    async up(db) {
      await db.schema
        .alterTable('coffee_order')
        .addColumn('basket', 'text', (column) => column.notNull().defaultTo(''))
        .execute()
      await sql`update coffee_order set basket = drink || '=' || quantity`.execute(db)
      for (const column of ['drink', 'quantity'])
        await db.schema.alterTable('coffee_order').dropColumn(column).execute()
    },
  },
})

export function orderStore({ db, engine, inTransaction }: Database<ShopTables>) {
  const find = (id: string): Promise<Order | undefined> =>
    db.selectFrom('coffee_order').selectAll().where('id', '=', id).executeTakeFirst()
  /** Changes an order unless another request was quicker. @returns the order as it is then */
  async function advance(from: Order, change: Pick<Order, 'attempt' | 'payment'>): Promise<Order> {
    await db
      .updateTable('coffee_order')
      .set(change)
      .where('id', '=', from.id)
      .where('attempt', '=', from.attempt)
      .where('payment', 'is not distinct from', from.payment)
      .execute()
    return (await find(from.id)) ?? from
  }
  /** An order that is paid gets one ticket, however often that is told. */
  const makeTicket = (id: string): Promise<void> =>
    inTransaction(async (transaction) => {
      await lock(transaction, engine, 'ticket')
      const highest = transaction.selectFrom('ticket').select(({ fn }) => fn.max<number | null>('number').as('number'))
      const number = ((await highest.executeTakeFirst())?.number ?? 0) + 1
      await transaction
        .insertInto('ticket')
        .values({ number, order_id: id })
        .onConflict((conflict) => conflict.column('order_id').doNothing())
        .execute()
    })
  const ticketOf = async (id: string): Promise<number | null> => {
    const row = await db.selectFrom('ticket').select('number').where('order_id', '=', id).executeTakeFirst()
    return row?.number ?? null
  }
  return {
    find,
    advance,
    makeTicket,
    ticketOf,
    add: (order: Order) => db.insertInto('coffee_order').values(order).execute(),
  }
}
export type OrderStore = ReturnType<typeof orderStore>
