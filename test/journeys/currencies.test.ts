/** Whatever decimals a currency has, both ledgers count the same minor units. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Currency } from '../../shared/money.ts'
import { openPaymentWorld, type PaymentWorld } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'
import type { SoftwarePayer } from '../support/payer.ts'

let world: PaymentWorld
let ada: SoftwarePayer

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
  })
  afterEach(() => world.close())

  it.each<[Currency, number]>([
    ['JPY', 1],
    ['KWD', 1_000],
  ])('a payment in %s is captured in parts, refunded and let go, and both ledgers agree', async (currency, unit) => {
    const amount = (minor: number) => ({ minor, currency })
    ada = await world.payer('ada', await world.bank.issuesCard(amount(1_000 * unit)))
    const authorized = async (minor: number) => {
      const bill = await world.shop.asks(amount(minor), { capture: 'manual' })
      expect(taken(await ada.pays(bill))).toMatchObject({ state: 'authorized', amount: amount(minor) })
      return bill
    }

    const atOnce = await world.shop.asks(amount(250 * unit + 1))
    expect(taken(await ada.pays(atOnce))).toMatchObject({ state: 'captured' })
    const inParts = await authorized(300 * unit)
    taken(await world.shop.captures(inParts, 100 * unit + 1))
    taken(await world.shop.captures(inParts, 50 * unit))
    taken(await world.shop.refunds(inParts, 20 * unit))
    const letGo = await authorized(400 * unit)
    taken(await world.shop.voids(letGo))
    expect(taken(await ada.pays(await world.shop.asks(amount(600 * unit)))).state).toBe('declined')

    expect(await world.shop.sees(inParts)).toMatchObject({
      amount: amount(300 * unit),
      capturedMinor: 150 * unit + 1,
      refundedMinor: 20 * unit,
    })
    expect(await world.bookedFor(atOnce)).toBe(250 * unit + 1)
    expect(await world.bookedFor(inParts)).toBe(130 * unit + 1)
    expect(await world.bookedFor(letGo)).toBe(0)
    expect(await world.bank.balanceOf(ada)).toBe(1_000 * unit - (250 * unit + 1) - (130 * unit + 1))
    expect(await world.reconciles()).toEqual({ compared: 4, differences: [] })
  })
})
