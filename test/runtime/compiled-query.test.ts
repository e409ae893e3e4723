import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledQuery, compiledWithin } from '../../server/runtime/compiled-query.ts'
import { type Database, openDatabase } from '../../server/runtime/database.ts'

type Tables = { drink: { name: string; price_minor: number | null } }

describe('a query that is compiled once', () => {
  let database: Database<Tables>
  beforeEach(async () => {
    database = await openDatabase<Tables>('sqlite::memory:', () => ({
      '001': {
        up: (db) =>
          db.schema.createTable('drink').addColumn('name', 'text').addColumn('price_minor', 'bigint').execute(),
      },
    }))
    const drinks = [
      { name: 'tea', price_minor: 250 },
      { name: 'milk', price_minor: 250 },
      { name: 'coffee', price_minor: 350 },
    ]
    await database.db.insertInto('drink').values(drinks).execute()
  })
  afterEach(() => database.close())

  it('is asked with other values each time', async () => {
    const others = compiledQuery(database.db, (priceMinor: number, name: string) =>
      database.db.selectFrom('drink').select('name').where('price_minor', '=', priceMinor).where('name', '!=', name),
    )
    expect(await others(250, 'tea')).toEqual([{ name: 'milk' }])
    expect(await others(250, 'milk')).toEqual([{ name: 'tea' }])
    expect(await others(350, 'tea')).toEqual([{ name: 'coffee' }])
  })

  it('keeps what is the same each time', async () => {
    const cheapest = compiledQuery(database.db, (priceMinor: number) =>
      database.db
        .selectFrom('drink')
        .select('name')
        .where('price_minor', '>=', priceMinor)
        .where('name', '=', 'tea')
        .limit(1),
    )
    expect([await cheapest(100), await cheapest(251)]).toEqual([[{ name: 'tea' }], []])
  })

  it('uses a value in two places', async () => {
    const named = compiledQuery(database.db, (name: string) =>
      database.db.selectFrom('drink').select('price_minor').where('name', '=', name).where('name', '>=', name),
    )
    expect(await named('coffee')).toEqual([{ price_minor: 350 }])
  })

  it('is refused where a value that is not there yet was computed with', async () => {
    const twice = compiledQuery(database.db, (priceMinor: number) =>
      database.db
        .selectFrom('drink')
        .select('name')
        .where('price_minor', '=', 2 * priceMinor),
    )
    await expect(twice(125)).rejects.toThrow('computes with its places')
  })

  it('is asked within one transaction after another, and leaves nothing of one that failed', async () => {
    const insert = compiledWithin((within: Kysely<Tables>, name: string, priceMinor: number | null) =>
      within.insertInto('drink').values({ name, price_minor: priceMinor }),
    )
    await database.inTransaction((within) => insert(within, 'cocoa', 400))
    const fails = database.inTransaction(async (within) => {
      await insert(within, 'ink', null)
      throw new Error('nobody drinks that')
    })
    await expect(fails).rejects.toThrow('nobody drinks that')
    await database.inTransaction((within) => insert(within, 'water', null))
    const dear = await database.db
      .selectFrom('drink')
      .selectAll()
      .where('name', 'in', ['cocoa', 'ink', 'water'])
      .execute()
    expect(dear).toEqual([
      { name: 'cocoa', price_minor: 400 },
      { name: 'water', price_minor: null },
    ])
  })
})
