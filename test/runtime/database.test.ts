import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type Database,
  isUniqueViolation,
  type Migrations,
  openDatabase,
  openExistingDatabase,
} from '../../server/runtime/database.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import { freshPostgresUrl } from '../support/postgres.ts'

type Tables = { counter: { id: string; value: number } }
const migrations: Migrations = () => ({
  '001': {
    up: async (db) => {
      await db.schema
        .createTable('counter')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('value', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
})

const withNotes: Migrations = () => ({
  ...migrations('sqlite'),
  '002': { up: (db) => db.schema.alterTable('counter').addColumn('note', 'text').execute() },
})

let directory: string
let database: Database<Tables>

describe.each([
  ['SQLite', async () => `sqlite:${join(directory, 'new', `${randomUUID()}.db`)}`],
  ['PostgreSQL', freshPostgresUrl],
] as const)('a database on %s', (engine, freshUrl) => {
  let url: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'moniker-database-'))
    url = await freshUrl()
    database = await openDatabase<Tables>(url, migrations)
  })
  afterEach(async () => {
    await database.close()
    await rm(directory, { recursive: true })
  })

  it('keeps what was committed when it is opened again', async () => {
    await database.db.insertInto('counter').values({ id: 'a', value: 7 }).execute()
    await database.close()
    database = await openDatabase<Tables>(url, migrations)
    expect(await database.db.selectFrom('counter').selectAll().execute()).toEqual([{ id: 'a', value: 7 }])
  })

  it('is brought up to date by a later version, and then refused by the former one', async () => {
    await database.db.insertInto('counter').values({ id: 'a', value: 7 }).execute()
    await database.close()
    database = await openDatabase<Tables>(url, withNotes)
    await database.close()
    await expect(openDatabase<Tables>(url, migrations)).rejects.toThrow(/cannot be opened: .*002 is missing/)
    database = await openDatabase<Tables>(url, withNotes)
    expect(
      await database.db
        .selectFrom('counter')
        .select(['value', sql`note`.as('note')])
        .execute(),
    ).toEqual([{ value: 7, note: null }])
  })

  it('is left as it is by a program that only looks', async () => {
    const looking = await openExistingDatabase<Tables>(url, migrations)
    expect(await looking.db.selectFrom('counter').selectAll().execute()).toEqual([])
    await looking.close()
    await expect(openExistingDatabase(url, withNotes)).rejects.toThrow(
      /is not of this version: start its room first\.$/,
    )
    expect(await database.db.selectFrom('counter').selectAll().execute()).toEqual([])
  })

  it('holds every safe integer exactly, as a number', async () => {
    const value = Number.MAX_SAFE_INTEGER
    await database.db.insertInto('counter').values({ id: 'a', value }).execute()
    expect(await database.db.selectFrom('counter').select('value').executeTakeFirst()).toEqual({ value })
  })

  it('tells a row that exists from every other failure', async () => {
    const insert = () => database.db.insertInto('counter').values({ id: 'a', value: 1 }).execute()
    await insert()
    expect(isUniqueViolation(await insert().catch((error: unknown) => error))).toBe(true)
    const wrong = await sql`select nonsense`.execute(database.db).catch((error: unknown) => error)
    expect(isUniqueViolation(wrong)).toBe(false)
  })

  it('undoes a transaction that fails, whole', async () => {
    const failing = database.inTransaction(async (transaction) => {
      await transaction.insertInto('counter').values({ id: 'a', value: 1 }).execute()
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await database.db.selectFrom('counter').selectAll().execute()).toEqual([])
  })

  it('loses no increment of fifty at once', async () => {
    await database.db.insertInto('counter').values({ id: 'a', value: 0 }).execute()
    const increment = () =>
      database.inTransaction((transaction) =>
        transaction
          .updateTable('counter')
          .set((row) => ({ value: row('value', '+', 1) }))
          .where('id', '=', 'a')
          .execute(),
      )
    await Promise.all(Array.from({ length: 50 }, increment))
    expect(await database.db.selectFrom('counter').select('value').executeTakeFirst()).toEqual({ value: 50 })
  })

  it('commits durably', async () => {
    const setting = engine === 'SQLite' ? sql`pragma synchronous` : sql`show synchronous_commit`
    const { rows } = await setting.execute(database.db)
    expect(rows).toEqual([engine === 'SQLite' ? { synchronous: 2 } : { synchronous_commit: 'on' }])
  })
})

it('outlives a PostgreSQL that ends its connection in the middle of a transaction', async () => {
  const [database, other] = await freshPostgresUrl().then((url) =>
    Promise.all([openDatabase<Tables>(url, migrations), openDatabase<Tables>(url, migrations)]),
  )
  const interrupted = database.inTransaction(async (transaction) => {
    const { rows } = await sql<{ id: number }>`select pg_backend_pid() as id`.execute(transaction)
    const isGone = async () =>
      (await sql`select pid from pg_stat_activity where pid = ${rows[0]?.id}`.execute(other.db)).rows.length === 0
    await sql`select pg_terminate_backend(${rows[0]?.id})`.execute(other.db)
    await expect.poll(isGone).toBe(true)
    await transaction.insertInto('counter').values({ id: 'a', value: 1 }).execute()
  })
  await expect(interrupted).rejects.toThrow()
  expect(await database.db.selectFrom('counter').selectAll().execute()).toEqual([])
  await Promise.all([database.close(), other.close()])
})

it('gives up on a server that takes the connection and says nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const silent = createServer().listen(0, '127.0.0.1')
  try {
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const opening = openDatabase(`postgres://bank:secret@127.0.0.1:${port}/bank`, migrations)
    const refused = expect(opening).rejects.toThrow(/cannot be opened: timeout expired/)
    await once(silent, 'connection')
    vi.advanceTimersByTime(10_000)
    await refused
  } finally {
    vi.useRealTimers()
    silent.close()
  }
})

it('refuses an address of neither engine, without repeating its password', async () => {
  const opening = openDatabase('mysql://root:secret@db/bank', migrations)
  await expect(opening).rejects.toThrow(/starts with sqlite: or postgres:/)
  await expect(opening).rejects.not.toThrow(/secret/)
})

it.each([
  'postgres://bank:sec@ret@127.0.0.1:1/bank',
  'postgres://bank:sec/ret@127.0.0.1:1/bank',
  'postgres://127.0.0.1:1/bank?user=bank&password=secret',
])('tells why %s cannot be opened, and never the password', async (url) => {
  const error = await openDatabase(url, migrations).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(StartupError)
  expect(String(error)).toMatch(/^StartupError: The database postgres:.* cannot be opened: \S/)
  expect(String(error)).not.toMatch(/sec/)
})
