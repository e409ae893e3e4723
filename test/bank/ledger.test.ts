import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { book, openAccount, standingOf, transfer } from '../../server/bank/ledger.ts'
import { checkLedger } from '../../server/bank/ledger-report.ts'
import { type BankTables, bankMigrations } from '../../server/bank/schema.ts'
import { type Database, openDatabase } from '../../server/runtime/database.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { Currency } from '../../shared/money.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { engines } from './bank-world.ts'

let database: Database<BankTables>

describe.each(engines)('the ledger, on %s', (engine) => {
  beforeAll(async () => {
    const url = engine === 'SQLite' ? 'sqlite::memory:' : await freshPostgresUrl()
    database = await openDatabase(url, bankMigrations)
  })
  afterAll(() => database.close())

  const newAccount = (currency: Currency = 'EUR'): Promise<string> =>
    database.inTransaction(async (transaction) => {
      const account = { holder: randomUUID(), kind: 'debit' as const, currency, creditLineMinor: 0, label: 'Somebody' }
      return (await openAccount(transaction, systemRandom, 1, account)).id
    })
  const write = (postings: Parameters<typeof book>[2]['postings']) =>
    database.inTransaction((transaction) =>
      book(transaction, systemRandom, { kind: 'opening', about: null, bookedAtMs: 1, postings }),
    )
  const balanceOf = async (account: string) => (await standingOf(database.db, account)).balanceMinor

  it('has one account a holder and currency, however many ask for it at once', async () => {
    const account = {
      holder: 'ada',
      kind: 'debit' as const,
      currency: 'EUR' as const,
      creditLineMinor: 0,
      label: 'Ada',
    }
    const opened = await Promise.all(
      Array.from({ length: 8 }, () =>
        database.inTransaction((transaction) => openAccount(transaction, systemRandom, 1, account)),
      ),
    )
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
    expect(opened.filter(({ isNew }) => isNew)).toHaveLength(1)
  })

  it('refuses to make or lose money', async () => {
    const [from, to] = [await newAccount(), await newAccount()]
    const uneven = [
      { account: from, currency: 'EUR' as const, minor: -100 },
      { account: to, currency: 'EUR' as const, minor: 101 },
    ]
    await expect(write(uneven)).rejects.toThrow(RangeError)
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([0, 0])
  })

  it('refuses to sum two currencies to zero', async () => {
    const [euros, dollars] = [await newAccount('EUR'), await newAccount('USD')]
    const exchanged = [
      { account: euros, currency: 'EUR' as const, minor: -100 },
      { account: dollars, currency: 'USD' as const, minor: 100 },
    ]
    await expect(write(exchanged)).rejects.toThrow(RangeError)
  })

  it('refuses money of another currency than the account’s', async () => {
    const [euros, dollars] = [await newAccount('EUR'), await newAccount('USD')]
    await expect(write(transfer(euros, dollars, { minor: 100, currency: 'EUR' }))).rejects.toThrow()
  })

  it('balances whatever is transferred between whomever', async () => {
    const accounts = await Promise.all(Array.from({ length: 4 }, () => newAccount()))
    const expected = new Map(accounts.map((account) => [account, 0]))
    const transfers = fc.array(
      fc.record({ from: fc.nat(3), to: fc.nat(3), minor: fc.integer({ min: 1, max: 1e12 }) }),
      { maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(transfers, async (moves) => {
        for (const { from, to, minor } of moves) {
          const [giver, taker] = [accounts[from], accounts[to]]
          if (giver === undefined || taker === undefined || giver === taker) continue
          await write(transfer(giver, taker, { minor, currency: 'EUR' }))
          expected.set(giver, (expected.get(giver) ?? 0) - minor)
          expected.set(taker, (expected.get(taker) ?? 0) + minor)
        }
        for (const [account, minor] of expected) expect(await balanceOf(account)).toBe(minor)
      }),
      { numRuns: 15 },
    )
    expect(await checkLedger(database.db)).toMatchObject({ sumsToZero: true })
  })

  it('tells when somebody wrote past it', async () => {
    const account = await newAccount()
    await database.db
      .insertInto('booking')
      .values({ id: 'forged', kind: 'opening', payment_server: null, payment: null, reference: null, booked_at_ms: 1 })
      .execute()
    await database.db
      .insertInto('posting')
      .values({ booking: 'forged', account, currency: 'EUR', amount_minor: 1 })
      .execute()
    expect(await checkLedger(database.db)).toMatchObject({ sumsToZero: false })
  })
})
