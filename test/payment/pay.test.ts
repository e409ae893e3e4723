import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealHashOf } from '../../shared/card.ts'
import { failuresMax } from '../../shared/payment.ts'
import { payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { sameThings } from '../support/payment-dialog.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

let world: PaymentWorld
beforeEach(async () => {
  world = await openPaymentWorld()
})
afterEach(() => world.close())

describe('paying a bill', () => {
  it('takes the money and tells payer and shop', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    expect(taken(await ada.pays(bill))).toMatchObject({
      state: 'captured',
      decline: null,
      triesLeft: failuresMax,
      receipt: { card: { brand: 'visa', last4: '1111' }, approvalCode: expect.any(String), ceremony: 'webauthn.get' },
      returnUrl: 'https://coffee.example/orders/1',
    })
    expect(await world.shop.sees(bill)).toMatchObject({
      state: 'captured',
      capturedMinor: 12_50,
      payer: expect.stringMatching(/^pp_/),
      card: { brand: 'visa', last4: '1111' },
    })
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it.each(sameThings)(
    'takes it by what the payer signed in a dialog that the browser showed %s',
    async (_how, change) => {
      const ada = await world.payer('ada')
      const bill = await world.shop.asks(eur(12_50))
      const paid = taken(await ada.confirms(bill, await ada.signsInDialog(bill, change)))
      expect(paid).toMatchObject({ state: 'captured', receipt: { ceremony: 'payment.get' } })
      expect(await world.bookedFor(bill)).toBe(12_50)
    },
  )

  it('sets money aside where the shop captures by hand', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50), { capture: 'manual' })
    expect(outcomeOf(await ada.pays(bill))).toBe('authorized')
    expect(await world.shop.sees(bill)).toMatchObject({ state: 'authorized', capturedMinor: 0 })
    expect(await world.bookedFor(bill)).toBe(0)
  })

  it('writes down every move with its cause', async () => {
    const ada = await world.payer('ada', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(12_50))
    await ada.pays(bill)
    expect(await world.historyOf(bill)).toMatchObject([
      { state: 'created', cause: 'merchant-asked' },
      { state: 'approving', cause: 'payer-confirmed' },
      { state: 'declined', cause: 'bank-declined' },
    ])
  })

  it('shows two shops two pseudonyms of one payer, and each of them always the same', async () => {
    const ada = await world.payer('ada')
    const bills = [await world.shop.asks(eur(1)), await world.shop.asks(eur(1))] as const
    const elsewhere = await world.otherShop.asks(eur(1))
    for (const bill of [...bills, elsewhere]) await ada.pays(bill)
    const [first, second] = await Promise.all(bills.map((bill) => world.shop.sees(bill)))
    expect(first?.payer).toBe(second?.payer)
    expect((await world.otherShop.sees(elsewhere)).payer).not.toBe(first?.payer)
  })

  it('does not show a shop who looked at a bill, or who was declined', async () => {
    const ada = await world.payer('ada', cardThat.isLost)
    const bill = await world.shop.asks(eur(1))
    expect(outcomeOf(await ada.pays(bill))).toBe('declined')
    expect(await world.shop.sees(bill)).toMatchObject({
      payer: null,
      card: null,
      decline: { reason: 'lost-card', final: false },
    })
  })
})

