/** What the bank tells of its books, also where somebody meddled with them. */
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BankTransaction, book, transfer } from '../../server/bank/ledger.ts'
import { type BankTables, bankMigrations } from '../../server/bank/schema.ts'
import { openDatabase } from '../../server/runtime/database.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { openPaymentWorld } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'
import { type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, balanced, engines, eur, openBankWorld, walletOrigin } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord

describe.each(engines)('a statement, on %s', (engine) => {
  beforeEach(async () => {
    world = await openBankWorld(engine)
    ada = await bankPayer(world)
    record = await ada.enrols()
  })
  afterEach(() => world.close())

  const stretch = () => ({ fromMs: world.clock.nowMs(), untilMs: world.clock.nowMs() + 1 })

  it('tells page by page, and to whom it belongs', async () => {
    const bodies = await Promise.all(Array.from({ length: 60 }, () => ada.authorization(record, ada.bill(eur(1)))))
    await Promise.all(bodies.map((body) => world.asks.authorize(body)))
    const first = await world.asks.statement({ ...stretch(), after: null })
    const second = await world.asks.statement({ ...stretch(), after: first.next })
    expect([first.entries.length, second.entries.length, second.next]).toEqual([50, 10, null])
    const told = [...first.entries, ...second.entries].map(({ reference }) => reference)
    expect(told.toSorted()).toEqual(bodies.map(({ reference }) => reference).toSorted())
    expect((await world.otherAsks.statement({ ...stretch(), after: null })).entries).toEqual([])
  })

  describe('tells what the postings say, and not what should have been posted', () => {
    let payment: PaymentId
    let reference: string
    /** 10.00 was captured, and 4.00 of it refunded. */
    beforeEach(async () => {
      const body = await ada.authorization(record, ada.bill(eur(10_00)))
      await world.asks.authorize(body)
      ;({ payment, reference } = body)
      await world.asks.refund({ reference, name: 'part', amount: eur(4_00) })
    })

    const told = async () => {
      const { entries } = await world.asks.statement({ ...stretch(), after: null })
      return entries.map(({ capturedMinor, refundedMinor }) => ({ capturedMinor, refundedMinor }))
    }

    /** Writes past the bank, as a mistake of its own would. */
    async function behindItsBack(work: (transaction: BankTransaction) => Promise<unknown>): Promise<void> {
      const database = await openDatabase<BankTables>(world.databaseUrl, bankMigrations)
      await database.inTransaction(work)
      await database.close()
    }
    const booksAgain = async (kind: 'capture' | 'refund') => {
      const [payer] = await world.simulator.accountsBehind(ada.card)
      const [payee] = await world.simulator.accountsOfPayee(ada.payee.id)
      const [from = '', to = ''] = kind === 'capture' ? [payer?.id, payee?.id] : [payee?.id, payer?.id]
      const about = { paymentServer: walletOrigin, payment, reference }
      const booking = { kind, about, bookedAtMs: world.clock.nowMs(), postings: transfer(from, to, eur(1_00)) }
      await behindItsBack((transaction) => book(transaction, systemRandom, booking))
    }
    const listsWithoutPostings = (kind: 'capture' | 'refund') =>
      behindItsBack(async (transaction) => {
        const of = { payment_server: walletOrigin, reference }
        const booking = { ...of, id: 'booking_planted', kind, payment, booked_at_ms: world.clock.nowMs() }
        await transaction.insertInto('booking').values(booking).execute()
        await transaction
          .insertInto(kind)
          .values({ ...of, name: 'planted', booking: booking.id, amount_minor: 1_00 })
          .execute()
      })

    it('and the books do not balance where what was reversed is not booked back', async () => {
      const row = { payment_server: walletOrigin, reference, payment, reversed_at_ms: world.clock.nowMs() }
      await behindItsBack((transaction) => transaction.insertInto('reversal').values(row).execute())
      expect(await world.simulator.check()).toMatchObject({ sumsToZero: true, everyMovementIsBooked: false })
    })

    it('and the books balance where it is', async () => {
      await world.asks.reverse({ reference })
      await world.asks.reverse({ reference: `${payment}.2` })
      expect(await world.simulator.check()).toMatchObject(balanced)
    })

    it('where both agree', async () => {
      expect(await told()).toEqual([{ capturedMinor: 10_00, refundedMinor: 4_00 }])
      expect(await world.simulator.check()).toMatchObject(balanced)
    })

    it.each([
      ['a capture that was booked a second time', 'capture', { capturedMinor: 11_00, refundedMinor: 4_00 }],
      ['a refund that was booked a second time', 'refund', { capturedMinor: 10_00, refundedMinor: 5_00 }],
    ] as const)('of %s', async (_what, kind, expected) => {
      await booksAgain(kind)
      expect(await told()).toEqual([expected])
      expect(await world.simulator.check()).toMatchObject({ sumsToZero: true, everyMovementIsBooked: false })
    })

    it.each(['capture', 'refund'] as const)('of a %s whose postings are missing', async (kind) => {
      await listsWithoutPostings(kind)
      expect(await told()).toEqual([{ capturedMinor: 10_00, refundedMinor: 4_00 }])
      expect(await world.simulator.check()).toMatchObject({ sumsToZero: true, everyMovementIsBooked: false })
    })
  })
})

it('shows a payment server that something was booked twice', async () => {
  const house = await openPaymentWorld()
  const payer = await house.payer('ada')
  const bill = await house.shop.asks(eur(10_00))
  taken(await payer.pays(bill))
  expect(await house.reconciles()).toEqual({ compared: 1, differences: [] })
  const sqlite = new BetterSqlite3(join(house.directory, 'bank.db'))
  sqlite.exec(`insert into booking select 'booking_again', kind, payment_server, payment, reference, booked_at_ms
    from booking where kind = 'capture'`)
  sqlite.exec(`insert into posting select 'booking_again', account, posting.currency, amount_minor
    from posting join booking on booking.id = booking where kind = 'capture'`)
  sqlite.close()
  expect((await house.reconciles()).differences).toEqual([
    { reference: `${bill}.1`, about: 'captured', ours: '10.00 EUR', banks: '20.00 EUR' },
  ])
  await house.close()
})
