import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { openWorld, type World } from '../support/world.ts'

describe.each(['sqlite', 'postgres'] as const)('paying by name, on %s', (engine) => {
  let world: World
  let ada: SoftwarePayer
  beforeEach(async () => {
    world = await openWorld(engine)
    ada = await world.payer('ada', { balance: eur(100_00) })
  })
  afterEach(() => world.close())

  const coffee = () => world.merchant('Bluebird Coffee')

  it('moves the money from the payer to the payee, and tells both', async () => {
    const bill = await coffee().asks(eur(12_50), { reference: 'order-7' })
    const receipt = await ada.pays(bill)
    expect(receipt).toMatchObject({ ok: true, value: { state: 'captured', receipt: { card: { brand: 'visa' } } } })
    expect(await coffee().sees(bill)).toMatchObject({ state: 'captured', capturedMinor: 12_50, reference: 'order-7' })
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
    expect(await world.bank.takenBy(bill)).toBe(12_50)
  })

  it('takes the money once, however often the payer taps', async () => {
    const bill = await coffee().asks(eur(12_50))
    const taps = await Promise.all(Array.from({ length: 5 }, () => ada.signs(bill)))
    const outcomes = await Promise.all(taps.map((tap) => ada.confirms(bill, tap)))
    expect(outcomes.map(outcomeOf)).toContain('captured')
    expect(new Set(outcomes.map(outcomeOf))).not.toContain('declined')
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('takes the money once, however often the network repeats the same request', async () => {
    const bill = await coffee().asks(eur(12_50))
    const tap = await ada.signs(bill)
    const outcomes = await Promise.all([ada.confirms(bill, tap), ada.confirms(bill, tap), ada.confirms(bill, tap)])
    expect(outcomes.map(outcomeOf).filter((outcome) => outcome === 'captured').length).toBeGreaterThan(0)
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('tells a payer who comes back to a paid bill that it is paid', async () => {
    const bill = await coffee().asks(eur(12_50))
    const [first, second] = [await ada.signs(bill), await ada.signs(bill)]
    expect(outcomeOf(await ada.confirms(bill, first))).toBe('captured')
    expect(outcomeOf(await ada.confirms(bill, first))).toBe('captured') // sent again: the same answer
    expect(outcomeOf(await ada.confirms(bill, second))).toBe('payment-settled')
    expect(await ada.sees(bill)).toMatchObject({ state: 'captured', returnUrl: 'https://coffee.example/orders/1' })
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('lets a new payer touch twice in all: once for the passkey, once for card and payment together', async () => {
    const grace = world.stranger('grace')
    await grace.takesName()
    const bill = await coffee().asks(eur(4_20))
    const newCard = await world.bank.issuesCard(eur(10_00))
    const receipt = await grace.confirms(bill, await grace.signs(bill, { newCard }))
    expect(outcomeOf(receipt)).toBe('captured')
    expect(await world.bank.balanceOf(grace)).toBe(5_80)
    const next = await coffee().asks(eur(1_00))
    expect(outcomeOf(await grace.pays(next))).toBe('captured')
  })

  it('shows each merchant another pseudonym of the payer, and always the same one', async () => {
    const pay = async (merchant: string) => {
      const bill = await world.merchant(merchant).asks(eur(1_00))
      await ada.pays(bill)
      return (await world.merchant(merchant).sees(bill)).payer
    }
    const [first, again, elsewhere] = [
      await pay('Bluebird Coffee'),
      await pay('Bluebird Coffee'),
      await pay('Owl Books'),
    ]
    expect(again).toBe(first)
    expect(elsewhere).not.toBe(first)
  })

  it('keeps the payment of one merchant from another', async () => {
    const bill = await coffee().asks(eur(1_00))
    await expect(world.merchant('Owl Books').sees(bill)).rejects.toThrow('payment-unknown')
  })
})