describe('a first payment', () => {
  it('adds the card it pays with, for one touch', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50))
    expect(outcomeOf(await ada.confirms(bill, await ada.signs(bill, { newCard: cardThat.pays })))).toBe('captured')
    expect(world.asked).toEqual(['/enrolments', '/authorizations'])
    expect(taken(await ada.signsIn()).cards).toMatchObject([{ face: { last4: '1111' }, isDefault: true }])
  })

  it('lets the payer go on with the same card where the bank was away', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50))
    const sealed = await ada.seal(cardThat.pays)
    const confirms = async () => {
      const seal = await sealHashOf(sealed)
      const asked = await ada.tab.post(`/api/payments/${bill}/intent`, payIntentAnswer, { username: 'ada', seal })
      const { intent } = taken(asked)
      return ada.confirms(bill, { username: 'ada', intent, response: await ada.sign(intent), sealed })
    }
    // The bank adds the card, and its answer is lost.
    world.withBank(async (ask, request) => {
      await ask(request)
      return unreachable(ask, request)
    })
    expect(outcomeOf(await confirms())).toBe('bank-unreachable')
    expect(await ada.sees(bill)).toMatchObject({ state: 'created', triesLeft: failuresMax })
    world.withBank(undisturbed)
    expect(outcomeOf(await confirms())).toBe('captured')
    expect(taken(await ada.signsIn()).cards).toHaveLength(1)
  })

  it('counts a card that the bank refuses as a failure, and says why', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50))
    const answer = await ada.confirms(bill, await ada.signs(bill, { newCard: cardThat.hasAnotherCode }))
    expect(answer).toMatchObject({ ok: false, problem: { code: 'card-refused', detail: 'wrong-code' } })
    expect(await ada.sees(bill)).toMatchObject({ state: 'created', triesLeft: failuresMax - 1 })
  })

  it('takes no other seal than the one that was signed', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50))
    const signed = await ada.signs(bill, { newCard: cardThat.pays })
    const swapped = { ...signed, sealed: await ada.seal(cardThat.paysToo) }
    expect(outcomeOf(await ada.confirms(bill, swapped))).toBe('intent-malformed')
    const { sealed: _left, ...without } = signed
    expect(outcomeOf(await ada.confirms(bill, without))).toBe('intent-malformed')
  })

  it('is told that there is no card, once the passkey has shown who asks', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('card-missing')
    expect(await ada.sees(bill)).toMatchObject({ state: 'created', triesLeft: failuresMax })
  })
})

describe('paying twice', () => {
  it('is one payment for two tabs at once', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const tabs = await Promise.all(Array.from({ length: 4 }, () => ada.signs(bill)))
    const outcomes = (await Promise.all(tabs.map((tab) => ada.confirms(bill, tab)))).map(outcomeOf)
    expect(outcomes.filter((outcome) => outcome === 'captured')).toHaveLength(1)
    const overtaken = ['payment-in-progress', 'payment-settled']
    expect(outcomes.filter((outcome) => overtaken.includes(outcome))).toHaveLength(3)
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it('is one payment for a double tap: both taps get its bill', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const signed = await ada.signs(bill)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => ada.confirms(bill, signed)))
    expect(new Set(outcomes.map(outcomeOf))).toEqual(new Set(['captured']))
    expect(await world.bookedFor(bill)).toBe(12_50)
    expect(world.asked.filter((path) => path === '/authorizations')).toHaveLength(1)
  })

  it('answers a request that is sent again, also after a restart, with the bill as it is', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const signed = await ada.signs(bill)
    await ada.confirms(bill, signed)
    await world.restarts()
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('captured')
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it('is refused for a second confirmation of a paid bill', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const late = await ada.signs(bill)
    await ada.pays(bill)
    expect(outcomeOf(await ada.confirms(bill, late))).toBe('payment-settled')
  })

  it('is one payment for two processes over one database', async () => {
    const ada = await world.payer('ada')
    const other = await world.open()
    const bill = await world.shop.asks(eur(12_50))
    const confirmations = await Promise.all([ada.signs(bill), ada.signs(bill)])
    const requests = confirmations.map(
      (body) =>
        new Request(`http://pay.localhost:4410/api/payments/${bill}/confirmation`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
    )
    const [here, there] = requests
    if (here === undefined || there === undefined) throw new Error('two requests')
    const statuses = (await Promise.all([world.http(here), other.fetch(there)])).map((response) => response.status)
    await other.close()
    expect(statuses.sort()).toEqual([200, 409])
    expect(await world.bookedFor(bill)).toBe(12_50)
  })
})

describe('a confirmation that is overtaken while its first card is being added', () => {
  it('does not pay a bill that was called off', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    const signed = await ada.signs(bill, { newCard: cardThat.paysToo })
    world.withBank(async (ask, request) => {
      world.withBank(undisturbed)
      taken(await world.shop.cancels(bill))
      return ask(request)
    })
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('payment-settled')
    expect((await ada.sees(bill)).state).toBe('canceled')
    expect(await world.bookedFor(bill)).toBe(0)
  })

  it('does not take the next try for its own', async () => {
    const ada = await world.payer('ada', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('declined')
    const [slow, quick] = [await ada.signs(bill, { newCard: cardThat.paysToo }), await ada.signs(bill)]
    world.withBank(async (ask, request) => {
      world.withBank(undisturbed)
      expect(outcomeOf(await ada.confirms(bill, quick))).toBe('declined')
      return ask(request)
    })
    expect(outcomeOf(await ada.confirms(bill, slow))).toBe('payment-in-progress')
    expect(await ada.sees(bill)).toMatchObject({ state: 'declined', triesLeft: failuresMax - 2 })
    expect(outcomeOf(await ada.pays(bill))).toBe('declined')
  })
})

