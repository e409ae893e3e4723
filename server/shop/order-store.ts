import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database, Migrations } from '../runtime/database.ts'
import { lock } from '../runtime/lock.ts'
import type { Language } from './words.ts'

/** `attempt` counts the payments asked for: the next one is asked for only when the last can no longer be paid. */
export type Order = {
  id: string
  /** Such as `espresso=2&matcha=1`. */
  basket: string
  /** In which it was ordered, and is asked for however often: one attempt is one request. */
  language: Language
  attempt: number
  /** The payment server's id for the last payment, once it has told us. */
  payment: string | null
  placed_at_ms: number
}
/** A ticket is what is being made, in the order in which it was paid. */
export type ShopTables = { coffee_order: Order; ticket: { number: number; order_id: string } }

const running = (...statements: RawBuilder<unknown>[]) => ({
  async up(db: Kysely<never>) {
    for (const statement of statements) await statement.execute(db)
  },
})
export const migrations: Migrations = () => ({
  '001-orders': running(sql`create table coffee_order (id text primary key, drink text not null,
    quantity integer not null, attempt integer not null, payment text, placed_at_ms bigint not null)`),
  '002-tickets': running(sql`create table ticket (number integer primary key,
    order_id text not null unique references coffee_order (id))`),
  '003-baskets': running(
    sql`alter table coffee_order add column basket text not null default ''`,
    sql`update coffee_order set basket = drink || '=' || quantity`,
    sql`alter table coffee_order drop column drink`,
    sql`alter table coffee_order drop column quantity`,
  ),
  '004-languages': running(sql`alter table coffee_order add column language text not null default 'en'`),
})

export function orderStore({ db, engine, inTransaction }: Database<ShopTables>) {
  const one = (id: string) => db.selectFrom('coffee_order').selectAll().where('id', '=', id).executeTakeFirst()
  return {
    find: one,
    add: (order: Order) => db.insertInto('coffee_order').values(order).execute(),

    /** Changes an order unless another request was quicker. @returns the order as it is then */
    async advance(from: Order, change: Pick<Order, 'attempt' | 'payment'>): Promise<Order> {
      const same = db.updateTable('coffee_order').set(change).where('id', '=', from.id)
      const still = same.where('attempt', '=', from.attempt).where('payment', 'is not distinct from', from.payment)
      await still.execute()
      return (await one(from.id)) ?? from
    },

    /** An order that is paid gets one ticket, however often that is told. */
    makeTicket: (id: string): Promise<void> =>
      inTransaction(async (transaction) => {
        await lock(transaction, engine, 'ticket')
        const highest = transaction.selectFrom('ticket').select(({ fn }) => fn.max<number | null>('number').as('last'))
        const number = ((await highest.executeTakeFirst())?.last ?? 0) + 1
        const ticket = transaction.insertInto('ticket').values({ number, order_id: id })
        await ticket.onConflict((conflict) => conflict.column('order_id').doNothing()).execute()
      }),
    async ticketOf(id: string): Promise<number | null> {
      const row = await db.selectFrom('ticket').select('number').where('order_id', '=', id).executeTakeFirst()
      return row?.number ?? null
    },
  }
}
export type OrderStore = ReturnType<typeof orderStore>
