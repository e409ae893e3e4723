import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import {
  cardThat,
  openPaymentWorld,
  operatorToken,
  type PaymentWorld,
  undisturbed,
  unreachable,
  walletOrigin,
} from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer

async function paid(minor = 10_00, capture: 'automatic' | 'manual' = 'automatic'): Promise<PaymentId> {
  const bill = await world.shop.asks(eur(minor), { capture })
  taken(await ada.pays(bill))
  return bill
}
const differences = async () => (await world.reconciles()).differences
const ten = money(10_00, 'EUR')
const one = money(1_00, 'EUR')

describe.each(['sqlite', 'postgres'] as const)('both ledgers, on %s', { timeout: 20_000 }, (engine) => {
  beforeEach(async () => {
    world = await openPaymentWorld({ engine, config: { operatorToken } })
    ada = await world.payer('ada')
  })
  afterEach(() => world.close())

  it('agree after everything that can be done with a payment', async () => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    await bob.pays(await world.shop.asks(eur(10_00)))
    const [captured, refunded, voided, part, expiring] = [
      await paid(10_00, 'manual'),
      await paid(),
      await paid(10_00, 'manual'),
      await paid(10_00, 'manual'),
      await paid(10_00, 'manual'),
    ]
    taken(await world.shop.captures(captured))
    taken(await world.shop.refunds(refunded, 4_00))
    taken(await world.shop.voids(voided))
    taken(await world.shop.captures(part, 3_00))
    expect(await world.reconciles()).toEqual({ compared: 6, differences: [] })
    expect(expiring).toBeDefined()
    world.clock.advance(8 * 24 * 3_600_000)
    expect(await differences()).toEqual([])
    await world.tick()
    expect(await differences()).toEqual([])
  })

  it('are compared page after page', async () => {
    for (let count = 0; count < 53; count += 1) await paid(1)
    expect(await world.reconciles()).toEqual({ compared: 53, differences: [] })
  }, 60_000)

  it('do not differ in what the bank has not answered yet', async () => {
    const bill = await paid(10_00, 'manual')
    const refunded = await paid()
    world.withBank(async (ask, request) => {
      await ask(request)
      throw new TypeError('socket hang up')
    })
    await ada.pays(await world.shop.asks(eur(10_00)))
    taken(await world.shop.captures(bill, 4_00))
    taken(await world.shop.refunds(refunded, 4_00))
    world.withBank(undisturbed)
    expect(await differences()).toEqual([])
  })

  it('differ where something was booked behind our back', async () => {
    const refunded = await paid()
    const captured = await paid(10_00, 'manual')
    const reversed = await paid()
    expect(await world.bankHears.refund({ reference: `${refunded}.1`, name: 'theirs', amount: one })).not.toBeNull()
    await world.bankHears.capture({ reference: `${captured}.1`, name: 'theirs', amount: ten, isFinal: false })
    await world.bankHears.reverse(`${reversed}.1`)
    const expected = [
      { reference: `${refunded}.1`, about: 'refunded', ours: '0.00 EUR', banks: '1.00 EUR' },
      { reference: `${captured}.1`, about: 'captured', ours: '0.00 EUR', banks: '10.00 EUR' },
      { reference: `${captured}.1`, about: 'set aside', ours: '10.00 EUR', banks: '0.00 EUR' },
      { reference: `${reversed}.1`, about: 'state', ours: 'approved', banks: 'reversed' },
    ]
    const found = await differences()
    expect(found).toHaveLength(expected.length)
    expect(found).toEqual(expect.arrayContaining(expected))
  })

  it('cannot be compared with a bank that is silent', async () => {
    world.withBank(unreachable)
    await expect(world.reconciles()).rejects.toMatchObject({ code: 'bank-unreachable' })
  })

  it('are what an operator is told of, since they were first found to differ', async () => {
    const bill = await paid()
    const foundAtMs = world.clock.nowMs()
    await world.bankHears.refund({ reference: `${bill}.1`, name: 'theirs', amount: one })
    await differences()
    world.clock.advance(60_000)
    await differences()
    const headers = { authorization: `Bearer ${operatorToken}` }
    const answer = await world.http(new Request(`${walletOrigin}/healthz`, { headers }))
    const { attention } = await answer.json()
    expect(attention).toEqual([{ payment: bill, reason: 'ledgers-differ', sinceMs: foundAtMs }])
  })
})

describe('a ledger of ours that somebody wrote in', () => {
  beforeEach(async () => {
    world = await openPaymentWorld()
    ada = await world.payer('ada')
  })
  afterEach(() => world.close())

  it.each([
    ['more captured', 'captured_minor = 5', 'captured', '0.05 EUR', '0.00 EUR'],
    ['another amount', 'amount_minor = 1001, captured_minor = 1', 'amount', '10.01 EUR', '10.00 EUR'],
    ['another currency', `currency = 'USD'`, 'amount', 'USD', 'EUR'],
    ['nothing set aside', `state = 'voided'`, 'set aside', '0.00 EUR', '10.00 EUR'],
  ])('differs: %s', async (_what, change, about, ours, banks) => {
    const bill = await paid(10_00, 'manual')
    await paid()
    world.database('payment', (sqlite) => sqlite.prepare(`update payment set ${change} where id = ?`).run(bill))
    expect(await differences()).toContainEqual({ reference: `${bill}.1`, about, ours, banks })
  })

  it('differs until somebody has put it right', async () => {
    const bill = await paid()
    const write = (refundedMinor: number) =>
      world.database('payment', (sqlite) => sqlite.exec(`update payment set refunded_minor = ${refundedMinor}`))
    const kept = () =>
      world.database('payment', (sqlite) => sqlite.prepare('select payment_id, about from difference').all())
    write(1_00)
    await differences()
    expect(kept()).toEqual([{ payment_id: bill, about: 'refunded' }])
    write(0)
    await differences()
    expect(kept()).toEqual([])
  })

  it('differs: an approval that the bank never gave', async () => {
    const bill = await paid()
    world.database('payment', (sqlite) => {
      sqlite.exec(`create temp table copy as select * from "authorization"`)
      sqlite.exec(`update copy set reference = payment_id || '.2'`)
      sqlite.exec(`insert into "authorization" select * from copy`)
    })
    expect(await differences()).toEqual([
      { reference: `${bill}.2`, about: 'state', ours: 'approved', banks: 'nothing' },
    ])
  })

  it('differs: a payment that is gone', async () => {
    const bill = await paid()
    world.database('payment', (sqlite) => {
      sqlite.pragma('foreign_keys = OFF')
      sqlite.exec('delete from "authorization"')
    })
    expect(await differences()).toEqual([
      { reference: `${bill}.1`, about: 'state', ours: 'nothing', banks: 'approved' },
    ])
  })

  it('differs: a payment that counts as declined', async () => {
    const bill = await paid()
    world.database('payment', (sqlite) => sqlite.exec('update "authorization" set approval_code = null'))
    expect(await differences()).toEqual([
      { reference: `${bill}.1`, about: 'state', ours: 'declined', banks: 'approved' },
    ])
  })
})
