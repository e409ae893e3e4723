import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ApiKeyStore, apiKeyStore } from '../../server/payment/api-key-store.ts'
import { type MerchantStore, merchantStore } from '../../server/payment/merchant-store.ts'
import { type PaymentTables, paymentMigrations } from '../../server/payment/schema.ts'
import { openDatabase } from '../../server/runtime/database.ts'
import type { MerchantId } from '../../shared/identifiers.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { engines, openStoreWorld, type StoreWorld } from './store-world.ts'

const minuteMs = 60_000
const asked = { mode: 'test', scope: 'read', name: 'Till' } as const

describe.each(engines)('the API keys of a merchant, on %s', (engine) => {
  let world: StoreWorld<'payment'>
  let keys: ApiKeyStore
  let merchants: MerchantStore
  let coffee: MerchantId
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'payment')
    const { database, clock, random } = world
    keys = apiKeyStore({ db: database.db, clock, random })
    merchants = merchantStore({ database, clock, random })
    coffee = await merchants.create('Bluebird Coffee', 'https://coffee.example')
  })
  afterEach(() => world.close())

  it('are several, and each says whose it is, of which mode and what for', async () => {
    const till = await keys.issue(coffee, asked)
    const office = await keys.issue(coffee, { mode: 'live', scope: 'full', name: 'Office' })
    expect(till.secret).toMatch(/^mk_test_[A-Za-z0-9_-]{43}$/)
    expect(office.secret).toMatch(/^mk_live_[A-Za-z0-9_-]{43}$/)
    expect(await keys.callerWith(till.secret)).toEqual({
      id: coffee,
      name: 'Bluebird Coffee',
      origin: 'https://coffee.example',
      mode: 'test',
      scope: 'read',
    })
    expect(await keys.callerWith(office.secret)).toMatchObject({ id: coffee, mode: 'live', scope: 'full' })
  })

  it('are kept nowhere: what is listed has the last four characters alone', async () => {
    const { id, secret } = await keys.issue(coffee, asked)
    const rows = await world.database.db.selectFrom('api_key').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(secret.slice(8))
    const createdAtMs = world.clock.nowMs()
    const times = { createdAtMs, usedAtMs: null, revokedAtMs: null }
    const seen = { ...asked, id, last4: secret.slice(-4), isConfigured: false, ...times }
    expect(await keys.list(coffee)).toEqual([seen])
  })

  it('tell when they were last used, to the minute', async () => {
    const { secret } = await keys.issue(coffee, asked)
    const firstUsedAtMs = world.clock.nowMs()
    await keys.callerWith(secret)
    world.clock.advance(minuteMs - 1)
    await keys.callerWith(secret)
    expect(await keys.list(coffee)).toMatchObject([{ usedAtMs: firstUsedAtMs }])
    world.clock.advance(1)
    await keys.callerWith(secret)
    expect(await keys.list(coffee)).toMatchObject([{ usedAtMs: firstUsedAtMs + minuteMs }])
  })

  it('are refused once they are revoked, for good, and the others are not', async () => {
    const [lost, kept] = [await keys.issue(coffee, asked), await keys.issue(coffee, asked)]
    expect(await keys.revoke(lost.id)).toBe(true)
    expect(await keys.revoke(lost.id)).toBe(false)
    await expect(keys.callerWith(lost.secret)).rejects.toThrow(expect.objectContaining({ code: 'api-key-refused' }))
    expect(await keys.callerWith(kept.secret)).toMatchObject({ id: coffee })
  })

  it('stay revoked also where the payment server is started with one', async () => {
    const config = { name: 'Owl Books', origin: 'https://books.example', apiKey: 'key_books' }
    await merchants.ensure(config)
    const { id } = await keys.callerWith('key_books')
    const [configured] = await keys.list(id)
    await keys.revoke(configured?.id ?? '')
    await merchants.ensure(config)
    await expect(keys.callerWith('key_books')).rejects.toThrow(expect.objectContaining({ code: 'api-key-refused' }))
  })

  it('outlive that the payment server is started with another key, which replaces the configured one alone', async () => {
    const config = { name: 'Bluebird Coffee', origin: 'https://coffee.example', apiKey: 'mk_test_one' }
    await merchants.ensure(config)
    const { secret } = await keys.issue(coffee, asked)
    await merchants.ensure({ ...config, apiKey: 'mk_test_two' })
    expect(await keys.callerWith('mk_test_two')).toMatchObject({ id: coffee, mode: 'test', scope: 'full' })
    expect(await keys.callerWith(secret)).toMatchObject({ id: coffee })
    await expect(keys.callerWith('mk_test_one')).rejects.toThrow(expect.objectContaining({ code: 'api-key-refused' }))
  })
})

describe.each(engines)('a database from before there were several keys, on %s', (engine) => {
  it('keeps its merchants, their keys and their payments', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'moniker-migration-'))
    const url = engine === 'postgres' ? await freshPostgresUrl() : `sqlite:${join(directory, 'payment.db')}`
    const before = await openDatabase<PaymentTables>(url, (name) =>
      Object.fromEntries(Object.entries(paymentMigrations(name)).filter(([migration]) => migration < '008')),
    )
    const hash = 'NSAmcLQl1-EIkQKjKorpUG4WjdbN-vMenDwIUw0z9xk' // of key_coffee
    const merchant = `merchant_${'A'.repeat(22)}`
    await sql`insert into merchant values (${merchant}, 'Bluebird Coffee', 'https://coffee.example', ${hash}, 1)`.execute(
      before.db,
    )
    await sql`insert into idempotency values (${merchant}, 'route', 'key', 'hash', null, null, 1)`.execute(before.db)
    await before.close()

    const after = await openDatabase<PaymentTables>(url, paymentMigrations)
    const { clock, random, close } = await openStoreWorld('sqlite', 'payment')
    const keys = apiKeyStore({ db: after.db, clock, random })
    expect(await keys.callerWith('key_coffee')).toMatchObject({ id: merchant, mode: 'live', scope: 'full' })
    expect(await keys.list((await keys.callerWith('key_coffee')).id)).toMatchObject([{ name: 'Configured' }])
    // The reference to the merchant still holds.
    const orphan = sql`insert into idempotency values ('nobody', 'route', 'key', 'hash', null, null, 1)`
    await expect(orphan.execute(after.db)).rejects.toThrow(/foreign key/i)
    await after.close()
    await close()
    await rm(directory, { recursive: true })
  })
})
