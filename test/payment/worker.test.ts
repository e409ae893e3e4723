import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
beforeEach(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
})
afterEach(() => world.close())

/** A bank that leaves everybody waiting, until it is let go. */
function hangingBank() {
  const { promise: hangs, resolve: hangUp } = Promise.withResolvers<void>()
  const waiting: string[] = []
  world.withBank(async (ask, request) => {
    waiting.push(new URL(request.url).pathname)
    await hangs
    return unreachable(ask, request)
  })
  return { waiting, hangUp }
}

/** Payments of which nobody knows what became. */
async function unknowns(count: number): Promise<PaymentId[]> {
  world.withBank(unreachable)
  const bills = await Promise.all(Array.from({ length: count }, () => world.shop.asks(eur(1_00))))
  for (const bill of bills) expect(taken(await ada.pays(bill)).state).toBe('unknown')
  world.clock.advance(60_000)
  return bills
}

const stateOf = (bill: PaymentId): unknown =>
  world.database('payment', (sqlite) => sqlite.prepare('select state from payment where id = ?').pluck().get(bill))

describe('while the bank hangs', () => {
  it('bills expire, and whoever runs the server is told what needs a look', async () => {
    const bill = await world.shop.asks(eur(5_00), { expiresInSeconds: 300 })
    await unknowns(1)
    world.clock.advance(10 * 60_000)
    const bank = hangingBank()
    const round = world.tick()
    await expect.poll(() => bank.waiting).toHaveLength(1)
    expect(stateOf(bill)).toBe('expired')
    expect(world.told).toEqual([expect.stringContaining('1 payment needs attention')])
    bank.hangUp()
    await round
  })

  it('a few payments at a time are asked about, and freezes and captures do not wait for them', async () => {
    const held = await world.shop.asks(eur(5_00), { capture: 'manual' })
    taken(await ada.pays(held))
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has a card')
    await unknowns(12)
    taken(await world.shop.captures(held))
    taken(await ada.withCard(card.id, 'freeze'))
    world.clock.advance(60_000)
    const bank = hangingBank()
    const round = world.tick()
    await expect.poll(() => bank.waiting.toSorted()).toEqual(['/captures', '/freezes', ...Array(5).fill('/inquiries')])
    bank.hangUp()
    await round
    expect(bank.waiting.filter((path) => path === '/inquiries')).toHaveLength(12)
  })

  it.each<[string, (stop: AbortController) => Promise<void> | void]>([
    ['a process that is told to stop', (stop) => stop.abort()],
    ['a room that closes', () => world.restarts()],
  ])('%s asks nothing more: it waits for the answers it has asked for, and no longer', async (_what, end) => {
    const bills = await unknowns(12)
    const bank = hangingBank()
    const stop = new AbortController()
    const round = world.tick(stop.signal)
    await expect.poll(() => bank.waiting).toHaveLength(5)
    const ended = end(stop)
    bank.hangUp()
    await Promise.all([round, ended])
    expect(bank.waiting).toHaveLength(5)

    world.withBank(undisturbed)
    world.clock.advance(10 * 60_000)
    await world.tick()
    for (const bill of bills) expect(stateOf(bill)).toBe('declined')
  })

  it('a process that is told to stop does not go on from an inquiry to a reversal', async () => {
    await unknowns(1)
    world.clock.advance(10 * 60_000)
    const stop = new AbortController()
    world.withBank((ask, request) => {
      stop.abort()
      return ask(request)
    })
    const askedSoFar = world.asked.length
    await world.tick(stop.signal)
    expect(world.asked.slice(askedSoFar)).toEqual(['/inquiries'])
  })

  it('a payer who changes a card waits for one answer, and the bank hears of the latest change first', async () => {
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has a card')
    world.withBank(unreachable)
    taken(await ada.withCard(card.id, 'freeze'))
    const askedSoFar = world.asked.length
    taken(await ada.unfreezes(card.id))
    taken(await ada.withCard(card.id, 'freeze'))
    expect(world.asked.slice(askedSoFar)).toEqual(['/freezes', '/freezes'])
    world.withBank(undisturbed)
    world.clock.advance(5 * 60_000)
    await world.tick()
    expect(await ada.cards()).toMatchObject([{ isFrozen: true, isToldToBank: true }])
  })
})