describe('a declined bill', () => {
  it('is paid by another card under the next reference', async () => {
    const ada = await world.payer('ada', cardThat.hasNoMoney)
    const cards = taken(await ada.addsCard(cardThat.paysToo)).cards
    const bill = await world.shop.asks(eur(12_50))
    expect(await ada.pays(bill)).toMatchObject({
      value: {
        state: 'declined',
        decline: { reason: 'insufficient-funds' },
        triesLeft: failuresMax - 1,
        receipt: null,
      },
    })
    const other = cards.find((card) => !card.isDefault)
    if (other === undefined) throw new Error('two cards')
    expect(outcomeOf(await ada.confirms(bill, await ada.signs(bill, { card: other.id })))).toBe('captured')
    const references = world.database('payment', (sqlite) =>
      sqlite.prepare('select reference from authorization where payment_id = ? order by reference').pluck().all(bill),
    )
    expect(references).toEqual([`${bill}.1`, `${bill}.2`])
  })

  it('ends at the fifth decline', async () => {
    const ada = await world.payer('ada', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(12_50))
    for (let attempt = 1; attempt <= failuresMax; attempt += 1) {
      expect(await ada.pays(bill)).toMatchObject({ value: { state: 'declined', triesLeft: failuresMax - attempt } })
    }
    expect(await ada.sees(bill)).toMatchObject({ decline: { reason: 'too-many-failures' } })
    expect((await world.shop.sees(bill)).decline).toEqual({ reason: 'too-many-failures', final: true })
    const answer = await ada.tab.post(`/api/payments/${bill}/intent`, payIntentAnswer, { username: 'ada' })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'payment-settled' } })
  })
})

describe('a bill', () => {
  it('expires by the clock for whoever looks', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50), { expiresInSeconds: 60 })
    const signed = await ada.signs(bill)
    world.clock.advance(59_999)
    expect((await ada.sees(bill)).state).toBe('created')
    world.clock.advance(1)
    expect((await ada.sees(bill)).state).toBe('expired')
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('payment-expired')
    expect(await world.shop.sees(bill)).toMatchObject({ state: 'expired', decline: null })
    expect(world.asked).not.toContain('/authorizations')
  })

  it('that expires while its first card is being added is not paid', async () => {
    const ada = world.newcomer('ada')
    taken(await ada.takesName())
    const bill = await world.shop.asks(eur(12_50), { expiresInSeconds: 60 })
    world.withBank(async (ask, request) => {
      const answer = await ask(request)
      world.clock.advance(60_000)
      return answer
    })
    const answer = await ada.confirms(bill, await ada.signs(bill, { newCard: cardThat.pays }))
    expect(outcomeOf(answer)).toBe('payment-expired')
    expect(world.asked).toEqual(['/enrolments'])
    expect((await ada.sees(bill)).state).toBe('expired')
  })

  it('expires without anybody looking', async () => {
    const bill = await world.shop.asks(eur(12_50), { expiresInSeconds: 60 })
    world.clock.advance(60_000)
    await world.tick()
    expect((await world.historyOf(bill)).at(-1)).toMatchObject({ state: 'expired', cause: 'time-over' })
  })

  it('can be called off by either side while it is open, and by nobody after', async () => {
    const ada = await world.payer('ada')
    const [byPayer, byShop, paid] = [
      await world.shop.asks(eur(1)),
      await world.shop.asks(eur(1)),
      await world.shop.asks(eur(1)),
    ]
    expect(outcomeOf(await ada.cancels(byPayer))).toBe('canceled')
    expect(taken(await world.shop.cancels(byShop)).state).toBe('canceled')
    expect(outcomeOf(await ada.pays(paid))).toBe('captured')
    expect(outcomeOf(await ada.cancels(paid))).toBe('payment-settled')
    expect(await world.shop.cancels(paid)).toMatchObject({ ok: false, problem: { code: 'payment-settled' } })
    expect(await world.bookedFor(paid)).toBe(1)
  })
})
