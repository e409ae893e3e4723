import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { base64url, bytesOfBase64url, textOfUtf8 } from '../../shared/bytes.ts'
import { sealHashOf } from '../../shared/card.ts'
import { intentLifetimeMs } from '../../shared/intent.ts'
import { failuresMax } from '../../shared/payment.ts'
import {
  addCardIntentAnswer,
  billSchema,
  payerSchema,
  payIntentAnswer,
  signInIntentAnswer,
} from '../../shared/wire/payment-api.ts'
import { softwareAuthenticator, twinOf } from '../support/authenticator.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { type Confirmation, outcomeOf, type SoftwarePayer, strangersHandle } from '../support/payer.ts'
import { inDialog, otherThings } from '../support/payment-dialog.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let eve: SoftwarePayer
beforeAll(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
  eve = await world.payer('eve')
})
afterAll(() => world.close())

const bill = () => world.shop.asks(eur(12_50))

describe('an intent', () => {
  const changes: [string, (intent: Confirmation['intent']) => Partial<Confirmation['intent']>][] = [
    ['amount', ({ amount }) => ({ amount: { ...amount, minor: 1 } as typeof amount })],
    ['payee’s name', ({ payee }) => ({ payee: { ...payee, name: 'Bluebird Tea' } })],
    ['payee’s origin', ({ payee }) => ({ payee: { ...payee, origin: 'https://evil.example' } })],
    ['reference', () => ({ reference: 'order-2' })],
    ['life', ({ notAfter }) => ({ notAfter: notAfter + 1 })],
    ['random half', ({ nonce }) => ({ nonce: flipped(nonce, 0) })],
    ['tag', ({ nonce }) => ({ nonce: flipped(nonce, 31) })],
    ['seal', () => ({ seal: base64url(new Uint8Array(32)) })],
  ]
  it.each(changes)('is refused with another %s, though the passkey signed that', async (_member, change) => {
    const payment = await bill()
    const { intent } = await ada.signs(payment)
    const changed = { ...intent, ...change(intent) }
    const answer = await ada.confirms(payment, { username: 'ada', intent: changed, response: await ada.sign(changed) })
    expect(outcomeOf(answer)).toBe('intent-malformed')
    expect((await ada.sees(payment)).triesLeft).toBe(failuresMax)
  })

  it('is refused for another bill', async () => {
    const [signed, other] = [await bill(), await bill()]
    expect(outcomeOf(await ada.confirms(other, await ada.signs(signed)))).toBe('intent-malformed')
  })

  it('is refused for another name', async () => {
    const payment = await bill()
    const signed = await ada.signs(payment)
    expect(outcomeOf(await ada.confirms(payment, { ...signed, username: 'eve' }))).toBe('intent-malformed')
  })

  it('lives five minutes and not a millisecond longer', async () => {
    const [early, late] = [await bill(), await bill()]
    const [intime, overtime] = [await ada.signs(early), await ada.signs(late)]
    world.clock.advance(intentLifetimeMs - 1)
    expect(outcomeOf(await ada.confirms(early, intime))).toBe('captured')
    world.clock.advance(1)
    expect(outcomeOf(await ada.confirms(late, overtime))).toBe('intent-expired')
  })

  it('is used up by a confirmation that fails, also after a restart and by the signature’s twin', async () => {
    const payment = await bill()
    const { intent } = await ada.signs(payment)
    const wrong = { username: 'ada', intent, response: await ada.sign(intent, { bogusSignature: true }) }
    const right = { username: 'ada', intent, response: await ada.sign(intent) }
    expect(outcomeOf(await ada.confirms(payment, wrong))).toBe('passkey-refused')
    expect(outcomeOf(await ada.confirms(payment, right))).toBe('intent-consumed')
    await world.restarts()
    const { response } = right.response
    const twin = { ...right.response, response: { ...response, signature: twinOf(response.signature) } }
    expect(outcomeOf(await ada.confirms(payment, { ...right, response: twin }))).toBe('intent-consumed')
    expect((await ada.sees(payment)).triesLeft).toBe(failuresMax - 1)
  })

  it('used twice as twins takes the money once', async () => {
    const payment = await bill()
    const signed = await ada.signs(payment)
    const { response } = signed.response
    const twin = { ...signed.response, response: { ...response, signature: twinOf(response.signature) } }
    await ada.confirms(payment, signed)
    expect(outcomeOf(await ada.confirms(payment, { ...signed, response: twin }))).toBe('captured')
    expect(await world.bookedFor(payment)).toBe(12_50)
  })
})

