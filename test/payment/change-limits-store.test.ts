/** What a payer says of the limits of a card, and what the payment server holds to before it asks the bank. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CardId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { allowanceSchema, setLimitIntentAnswer } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const dayMs = 24 * 60 * 60_000
const open: CardLimits = { currency: 'EUR', perPaymentMinor: null, perDayMinor: null, perMonthMinor: null }

describe.each(['sqlite', 'postgres'] as const)('limits, on %s', (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  let card: CardId
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
    const [only] = await ada.cards()
    if (only === undefined) throw new Error('ada has a card')
    card = only.id
  })
  afterEach(() => world.close())

  const sets = async (limits: Partial<CardLimits>) => taken(await ada.limits(card, { ...open, ...limits }))
  const authorizationsAsked = () => world.asked.filter((path) => path === '/authorizations').length
  const pays = async (minor: number) => {
    const bill = await world.shop.asks(eur(minor))
    const answer = taken(await ada.pays(bill))
    return answer.decline?.reason ?? answer.state
  }

  it('are none until the payer sets some, and count what was spent', async () => {
    expect(await pays(5_00)).toBe('captured')
    expect(await ada.allowance(card)).toMatchObject({
      change: 0,
      limits: null,
      pending: null,
      spent: [{ currency: 'EUR', dayMinor: 5_00, monthMinor: 5_00 }],
      isToldToBank: true,
    })
  })

  it('that are lowered hold at once, and decline as the bank would, without asking it', async () => {
    expect(await sets({ perPaymentMinor: 4_00, perDayMinor: 6_00 })).toMatchObject({
      limits: { perPaymentMinor: 4_00, perDayMinor: 6_00 },
      pending: null,
      isToldToBank: true,
    })
    expect([await pays(4_01), await pays(4_00), await pays(2_01), await pays(2_00)]).toEqual([
      'limit-exceeded',
      'captured',
      'limit-exceeded',
      'captured',
    ])
    expect(authorizationsAsked()).toBe(2)
  })

  it('that were typed with a card hold here from its first payment on, and for the same number added again', async () => {
    const paysWith = async (minor: number, choice: Parameters<SoftwarePayer['signs']>[1]) => {
      const bill = await world.shop.asks(eur(minor))
      const answer = taken(await ada.confirms(bill, await ada.signs(bill, choice)))
      return answer.decline?.reason ?? answer.state
    }
    expect(await paysWith(4_01, { newCard: { ...cardThat.paysToo, limit: money(4_00, 'EUR') } })).toBe('limit-exceeded')
    taken(await ada.addsCard(cardThat.paysToo))
    for (const { id } of (await ada.cards()).filter((one) => one.id !== card)) {
      expect(await paysWith(4_01, { card: id })).toBe('limit-exceeded')
    }
    expect(authorizationsAsked()).toBe(0)
    expect(await ada.cards()).toHaveLength(3)
  })

  it('let a payment be tried again that was too much for them, with the same end for the merchant as a decline of the bank', async () => {
    await sets({ perPaymentMinor: 4_00 })
    const bill = await world.shop.asks(eur(5_00))
    expect(taken(await ada.pays(bill))).toMatchObject({ state: 'declined', triesLeft: 4 })
    const seen = await world.shop.sees(bill)
    expect(seen).toMatchObject({
      state: 'declined',
      decline: { reason: 'limit-exceeded', final: false },
      payer: null,
      card: null,
    })
    expect(await world.historyOf(bill)).toMatchObject([{ cause: 'merchant-asked' }, { cause: 'limit-exceeded' }])
    for (let tries = 0; tries < 3; tries += 1) await ada.pays(bill)
    expect(taken(await ada.pays(bill))).toMatchObject({ state: 'declined', decline: { reason: 'too-many-failures' } })
  })

  it('are signed for once: what was signed is kept until the bank has it', async () => {
    const kept = async () => (await world.textsIn('bank_wish', 'evidence_closed')).length
    world.withBank(unreachable)
    await sets({ perPaymentMinor: 4_00 })
    expect(await kept()).toBe(1)
    world.withBank(undisturbed)
    world.clock.advance(60_000)
    await world.tick()
    expect(await ada.allowance(card)).toMatchObject({ change: 1, isToldToBank: true })
    expect(await kept()).toBe(0)
  })

  it('are not slipped past by payments side by side', async () => {
    await sets({ perDayMinor: 10_00 })
    const bills = await Promise.all(Array.from({ length: 12 }, () => world.shop.asks(eur(2_00))))
    const signed = await Promise.all(bills.map(async (bill) => ({ bill, by: await ada.signs(bill) })))
    const outcomes = await Promise.all(signed.map(async ({ bill, by }) => outcomeOf(await ada.confirms(bill, by))))
    expect(outcomes.filter((outcome) => outcome === 'captured')).toHaveLength(5)
    expect(authorizationsAsked()).toBe(5)
  })

  it('count what the bank has not answered for, and no more what it says it never booked', async () => {
    await sets({ perDayMinor: 10_00 })
    world.withBank(unreachable)
    const lost = await world.shop.asks(eur(8_00))
    expect(outcomeOf(await ada.pays(lost))).toBe('unknown')
    expect(await pays(3_00)).toBe('limit-exceeded')
    world.withBank(undisturbed)
    for (let round = 0; round < 20 && (await world.shop.sees(lost)).state === 'unknown'; round += 1) {
      world.clock.advance(60_000)
      await world.tick()
    }
    expect((await world.shop.sees(lost)).state).toBe('declined')
    expect(await pays(3_00)).toBe('captured')
  })

  it('that are lowered hold here while the bank is out of reach, and there once it answers', async () => {
    world.withBank(unreachable)
    expect(await sets({ perPaymentMinor: 4_00 })).toMatchObject({
      limits: { perPaymentMinor: 4_00 },
      spent: [{ dayMinor: 0 }],
      longBound: [],
      isToldToBank: false,
    })
    expect(await pays(4_01)).toBe('limit-exceeded')
    world.withBank(undisturbed)
    world.clock.advance(600_000)
    await world.tick()
    expect(await ada.allowance(card)).toMatchObject({ limits: { perPaymentMinor: 4_00 }, isToldToBank: true })
    await world.forgetsLimits()
    expect(await pays(4_01)).toBe('limit-exceeded')
    expect(authorizationsAsked()).toBe(1)
  })

  it('that are raised wait a day, may be taken back meanwhile, and hold afterwards without another word', async () => {
    await sets({ perPaymentMinor: 4_00 })
    const fullFromMs = world.clock.nowMs() + dayMs
    const raised = { limits: { perPaymentMinor: 4_00 }, pending: { limits: { perPaymentMinor: 9_00 }, fullFromMs } }
    expect(await sets({ perPaymentMinor: 9_00 })).toMatchObject(raised)
    expect(await pays(9_00)).toBe('limit-exceeded')
    expect(await sets({ perPaymentMinor: 4_00 })).toMatchObject({ pending: null })
    world.clock.advance(dayMs)
    taken(await ada.signsIn())
    expect(await pays(4_01)).toBe('limit-exceeded')
    await sets({ perPaymentMinor: 9_00 })
    world.clock.advance(dayMs)
    expect(await pays(9_00)).toBe('captured')
  })

  it('are raised at once by a second passkey that is old enough', async () => {
    const tablet = world.newcomer('ada').device
    world.clock.advance(1_000)
    taken(await ada.addsPasskey(tablet))
    await sets({ perPaymentMinor: 4_00 })
    await sets({ perPaymentMinor: 9_00 })
    const asked = { ...open, perPaymentMinor: 9_00 }
    const young = taken(await ada.limits(card, asked, { second: tablet }))
    expect(young).toMatchObject({ limits: { perPaymentMinor: 4_00 }, pending: { limits: asked } })
    expect(young.longBound).toHaveLength(1)
    world.clock.advance(dayMs)
    taken(await ada.signsIn())
    const higher = { ...open, perPaymentMinor: 20_00 }
    await sets({ perPaymentMinor: 20_00 })
    const seconded = taken(await ada.limits(card, higher, { second: tablet }))
    expect(seconded).toMatchObject({ limits: higher, pending: null })
    expect(seconded.longBound).toHaveLength(2)
    expect(await pays(20_00)).toBe('captured')
  })

  it('are for the payer alone, and for what was asked for', async () => {
    const path = `/api/cards/${card}/limits`
    const eve = await world.payer('eve')
    const unknown = { problem: { code: 'card-unknown' } }
    expect(await eve.tab.get(path, allowanceSchema)).toMatchObject(unknown)
    expect(await eve.limits(card, open)).toMatchObject(unknown)
    expect(await world.newcomer('ada').tab.get(path, allowanceSchema)).toMatchObject({
      problem: { code: 'session-missing' },
    })
    const body = { limits: { ...open, perPaymentMinor: 4_00 }, isSecond: false }
    const { intent } = taken(await ada.tab.post(`${path}/intent`, setLimitIntentAnswer, body))
    const other = { ...intent, limits: { ...intent.limits, perPaymentMinor: 400_00 } }
    const signed = { intent: other, response: await ada.sign(other) }
    expect(await ada.tab.post(path, allowanceSchema, signed)).toMatchObject({ problem: { code: 'intent-malformed' } })
    const byEve = { intent, response: await eve.sign(intent) }
    expect(await ada.tab.post(path, allowanceSchema, byEve)).toMatchObject({ problem: { code: 'passkey-refused' } })
    expect(await ada.limits(card, open, { second: ada.device })).toMatchObject({ problem: { code: 'limits-changed' } })
  })

  it('are not changed by what was asked for before they were changed', async () => {
    const path = `/api/cards/${card}/limits`
    const body = { limits: { ...open, perPaymentMinor: 90_00 }, isSecond: false }
    const { intent } = taken(await ada.tab.post(`${path}/intent`, setLimitIntentAnswer, body))
    await sets({ perPaymentMinor: 4_00 })
    const signed = { intent, response: await ada.sign(intent) }
    expect(await ada.tab.post(path, allowanceSchema, signed)).toMatchObject({ problem: { code: 'limits-changed' } })
    expect(await ada.allowance(card)).toMatchObject({ limits: { perPaymentMinor: 4_00 }, pending: null })
  })
})
