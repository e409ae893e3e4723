/** What people see of the bank's books. */

import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BankTables, bankMigrations } from '../../server/bank/schema.ts'
import { testCards } from '../../server/bank/test-cards.ts'
import { openDatabase } from '../../server/runtime/database.ts'
import type { CardRecord } from '../../shared/card.ts'
import { type Money, money } from '../../shared/money.ts'
import { type Authorization, type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, eur, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
const hourMs = 3_600_000

describe.each(engines)('the console, on %s', (engine) => {
  beforeEach(async () => {
    world = await openBankWorld(engine)
    ada = await bankPayer(world)
    record = await ada.enrols()
  })
  afterEach(() => world.close())

  async function asks(amount: Money, capture: 'automatic' | 'manual' = 'automatic'): Promise<Authorization> {
    const body = await ada.authorization(record, ada.bill(amount), { capture })
    await world.asks.authorize(body)
    return body
  }
  const page = async () => (await world.http('/')).text()
  /** What is to be read under a heading, entry by entry, as the eye reads it. */
  async function entriesUnder(heading: string): Promise<string[]> {
    const [, section = ''] = (await page()).split(`<h2 id="${heading}">`)
    const [list = ''] = section.split('</section>')
    return [...list.matchAll(/<li>(.*?)<\/li>/gs)].map(([, entry = '']) =>
      entry
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
  }

  it('shows who was paid what, and every test card', async () => {
    const { payment } = await asks(eur(12_50))
    const response = await world.http('/')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const shown = await response.text()
    expect(shown).toContain('The books balance.')
    expect(testCards.every(({ does }) => shown.includes(does))).toBe(true)
    expect(await entriesUnder('journal')).toEqual([
      `Paid Test card •••• 1111 → Bluebird Coffee €12.50 ${payment} 23 Nov 2026, 09:00:00 UTC`,
      expect.stringMatching(/^Opening balance Issuing equity → Test card •••• 1111 €1,000\.00 booking_/),
    ])
  })

  it('shows every decision in words, the last one first', async () => {
    const approved = await asks(eur(12_50))
    world.clock.advance(1)
    const declined = await asks(eur(2_000_00))
    world.clock.advance(1)
    const reversed = await asks(money(700, 'JPY'))
    await world.asks.reverse({ reference: reversed.reference })
    const at = '23 Nov 2026, 09:00:00 UTC'
    expect(await entriesUnder('decisions')).toEqual([
      `Reversed Bluebird Coffee ¥700 ${reversed.reference} ${at}`,
      `Declined Bluebird Coffee €2,000.00 Not enough money (51) · ${declined.reference} ${at}`,
      `Approved Bluebird Coffee €12.50 ${approved.reference} ${at}`,
    ])
  })

  it('shows what is left of every hold, until nothing is', async () => {
    const { reference } = await asks(money(10_500, 'KWD'), 'manual')
    await world.asks.capture({ reference, name: 'part', amount: money(500, 'KWD'), isFinal: false })
    expect(await entriesUnder('holds')).toEqual([
      `Bluebird Coffee , from Test card •••• 1111 KWD 10.000 ${reference} until 30 Nov 2026, 09:00:00 UTC`,
    ])
    expect((await entriesUnder('accounts')).find((entry) => entry.startsWith('Debit'))).toMatch(
      /KWD 999\.500 account_\S+ KWD 989\.500 to spend, KWD 10\.000 held$/,
    )
    await world.asks.void({ reference })
    expect(await entriesUnder('holds')).toEqual([])
    expect(await page()).toContain('No money is set aside.')
  })

  it('draws how many decisions each of the last 24 hours saw', async () => {
    await asks(eur(1))
    world.clock.set(morning + hourMs)
    await asks(eur(1))
    await asks(eur(2_000_00))
    world.clock.set(morning + 5 * hourMs)
    await asks(eur(1))
    /** The hours ago that have a bar, and how high each is: the highest is 60. */
    const bars = async (kind: 'approved' | 'declined') =>
      [...(await page()).matchAll(new RegExp(`<rect class="${kind}"[^>]* height="([0-9.]+)"`, 'g'))].flatMap(
        ([, height], index, { length }) => (Number(height) > 0 ? [[length - 1 - index, Number(height)]] : []),
      )
    expect(await page()).toMatch(/3 approved.*1 declined/s)
    expect(await bars('approved')).toEqual([
      [5, 30],
      [4, 30],
      [0, 30],
    ])
    expect(await bars('declined')).toEqual([[4, 30]])
    world.clock.set(morning + 24 * hourMs)
    expect(await page()).toMatch(/2 approved.*1 declined/s)
    expect(await bars('approved')).toEqual([
      [23, 30],
      [19, 30],
    ])
  })

  it('cannot be made to run a payee’s name', async () => {
    const payee = { ...ada.payee, name: '<script>alert(1)</script>' }
    await world.asks.authorize(await ada.authorization(record, ada.bill(undefined, { payee })))
    expect(await page()).not.toContain(payee.name)
    expect(await page()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('shows no card number but those that everybody knows', async () => {
    const { number, account: _account, ...issued } = await world.simulator.issue(100_00)
    const bob = await bankPayer(world)
    const bobs = await bob.enrols({ ...goodCard, ...issued, number })
    await world.asks.authorize(await bob.authorization(bobs))
    const shown = (await page()).replaceAll(/\s/g, '')
    expect(shown).toContain(number.slice(-4))
    expect(shown).not.toContain(number)
  })

  it('is there again as soon as its database is', async () => {
    const database = await openDatabase<BankTables>(world.databaseUrl, bankMigrations)
    await sql`alter table posting rename to lost`.execute(database.db)
    expect((await world.http('/')).status).toBe(500)
    await sql`alter table lost rename to posting`.execute(database.db)
    await database.close()
    expect((await world.http('/')).status).toBe(200)
  })
})
