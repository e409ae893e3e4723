import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../server/runtime/database.ts'
import { silentLog } from '../../server/runtime/log.ts'
import { migrations, type Order, orderStore, type ShopTables } from '../../server/shop/order-store.ts'
import { openShop } from '../../server/shop/room.ts'
import { manualClock } from '../support/manual-clock.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { seededRandom } from '../support/seeded-random.ts'

const order: Order = {
  id: 'coffee-1',
  basket: 'espresso=2&matcha=1',
  language: 'en',
  attempt: 1,
  payment: null,
  placed_at_ms: Date.UTC(2026, 0, 1),
}

type FormerTables = { coffee_order: Omit<Order, 'basket' | 'language'> & { drink: string; quantity: number } }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'moniker-shop-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe.each(['sqlite', 'postgres'] as const)('orders on %s', (engine) => {
  let url: string
  let database: Database<ShopTables>
  beforeEach(async () => {
    url = engine === 'postgres' ? await freshPostgresUrl() : 'sqlite::memory:'
    database = await openDatabase<ShopTables>(url, migrations)
  })
  afterEach(() => database.close())

  it('are found as they were added', async () => {
    const orders = orderStore(database)
    await orders.add(order)
    expect(await orders.find(order.id)).toEqual(order)
    expect(await orders.find('coffee-2')).toBeUndefined()
  })

  it('go on once, when two go on from the same place; the slower one learns where the order is', async () => {
    const orders = orderStore(database)
    await orders.add(order)
    const paying = { attempt: 1, payment: 'pay_1' }
    expect(await orders.advance(order, paying)).toEqual({ ...order, ...paying })
    expect(await orders.advance(order, { attempt: 1, payment: 'pay_2' })).toEqual({ ...order, ...paying })
    const again = { attempt: 2, payment: null }
    expect(await orders.advance({ ...order, ...paying }, again)).toEqual({ ...order, ...again })
  })

  it('get one ticket each, also when several are made at once', async () => {
    const orders = orderStore(database)
    const ids = ['coffee-1', 'coffee-2', 'coffee-3']
    for (const id of ids) await orders.add({ ...order, id })
    expect(await orders.ticketOf('coffee-1')).toBeNull()
    await Promise.all([...ids, ...ids, ...ids].map((id) => orders.makeTicket(id)))
    expect((await Promise.all(ids.map((id) => orders.ticketOf(id)))).toSorted()).toEqual([1, 2, 3])
  })

  it('from before there were baskets are kept, each with its one drink', async () => {
    const place = engine === 'postgres' ? await freshPostgresUrl() : `sqlite:${join(directory, 'shop.db')}`
    const { '003-baskets': _baskets, '004-languages': _languages, ...former } = migrations(engine)
    const before = await openDatabase<FormerTables>(place, () => former)
    const { basket: _basket, language: _language, ...same } = order
    await before.db
      .insertInto('coffee_order')
      .values({ ...same, drink: 'flat-white', quantity: 3 })
      .execute()
    await before.close()
    const after = await openDatabase<ShopTables>(place, migrations)
    expect(await orderStore(after).find(order.id)).toEqual({ ...order, basket: 'flat-white=3' })
    await after.close()
  })

  it.each(['%00', 'coffee-%00', 'coffee-AAAAAAAAAAA%00'])('have no page at /orders/%s', async (id) => {
    const origin = 'http://shop.localhost:4420'
    const config = { databaseUrl: url, origin, checkoutOrigin: 'http://pay.localhost:4410', apiKey: 'key' }
    const tools = { clock: manualClock(0), random: seededRandom('shop'), log: silentLog }
    const shop = await openShop(config, { payment: async () => Response.error() }, tools)
    const asked = [
      new Request(`${origin}/orders/${id}`),
      new Request(`${origin}/orders/${id}/payment`, { method: 'POST' }),
    ]
    const answers = await Promise.all(asked.map(async (request) => shop.fetch(request)))
    await shop.close()
    expect(answers.map(({ status }) => status)).toEqual([404, 404])
  })
})
