import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failuresMax } from '../../shared/payment.ts'
import { withWrongCode } from '../support/bank.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { openWorld, payOrigin, type World } from '../support/world.ts'

describe.each(['sqlite', 'postgres'] as const)('refusing, on %s', (engine) => {
  let world: World
  let ada: SoftwarePayer
  beforeEach(async () => {
    world = await openWorld(engine)
    ada = await world.payer('ada', { balance: eur(100_00) })
  })
  afterEach(() => world.close())

  const coffee = () => world.merchant('Bluebird Coffee')
  /** Somebody else's phone, on which the owner of `device` types Ada's name. */
  const adaTypedBy = (owner: SoftwarePayer) =>
    softwarePayer({
      username: 'ada',
      http: world.http,
      origin: payOrigin,
      rpId: 'pay.localhost',
      random: () => new Uint8Array(),
      device: owner.device,
    })

  it('does not let one person pay with another one’s passkey', async () => {
    const mallory = await world.payer('mallory')
    const bill = await coffee().asks(eur(12_50))
    expect(outcomeOf(await adaTypedBy(mallory).pays(bill))).toBe('passkey-refused')
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
    expect(await world.bank.balanceOf(mallory)).toBe(1_000_00)
  })

  it('says the same of a name nobody has as of a passkey that is not the name’s', async () => {
    const mallory = await world.payer('mallory')
    const nobody = softwarePayer({
      username: 'nobody',
      http: world.http,
      origin: payOrigin,
      rpId: 'pay.localhost',
      random: () => new Uint8Array(),
      device: mallory.device,
    })
    const answers = []
    for (const somebody of [adaTypedBy(mallory), nobody]) {
      answers.push(await somebody.pays(await coffee().asks(eur(12_50))))
    }
    expect(answers[0]).toEqual(answers[1])
  })

  it('ends a payment after five failures, tells the shop, and leaves the name alone', async () => {
    const mallory = await world.payer('mallory')
    const bill = await coffee().asks(eur(12_50))
    for (let failure = 1; failure <= failuresMax; failure += 1) await adaTypedBy(mallory).pays(bill)
    expect(await ada.sees(bill)).toMatchObject({ state: 'declined', decline: { reason: 'too-many-failures' } })
    expect(await coffee().sees(bill)).toMatchObject({ state: 'declined', decline: { final: true } })
    expect(outcomeOf(await ada.pays(await coffee().asks(eur(12_50))))).toBe('captured')
  })

  it('declines what the account does not hold, says so, and lets the payer try another card', async () => {
    const bill = await coffee().asks(eur(100_01))
    expect(await ada.pays(bill)).toMatchObject({
      ok: true,
      value: { state: 'declined', decline: { reason: 'insufficient-funds' }, triesLeft: failuresMax - 1 },
    })
    expect(await coffee().sees(bill)).toMatchObject({ state: 'declined', decline: { final: false } })
    world.clock.advance(1000)
    await ada.addsCard(await world.bank.issuesCard(eur(500_00)))
    const [card] = (await ada.cards()).filter(({ isDefault }) => !isDefault)
    const answer = await ada.confirms(bill, await ada.signs(bill, card === undefined ? {} : { card: card.id }))
    expect(outcomeOf(answer)).toBe('captured')
    expect(await world.bank.takenBy(bill)).toBe(100_01)
  })

  it.each(['lost-card', 'stolen-card', 'do-not-honor'] as const)('tells why the bank said no: %s', async (does) => {
    const bob = await world.payer('bob', { does })
    const bill = await coffee().asks(eur(1_00))
    expect(await bob.pays(bill)).toMatchObject({ ok: true, value: { state: 'declined', decline: { reason: does } } })
  })

  it('refuses a card with a wrong code when it is added, and the payer may go on where they were', async () => {
    const carol = world.stranger('carol')
    await carol.takesName()
    const card = await world.bank.issuesCard(eur(10_00))
    const refusal = await carol.addsCard(withWrongCode(card))
    expect(refusal).toMatchObject({ ok: false, problem: { code: 'card-refused', detail: 'wrong-code' } })
    const bill = await coffee().asks(eur(1_00))
    expect(outcomeOf(await carol.pays(bill))).toBe('card-missing')
    expect(await carol.addsCard(card)).toMatchObject({ ok: true })
    expect(outcomeOf(await carol.pays(bill))).toBe('captured')
  })

  it('takes no money for a bill that has expired', async () => {
    const bill = await coffee().asks(eur(1_00), { expiresInSeconds: 60 })
    const tap = await ada.signs(bill)
    world.clock.advance(61_000)
    expect(outcomeOf(await ada.confirms(bill, tap))).toBe('payment-expired')
    expect(await ada.sees(bill)).toMatchObject({ state: 'expired' })
    expect(await coffee().sees(bill)).toMatchObject({ state: 'expired' })
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })

  it('takes no money for a bill that was canceled', async () => {
    const bill = await coffee().asks(eur(1_00))
    const tap = await ada.signs(bill)
    expect(outcomeOf(await ada.cancels(bill))).toBe('canceled')
    expect(outcomeOf(await ada.confirms(bill, tap))).toBe('payment-settled')
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })

  it('lets a confirmation grow old for five minutes and no longer', async () => {
    const bill = await coffee().asks(eur(1_00))
    const tap = await ada.signs(bill)
    world.clock.advance(5 * 60_000 + 1)
    expect(outcomeOf(await ada.confirms(bill, tap))).toBe('intent-expired')
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
  })

  it('takes a signature for what it was made for and nothing else', async () => {
    const bill = await coffee().asks(eur(12_50))
    const cheap = await ada.signs(await coffee().asks(eur(1)))
    expect(outcomeOf(await ada.confirms(bill, cheap))).toBe('intent-malformed')
    const tap = await ada.signs(bill)
    const cheaper = { ...tap, intent: { ...tap.intent, amount: { ...tap.intent.amount, minor: 1 } } }
    expect(outcomeOf(await ada.confirms(bill, cheaper as typeof tap))).toBe('intent-malformed')
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })
})
