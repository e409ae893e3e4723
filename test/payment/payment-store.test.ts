import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealHashOf } from '../../shared/card.ts'
import { failuresMax } from '../../shared/payment.ts'
import { addCardIntentAnswer, payerSchema, payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

describe.each(['sqlite', 'postgres'] as const)('what many do at once, on %s', (engine) => {
  let world: PaymentWorld
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
  })
  afterEach(() => world.close())

  it('pays a bill once', async () => {
    const ada = await world.payer('ada')
    for (let round = 0; round < 5; round += 1) {
      const bill = await world.shop.asks(eur(12_50))
      const tabs = await Promise.all(Array.from({ length: 10 }, () => ada.signs(bill)))
      const outcomes = (await Promise.all(tabs.map((tab) => ada.confirms(bill, tab)))).map(outcomeOf)
      expect(outcomes.filter((outcome) => outcome === 'captured')).toHaveLength(1)
      expect(await world.bookedFor(bill)).toBe(12_50)
    }
  })

  it('pays a bill or calls it off, never both', async () => {
    const ada = await world.payer('ada')
    for (let round = 0; round < 5; round += 1) {
      const bill = await world.shop.asks(eur(12_50))
      const signed = await ada.signs(bill)
      await Promise.all([ada.confirms(bill, signed), world.shop.cancels(bill), ada.cancels(bill)])
      const { state } = await ada.sees(bill)
      expect(['captured', 'canceled']).toContain(state)
      expect(await world.bookedFor(bill)).toBe(state === 'captured' ? 12_50 : 0)
    }
  })

  it('counts failures exactly', async () => {
    const ada = await world.payer('ada')
    const eve = await world.payer('eve')
    const bill = await world.shop.asks(eur(12_50))
    const forged = async () => {
      const { intent } = taken(await eve.tab.post(`/api/payments/${bill}/intent`, payIntentAnswer, { username: 'ada' }))
      return { username: 'ada', intent, response: await eve.sign(intent) }
    }
    // All are signed before any is sent: the bill that one of them ends gives the others no intent any more.
    const forgeAtOnce = async (count: number) => {
      const forgeries = await Promise.all(Array.from({ length: count }, forged))
      return Promise.all(forgeries.map((forgery) => eve.confirms(bill, forgery)))
    }
    await forgeAtOnce(failuresMax - 1)
    expect(await ada.sees(bill)).toMatchObject({ state: 'created', triesLeft: 1 })
    await forgeAtOnce(5)
    expect(await ada.sees(bill)).toMatchObject({ state: 'declined', triesLeft: 0 })
  })

  it('consumes an intent once', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const signed = await ada.signs(bill)
    const bad = { ...signed, response: await ada.sign(signed.intent, { bogusSignature: true }) }
    const other = await world.open()
    const confirm = (body: object) =>
      new Request(`http://pay.localhost:4410/api/payments/${bill}/confirmation`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const answers = await Promise.all([world.http(confirm(bad)), other.fetch(confirm(bad))])
    await other.close()
    const codes = await Promise.all(answers.map(async (answer) => (await answer.json()).code))
    expect(codes.sort()).toEqual(['intent-consumed', 'passkey-refused'])
    expect((await ada.sees(bill)).triesLeft).toBe(failuresMax - 1)
  })

  it('creates one payment for one Idempotency-Key', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.shop.creates(eur(1), {}, 'crowd')))
    const ids = answers.flatMap((answer) => (answer.ok ? [answer.value.id] : []))
    expect(new Set(ids).size).toBe(1)
    for (const answer of answers) if (!answer.ok) expect(answer.problem.code).toBe('idempotency-key-in-use')
  })

  it('gives a name to one', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.newcomer('ada').takesName()))
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
    const codes = answers.flatMap((answer) => (answer.ok ? [] : [answer.problem.code]))
    expect(new Set(codes)).toEqual(new Set(['username-taken']))
  })

  it('adds all of a payer’s cards, each once, and one of them is the default', async () => {
    const ada = world.newcomer('ada')
    await ada.takesName()
    const add = async () => {
      const sealed = await ada.seal(cardThat.pays)
      const seal = await sealHashOf(sealed)
      const { intent } = taken(await ada.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
      return ada.tab.post('/api/cards', payerSchema, { intent, response: await ada.sign(intent), sealed })
    }
    const answers = await Promise.all(Array.from({ length: 4 }, add))
    expect(answers.every((answer) => answer.ok)).toBe(true)
    const { cards } = taken(await ada.signsIn())
    expect(cards).toHaveLength(4)
    expect(cards.filter((card) => card.isDefault)).toHaveLength(1)
  })

  it('settles an unknown payment once, whichever process asks', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    world.withBank(async (ask, request) => {
      await ask(request)
      return unreachable(ask, request)
    })
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    world.withBank(undisturbed)
    const others = await Promise.all([world.open(), world.open()])
    world.clock.advance(60_000)
    await Promise.all([world.tick(), ...others.map((room) => room.tick())])
    await Promise.all(others.map((room) => room.close()))
    expect((await world.shop.sees(bill)).state).toBe('captured')
    expect(await world.bookedFor(bill)).toBe(12_50)
  })
})
