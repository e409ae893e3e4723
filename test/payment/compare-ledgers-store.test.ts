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

  /** @param change of the payment alone: what was written down of the try stays as it was */
  const writes = (bill: PaymentId, change: string) =>
    world.database('payment', (sqlite) => sqlite.prepare(`update payment set ${change} where id = ?`).run(bill))
  const stateDiffers = (reference: string, ours: string, banks: string) => ({ reference, about: 'state', ours, banks })

  it.each([
    ['captured', `state = 'captured', captured_minor = amount_minor, failures = 0`],
    ['authorized', `state = 'authorized'`],
    ['refunded', `state = 'refunded', captured_minor = amount_minor, refunded_minor = amount_minor`],
    ['voided', `state = 'voided'`],
  ])('differs: a payment that counts as %s, though the bank declined it', async (state, change) => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(10_00))
    taken(await bob.pays(bill))
    await paid()
    expect(await differences()).toEqual([])
    writes(bill, change)
    expect(await differences()).toContainEqual(stateDiffers(`${bill}.1`, state, 'declined'))
  })

  it('differs: a payment that counts as captured, of which the bank knows nothing', async () => {
    const [unasked, unheard] = [await world.shop.asks(eur(10_00)), await world.shop.asks(eur(10_00))]
    world.withBank(unreachable)
    taken(await ada.pays(unheard))
    world.withBank(undisturbed)
    expect(await differences()).toEqual([])
    for (const bill of [unasked, unheard]) writes(bill, `state = 'captured', captured_minor = amount_minor`)
    const found = await differences()
    expect(found).toHaveLength(2)
    expect(found).toContainEqual(stateDiffers(unasked, 'captured', 'nothing'))
    expect(found).toContainEqual(stateDiffers(`${unheard}.1`, 'captured', 'nothing'))
  })

  it('differs: money that a payment counts, though no try of it was approved', async () => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(10_00))
    taken(await bob.pays(bill))
    writes(bill, 'captured_minor = 400, refunded_minor = 100')
    expect(await differences()).toEqual([
      { reference: `${bill}.1`, about: 'captured', ours: '4.00 EUR', banks: '0.00 EUR' },
      { reference: `${bill}.1`, about: 'refunded', ours: '1.00 EUR', banks: '0.00 EUR' },
    ])
  })

  it.each(['created', 'declined', 'canceled', 'approving', 'unknown', 'expired', 'voided', 'refunded'])(
    'differs: a payment that counts as %s, though the bank has captured it',
    async (state) => {
      const bill = await paid()
      writes(bill, `state = '${state}'`)
      expect(await differences()).toEqual([stateDiffers(`${bill}.1`, state, 'captured')])
    },
  )

  it.each([
    ['captured', 'voided'],
    ['declined', 'voided'],
  ])('differs: a payment that counts as %s, though the bank has let go of it', async (state, banks) => {
    const bill = await paid(10_00, 'manual')
    taken(await world.shop.voids(bill))
    writes(bill, `state = '${state}'`)
    expect(await differences()).toEqual([stateDiffers(`${bill}.1`, state, banks)])
  })

  it('agrees: what the last try came to says nothing about the one before', async () => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(10_00))
    taken(await bob.pays(bill))
    taken(await ada.pays(bill))
    expect(await world.reconciles()).toEqual({ compared: 2, differences: [] })
  })

  it('differs: a payment that counts by another try than the one that was approved', async () => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(10_00))
    taken(await bob.pays(bill))
    taken(await ada.pays(bill))
    writes(bill, `authorization_reference = '${bill}.1'`)
    const found = await differences()
    expect(found).toContainEqual(stateDiffers(`${bill}.1`, 'captured', 'declined'))
    expect(found).toContainEqual(stateDiffers(`${bill}.2`, 'followed by another try', 'approved'))
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
