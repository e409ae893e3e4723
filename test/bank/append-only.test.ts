/** What is in the bank's books stays there as it was written. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BankTables, bankMigrations } from '../../server/bank/schema.ts'
import { type Database, openDatabase } from '../../server/runtime/database.ts'
import { base64url } from '../../shared/bytes.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { identifier } from '../../shared/identifiers.ts'
import { bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, eur, openBankWorld } from './bank-world.ts'
import { undoingOf } from './every-operation.ts'
import { saysOfRecovery } from './recovery-page.ts'

const fresh = (world: BankWorld) =>
  ({ v: 1, nonce: base64url(world.random(32)), notAfter: world.clock.nowMs() + 300_000 }) as const

/** A row of everything the bank keeps. */
async function liveThroughEverything(world: BankWorld): Promise<void> {
  const { account: _account, ...issued } = await world.simulator.issue(100_00)
  const [ada, bob, eve] = [await bankPayer(world), await bankPayer(world), await bankPayer(world)]
  const record = await ada.enrols({ ...issued, name: 'ADA' })
  await world.asks.enrol(await eve.enrolment({ ...issued, name: 'EVE', code: issued.code === '111' ? '112' : '111' }))

  const asked = await world.asks.enrol(
    await bob.enrolment({ ...goodCard, number: parseCardNumber('4000002500003155') }),
  )
  const page = asked.outcome === 'enrolled' ? (asked.confirmation?.url ?? '') : ''
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  await world.http(new URL(page).pathname, { method: 'POST', headers, body: 'said=yes' })

  const limits = { currency: 'EUR' as const, perPaymentMinor: 50_00, perDayMinor: null, perMonthMinor: null }
  const { card, payer } = ada
  const second = await ada.anotherPasskey()
  const adding = { ...fresh(world), purpose: 'add-passkey' as const, payer, passkey: second.thumbprint }
  const vouched = { intent: adding, assertion: await ada.sign(adding) }
  await world.asks.bind({ card, payer, record, passkey: second.passkey, evidence: vouched })
  world.clock.advance(24 * 3_600_000)
  for (const signer of [ada, second]) {
    const intent = { ...fresh(world), purpose: 'set-limit' as const, card, payer, change: 1, limits }
    await world.asks.limit({ card, payer, record, evidence: { intent, assertion: await signer.sign(intent) } })
  }

  const body = await ada.authorization(record, ada.bill(eur(10_00)), { capture: 'manual' })
  const { reference } = body
  await world.asks.authorize(body)
  await world.asks.capture({ reference, name: 'part', amount: eur(5_00), isFinal: true })
  await world.asks.refund({ reference, name: 'part', amount: eur(1_00) })
  await world.asks.reverse({ reference })
  await world.asks.freeze({ card: ada.card, change: 1, isFrozen: true })
  const robbed = await bankPayer(world)
  await robbed.enrols()
  const recovery = identifier('recovery', world.random(16))
  const { passkey } = await robbed.anotherPasskey()
  const question = await world.asks.recover({ recovery, card: robbed.card, payer: robbed.payer, passkey })
  await saysOfRecovery(world, question, { ...goodCard, code: '000' })
  await world.asks.undo(await undoingOf(world, robbed))
  await world.asks.revoke({ payer: ada.payer, passkey: (await ada.anotherPasskey()).thumbprint })
}

/** Kysely writes there which migrations were made, and that one is being made: no word of the bank's. */
const ofTheMigrator = ['kysely_migration', 'kysely_migration_lock']

describe.each(engines)('every table of the bank, on %s', (engine) => {
  let world: BankWorld
  let database: Database<BankTables>
  let tables: readonly string[]
  beforeAll(async () => {
    world = await openBankWorld(engine)
    await liveThroughEverything(world)
    database = await openDatabase<BankTables>(world.databaseUrl, bankMigrations)
    const all = await database.db.introspection.getTables()
    tables = all.map(({ name }) => name).filter((name) => !ofTheMigrator.includes(name))
  })
  afterAll(async () => {
    await database.close()
    await world.close()
  })

  const rowsOf = async (table: string): Promise<readonly object[]> =>
    (await sql<object>`select * from ${sql.table(table)}`.execute(database.db)).rows

  /** @returns the tables that let it happen */
  async function tablesThatLet(change: (table: string, column: string) => ReturnType<typeof sql>): Promise<string[]> {
    const permissive: string[] = []
    for (const table of tables) {
      const before = await rowsOf(table)
      const column = Object.keys(before[0] ?? {})[0] ?? ''
      const isRefused = await change(table, column)
        .execute(database.db)
        .then(
          () => false,
          (error: unknown) => /rows .*are added and never changed/.test(String(error)),
        )
      if (!isRefused) permissive.push(table)
      expect(await rowsOf(table)).toEqual(before)
    }
    return permissive
  }

  it('has rows in this story', async () => {
    const empty: string[] = []
    for (const table of tables) if ((await rowsOf(table)).length === 0) empty.push(table)
    expect(empty).toEqual([])
    expect(tables.length).toBeGreaterThan(15)
  })

  it('lets no row be changed', async () => {
    expect(
      await tablesThatLet(
        (table, column) => sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)}`,
      ),
    ).toEqual([])
  })

  it('lets no row be taken away', async () => {
    expect(await tablesThatLet((table) => sql`delete from ${sql.table(table)}`)).toEqual([])
  })

  it('lets no row be put in the place of another', async () => {
    const replacing =
      engine === 'SQLite'
        ? (table: string) => sql`replace into ${sql.table(table)} select * from ${sql.table(table)}`
        : (table: string) => sql`truncate ${sql.table(table)} cascade`
    expect(await tablesThatLet(replacing)).toEqual([])
  })
})
