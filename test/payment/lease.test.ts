import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { openPaymentWorld, type PaymentWorld, unreachable } from './payment-world.ts'

let world: PaymentWorld
beforeEach(async () => {
  world = await openPaymentWorld()
})
afterEach(() => world.close())

/** The bank answers the next question when it is let, and none that comes meanwhile. */
function slowBank(): { answers: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  world.withBank(async (ask, request) => {
    world.withBank(unreachable)
    await promise
    return ask(request)
  })
  return { answers: resolve }
}

describe('while one process waits for the bank, another one does not ask as well', () => {
  async function isAskedOnce(path: string): Promise<void> {
    const other = await world.open()
    const bank = slowBank()
    const before = world.asked.length
    const waiting = world.tick()
    await expect.poll(() => world.asked.slice(before)).toEqual([path])
    world.clock.advance(4_000)
    await other.tick()
    bank.answers()
    await waiting
    expect(world.asked.slice(before)).toEqual([path])
    await other.close()
  }

  it('what became of a payment', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    world.withBank(unreachable)
    expect(taken(await ada.pays(bill)).state).toBe('unknown')
    world.clock.advance(60_000)
    await isAskedOnce('/inquiries')
  })

  it('to freeze a card', async () => {
    const ada = await world.payer('ada')
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has a card')
    world.withBank(unreachable)
    taken(await ada.withCard(card.id, 'freeze'))
    world.clock.advance(60_000)
    await isAskedOnce('/freezes')
  })
})
