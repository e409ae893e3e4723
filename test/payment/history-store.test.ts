/** Every move of a payment is written down with its cause, and nothing else is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { causes } from '../../server/payment/transition.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { failuresMax, legalMoves, type PaymentState } from '../../shared/payment.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const weekMs = 7 * 24 * 3_600_000
const isLegal = (from: PaymentState, to: PaymentState): boolean =>
  legalMoves[from].some((allowed: PaymentState) => allowed === to)

describe.each(['sqlite', 'postgres'] as const)('the history of a payment, on %s', { timeout: 20_000 }, (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  let poor: SoftwarePayer
  const causesSeen = new Set<string>()
  beforeAll(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
    poor = await world.payer('poor', cardThat.hasNoMoney)
  })
  afterAll(() => world.close())
  beforeEach(() => world.withBank(undisturbed))

  /** @returns each move as `state: cause` */
  async function historyOf(payment: PaymentId): Promise<string[]> {
    const history = await world.historyOf(payment)
    for (const [index, { state, cause, atMs }] of history.entries()) {
      const before = history[index - 1]
      if (before !== undefined) expect(isLegal(before.state, state), `${before.state} to ${state}`).toBe(true)
      expect(atMs).toBeGreaterThanOrEqual(before?.atMs ?? 0)
      causesSeen.add(cause)
    }
    expect(history.at(-1)?.state).toBe((await world.shop.sees(payment)).state)
    return history.map(({ state, cause }) => `${state}: ${cause}`)
  }
  const asked = ['created: merchant-asked']
  const confirmed = [...asked, 'approving: payer-confirmed']
  const authorized = [...confirmed, 'authorized: bank-approved']
  const paid = [...authorized, 'captured: bank-approved']

  async function held(minor = 10_00): Promise<PaymentId> {
    const bill = await world.shop.asks(eur(minor), { capture: 'manual' })
    expect(outcomeOf(await ada.pays(bill))).toBe('authorized')
    return bill
  }

  it('begins when a merchant asks, and tells the time of each move', async () => {
    const bornAtMs = world.clock.nowMs()
    const bill = await world.shop.asks(eur(1))
    world.clock.advance(1_000)
    taken(await ada.cancels(bill))
    expect(await world.historyOf(bill)).toEqual([
      { state: 'created', cause: 'merchant-asked', atMs: bornAtMs },
      { state: 'canceled', cause: 'payer-canceled', atMs: bornAtMs + 1_000 },
    ])
    expect(await historyOf(bill)).toEqual([...asked, 'canceled: payer-canceled'])
  })

  it('is empty where there is no such payment', async () => {
    expect(await world.historyOf(paymentIdSchema.parse(`pay_${'A'.repeat(22)}`))).toEqual([])
  })

  it('tells which side called it off', async () => {
    const bill = await world.shop.asks(eur(1))
    taken(await world.shop.cancels(bill))
    expect(await historyOf(bill)).toEqual([...asked, 'canceled: merchant-canceled'])
  })

  it.each(['by whoever looks', 'by the worker'])('tells that its time was over, seen %s', async (by) => {
    const bill = await world.shop.asks(eur(1))
    world.clock.advance(30 * 60_000)
    if (by === 'by the worker') await world.tick()
    expect(await world.shop.sees(bill)).toMatchObject({ state: 'expired' })
    expect(await historyOf(bill)).toEqual([...asked, 'expired: time-over'])
  })

  it('tells that it was paid, and captured in the same moment', async () => {
    const bill = await world.shop.asks(eur(1))
    taken(await ada.pays(bill))
    expect(await historyOf(bill)).toEqual(paid)
  })

  it('tells of each try that the bank declined', async () => {
    const bill = await world.shop.asks(eur(1))
    taken(await poor.pays(bill))
    taken(await ada.pays(bill))
    const declined = [...confirmed, 'declined: bank-declined']
    expect(await historyOf(bill)).toEqual([...declined, ...paid.slice(1)])
  })

  it('tells what ended it: the bank’s last no, or a ceremony that proved nothing', async () => {
    const [byBank, byCeremony] = [await world.shop.asks(eur(1)), await world.shop.asks(eur(1))]
    for (let failures = 0; failures < failuresMax; failures += 1) {
      await poor.pays(byBank)
      expect(outcomeOf(await ada.pays(byCeremony, { bogusSignature: true }))).toBe('passkey-refused')
    }
    const tries = Array.from({ length: failuresMax }, () => ['approving: payer-confirmed', 'declined: bank-declined'])
    expect(await historyOf(byBank)).toEqual([...asked, ...tries.flat()])
    expect(await historyOf(byCeremony)).toEqual([...asked, 'declined: too-many-failures'])
  })

  it('tells that a ceremony ended what the bank had declined before', async () => {
    const bill = await world.shop.asks(eur(1))
    taken(await poor.pays(bill))
    for (let failures = 1; failures < failuresMax; failures += 1) await ada.pays(bill, { bogusSignature: true })
    expect(await historyOf(bill)).toEqual([...confirmed, 'declined: bank-declined', 'declined: too-many-failures'])
  })

  it('tells that the bank was silent, and what it said then', async () => {
    const bill = await world.shop.asks(eur(1))
    world.withBank(async (ask, request) => {
      await ask(request)
      return unreachable(ask, request)
    })
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    world.withBank(undisturbed)
    world.clock.advance(60_000)
    await world.tick()
    expect(await historyOf(bill)).toEqual([...confirmed, 'unknown: bank-silent', ...paid.slice(2)])
  })

  it('tells that the bank promised never to do what it had not heard of', async () => {
    const bill = await world.shop.asks(eur(1))
    world.withBank(unreachable)
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    world.withBank(undisturbed)
    world.clock.advance(10 * 60_000)
    await world.tick()
    expect(await historyOf(bill)).toEqual([...confirmed, 'unknown: bank-silent', 'declined: bank-reversed'])
  })

  it('tells of each part that was captured', async () => {
    const bill = await held()
    taken(await world.shop.captures(bill, 4_00))
    taken(await world.shop.captures(bill, 6_00))
    expect(await historyOf(bill)).toEqual([...authorized, 'authorized: bank-captured', 'captured: bank-captured'])
  })

  it('tells that it was let go, before anything was captured or after a part was', async () => {
    const [whole, rest] = [await held(), await held()]
    taken(await world.shop.voids(whole))
    taken(await world.shop.captures(rest, 4_00))
    taken(await world.shop.voids(rest))
    expect(await historyOf(whole)).toEqual([...authorized, 'voided: bank-voided'])
    expect(await historyOf(rest)).toEqual([...authorized, 'authorized: bank-captured', 'captured: bank-voided'])
  })

  it('tells that it was more than the payer’s own limits leave', async () => {
    const careful = await world.payer('careful')
    const [card] = await careful.cards()
    if (card === undefined) throw new Error('careful has a card')
    const limits = { currency: 'EUR', perPaymentMinor: 5_00, perDayMinor: null, perMonthMinor: null } as const
    taken(await careful.limits(card.id, limits))
    const bill = await world.shop.asks(eur(5_01))
    expect(outcomeOf(await careful.pays(bill))).toBe('declined')
    expect(await historyOf(bill)).toEqual([...asked, 'declined: limit-exceeded'])
  })

  it('tells that nobody captured it in time', async () => {
    const bill = await held()
    world.clock.advance(weekMs)
    await world.tick()
    expect(await historyOf(bill)).toEqual([...authorized, 'expired: hold-expired'])
  })

  it('tells of each refund, also of one that came before all was captured', async () => {
    const [early, late] = [await held(), await world.shop.asks(eur(10_00))]
    taken(await ada.pays(late))
    taken(await world.shop.refunds(late, 4_00))
    taken(await world.shop.refunds(late))
    taken(await world.shop.captures(early, 4_00))
    taken(await world.shop.refunds(early, 1_00))
    taken(await world.shop.captures(early))
    expect(await historyOf(late)).toEqual([...paid, 'refunded: bank-refunded', 'refunded: bank-refunded'])
    expect(await historyOf(early)).toEqual([
      ...authorized,
      'authorized: bank-captured',
      'authorized: bank-refunded',
      'captured: bank-captured',
      'refunded: bank-captured',
    ])
  })

  it('tells what the bank would not do, after which it is as it was', async () => {
    const [letGo, captured, given] = [await held(), await held(), await world.shop.asks(eur(10_00))]
    taken(await ada.pays(given))
    const whole = { name: 'theirs', amount: money(10_00, 'EUR') }
    await world.bankHears.void(`${letGo}.1`)
    await world.bankHears.capture({ ...whole, reference: `${captured}.1`, isFinal: false })
    await world.bankHears.refund({ ...whole, reference: `${given}.1` })
    for (const asked of [world.shop.captures(letGo), world.shop.voids(captured), world.shop.refunds(given)])
      expect(await asked).toMatchObject({ problem: { code: 'bank-declined' } })
    expect(await historyOf(letGo)).toEqual([...authorized, 'authorized: capture-refused'])
    expect(await historyOf(captured)).toEqual([...authorized, 'authorized: void-refused'])
    expect(await historyOf(given)).toEqual([...paid, 'captured: refund-refused'])
  })

  it('was seen here with every cause there is', () => {
    expect([...causesSeen].sort()).toEqual([...causes].sort())
  })
})