describe('a passkey', () => {
  it.each([
    ['signs something else', { bogusSignature: true }],
    ['was used without a finger or a PIN', { userVerified: false }],
    ['was used without anybody there', { userPresent: false }],
    ['was used on another site', { origin: 'https://evil.example' }],
    ['was used in a frame', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['belongs to another relying party', { rpId: 'evil.example' }],
    ['made another ceremony', { type: 'webauthn.create' }],
    ['made a payment ceremony that nobody asked for', { type: 'payment.get' }],
    ['calls its owner by another handle', { userHandle: strangersHandle(seededRandom('stranger')) }],
    ['can suddenly be synced no more', { backupEligible: false, backedUp: false }],
  ])('that %s does not pay, and counts', async (_what, deviation) => {
    const payment = await bill()
    expect(outcomeOf(await ada.pays(payment, deviation))).toBe('passkey-refused')
    expect((await ada.sees(payment)).triesLeft).toBe(failuresMax - 1)
    expect(await world.bookedFor(payment)).toBe(0)
  })

  it.each(otherThings)(
    'used in a dialog of the browser that showed %s does not pay, and counts',
    async (_what, change) => {
      const payment = await bill()
      taken(await ada.signsIn())
      const signed = await ada.signsInDialog(payment, change)
      expect(outcomeOf(await ada.confirms(payment, signed))).toBe('passkey-refused')
      expect((await ada.sees(payment)).triesLeft).toBe(failuresMax - 1)
      expect(await world.bookedFor(payment)).toBe(0)
    },
  )

  it('used in a dialog of the browser neither signs in nor adds a card', async () => {
    const payment = await bill()
    taken(await ada.signsIn())
    const { response } = await ada.signsInDialog(payment)
    const shown = JSON.parse(textOfUtf8(bytesOfBase64url(response.response.clientDataJSON))).payment
    expect(await ada.signsIn(inDialog(shown))).toMatchObject({ ok: false, problem: { code: 'passkey-refused' } })
    const newCard = cardThat.pays
    const signed = await ada.signs(payment, { newCard }, inDialog(shown))
    expect(outcomeOf(await ada.confirms(payment, signed))).toBe('passkey-refused')
  })

  it('of another person does not pay, under their own id or under the right one', async () => {
    const payment = await bill()
    const { intent, response } = await ada.signs(payment)
    const evesOwn = { username: 'ada', intent, response: await eve.sign(intent) }
    expect(outcomeOf(await eve.confirms(payment, evesOwn))).toBe('passkey-refused')
    const again = (await ada.signs(payment)).intent
    const disguised = await eve.sign(again, { reportedCredentialId: response.id })
    expect(outcomeOf(await eve.confirms(payment, { ...evesOwn, intent: again, response: disguised }))).toBe(
      'passkey-refused',
    )
    expect((await ada.sees(payment)).triesLeft).toBe(failuresMax - 2)
  })

  it('that lives on one device is refused as a clone where its counter does not rise', async () => {
    const random = seededRandom('one device')
    const device = softwareAuthenticator({ random, origin: walletOrigin, rpId: new URL(walletOrigin).hostname })
    const dan = world.newcomer('dan', device)
    taken(await dan.takesName())
    taken(await dan.addsCard(cardThat.pays))
    expect(outcomeOf(await dan.pays(await bill(), { counter: 7 }))).toBe('captured')
    for (const counter of [7, 6, 0]) {
      expect(outcomeOf(await dan.pays(await bill(), { counter }))).toBe('passkey-refused')
    }
    expect(outcomeOf(await dan.pays(await bill(), { counter: 8 }))).toBe('captured')
    const [first, second] = [await bill(), await bill()]
    const twins = [await dan.signs(first, {}, { counter: 9 }), await dan.signs(second, {}, { counter: 9 })] as const
    const outcomes = await Promise.all([dan.confirms(first, twins[0]), dan.confirms(second, twins[1])])
    expect(outcomes.map(outcomeOf).sort()).toEqual(['captured', 'passkey-refused'])
  })

  it('pays with its owner’s cards only', async () => {
    const payment = await bill()
    const [adasCard] = taken(await ada.signsIn()).cards
    const answer = await eve.confirms(payment, await eve.signs(payment, { card: adasCard?.id ?? fail() }))
    expect(outcomeOf(answer)).toBe('card-unknown')
  })

  it('ends the bill, and not the name, with its fifth failure', async () => {
    const payment = await bill()
    for (let failure = 1; failure <= failuresMax; failure += 1) {
      expect(outcomeOf(await eve.confirms(payment, await forged(payment)))).toBe('passkey-refused')
    }
    expect(await ada.sees(payment)).toMatchObject({
      state: 'declined',
      decline: { reason: 'too-many-failures' },
      triesLeft: 0,
    })
    expect((await world.shop.sees(payment)).decline).toEqual({ reason: 'too-many-failures', final: true })
    expect(outcomeOf(await ada.pays(await bill()))).toBe('captured')
  })

  it('that fails many times at once is counted five times', async () => {
    const payment = await bill()
    const forgeries = await Promise.all(Array.from({ length: 12 }, () => forged(payment)))
    const outcomes = await Promise.all(forgeries.map((forgery) => eve.confirms(payment, forgery)))
    for (const outcome of outcomes) expect(['passkey-refused', 'payment-settled']).toContain(outcomeOf(outcome))
    expect(await ada.sees(payment)).toMatchObject({ state: 'declined', triesLeft: 0 })
    expect((await world.historyOf(payment)).map(({ cause }) => cause)).toEqual(['merchant-asked', 'too-many-failures'])
  })
})

describe('a signature for one purpose is worth nothing for another', () => {
  it('signing in does not pay', async () => {
    const payment = await bill()
    const { intent } = await ada.signs(payment)
    const signIn = taken(await ada.tab.post('/api/sessions/intent', signInIntentAnswer, {})).intent
    const answer = await ada.confirms(payment, { username: 'ada', intent, response: await ada.sign(signIn) })
    expect(outcomeOf(answer)).toBe('passkey-refused')
  })

  it('paying does not sign in', async () => {
    const { response } = await ada.signs(await bill())
    const { intent } = taken(await ada.tab.post('/api/sessions/intent', signInIntentAnswer, {}))
    expect(await ada.tab.post('/api/sessions', payerSchema, { intent, response })).toMatchObject({
      problem: { code: 'passkey-refused' },
    })
  })

  it('a nonce of one purpose is not taken for another', async () => {
    const { intent } = taken(await ada.tab.post('/api/sessions/intent', signInIntentAnswer, {}))
    const payment = await bill()
    const signed = await ada.signs(payment)
    const grafted = { ...signed.intent, nonce: intent.nonce, notAfter: intent.notAfter }
    const answer = await ada.confirms(payment, { ...signed, intent: grafted, response: await ada.sign(grafted) })
    expect(outcomeOf(answer)).toBe('intent-malformed')
  })

  it('adding a card takes an intent for adding cards, of who is signed in', async () => {
    const sealed = await ada.seal(cardThat.paysToo)
    const seal = await sealHashOf(sealed)
    const { intent } = taken(await ada.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
    const add = (tab: SoftwarePayer['tab'], body: object) => tab.post('/api/cards', payerSchema, body)
    expect(await add(eve.tab, { intent, response: await eve.sign(intent), sealed })).toMatchObject({
      problem: { code: 'intent-malformed' },
    })
    const { intent: payIntent } = await ada.signs(await bill())
    expect(await add(ada.tab, { intent, response: await ada.sign(payIntent), sealed })).toMatchObject({
      problem: { code: 'passkey-refused' },
    })
  })
})

describe('a bill’s intent', () => {
  it('names a seal only for who is signed in under that very name', async () => {
    const payment = await bill()
    const seal = base64url(new Uint8Array(32))
    const asks = (tab: SoftwarePayer['tab'], username: string) =>
      tab.post(`/api/payments/${payment}/intent`, payIntentAnswer, { username, seal })
    const refused = { ok: false, problem: { code: 'session-missing' } }
    const anonymous = world.newcomer('nobody').tab
    expect(await asks(anonymous, 'ada')).toMatchObject(refused)
    expect(await asks(anonymous, 'nobody-at-all')).toMatchObject(refused)
    expect(await asks(eve.tab, 'ada')).toMatchObject(refused)
    expect(await asks(eve.tab, 'nobody-at-all')).toMatchObject(refused)
    expect(await asks(eve.tab, 'eve')).toMatchObject({ ok: true })
  })

  it('is not made for what is no payment', async () => {
    for (const id of ['pay_AAAAAAAAAAAAAAAAAAAAAA', 'pay_short', '%00', '%F0%9F%92%B8', '%ff']) {
      const answer = await ada.tab.post(`/api/payments/${id}/intent`, z.unknown(), { username: 'ada' })
      expect(answer).toMatchObject({ ok: false, problem: { code: 'payment-unknown' } })
      expect(await ada.tab.get(`/api/payments/${id}`, billSchema)).toMatchObject({
        ok: false,
        problem: { code: 'payment-unknown' },
      })
    }
  })
})

/** Ada's intent with Eve's signature. */
async function forged(payment: Awaited<ReturnType<typeof bill>>): Promise<Confirmation> {
  const asked = await eve.tab.post(`/api/payments/${payment}/intent`, payIntentAnswer, { username: 'ada' })
  const { intent } = taken(asked)
  return { username: 'ada', intent, response: await eve.sign(intent) }
}

function flipped(encoded: string, index: number): string {
  const bytes = bytesOfBase64url(encoded)
  return base64url(bytes.map((byte, at) => (at === index ? byte ^ 1 : byte)))
}

function fail(): never {
  throw new Error('there was something to be')
}
