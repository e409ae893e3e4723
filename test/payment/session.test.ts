import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealHashOf } from '../../shared/card.ts'
import { addCardIntentAnswer, payerSchema, usernameAnswer, whoIsHereSchema } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import {
  cardThat,
  openPaymentWorld,
  type PaymentWorld,
  undisturbed,
  unreachable,
  walletOrigin,
} from './payment-world.ts'

let world: PaymentWorld
beforeEach(async () => {
  world = await openPaymentWorld()
})
afterEach(() => world.close())

const minutes = (count: number) => count * 60_000
const missing = { ok: false, problem: { code: 'session-missing' } }

describe('enrolling', () => {
  it('keeps name and passkey together and opens a session', async () => {
    const ada = world.newcomer('John_Wang')
    const payer = taken(await ada.takesName())
    expect(payer).toEqual({
      username: 'john_wang',
      display: 'John_Wang',
      passkeys: [{ credentialId: expect.any(String), thumbprint: expect.any(String) }],
      cards: [],
    })
    expect(taken(await ada.tab.get('/api/session', payerSchema))).toEqual(payer)
    expect(taken(await ada.tab.get('/api/session/payer', whoIsHereSchema))).toEqual({ payer })
    const stranger = world.newcomer('nobody yet')
    expect(taken(await stranger.tab.get('/api/session/payer', whoIsHereSchema))).toEqual({ payer: null })
  })

  it.each([
    ['ada', 'username-taken'],
    ['ADA', 'username-taken'],
    ['аdа', 'username-mixes-scripts'],
    ['а', 'username-too-short'],
    ['4111-1111-1111-1111', 'username-reads-as-card'],
    ['４１１１１１１１１１１１１１１１', 'username-reads-as-card'],
    ['admin', 'username-reserved'],
    ['moniker-help', 'username-reserved'],
    ['ad\u202ea', 'username-has-control'],
    ['a da', 'username-malformed'],
  ])('refuses the name %j: %s', async (username, code) => {
    await world.newcomer('ada').takesName()
    const newcomer = world.newcomer(username)
    expect(await newcomer.takesName()).toMatchObject({ ok: false, problem: { code } })
    expect(await newcomer.tab.post('/api/usernames', usernameAnswer, { username })).toMatchObject({ problem: { code } })
  })

  it('refuses a name that looks like one that is taken', async () => {
    taken(await world.newcomer('paypal1').takesName())
    expect(await world.newcomer('paypall').takesName()).toMatchObject({ problem: { code: 'username-confusable' } })
  })

  it('gives one name to one of two who want it at once', async () => {
    const answers = await Promise.all(['first', 'second'].map(() => world.newcomer('ada').takesName()))
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
    expect(answers.find((answer) => !answer.ok)).toMatchObject({ problem: { code: 'username-taken' } })
  })

  it('leaves nothing behind where the passkey does not fit', async () => {
    const ada = world.newcomer('ada')
    const elsewhere = world.newcomer('ada')
    const create = elsewhere.device.create
    const cheat = {
      ...ada.device,
      create: (request: Parameters<typeof create>[0]) => create({ ...request, userVerified: false }),
    }
    expect(await world.newcomer('ada', cheat).takesName()).toMatchObject({ problem: { code: 'passkey-refused' } })
    expect(await ada.takesName()).toMatchObject({ ok: true })
  })

  it('takes a passkey once', async () => {
    const ada = world.newcomer('ada')
    const payer = taken(await ada.takesName())
    const credentialId = Buffer.from(payer.passkeys[0]?.credentialId ?? '', 'base64url')
    const { create } = world.newcomer('eve').device
    const copy = {
      ...ada.device,
      create: (request: Parameters<typeof create>[0]) => create({ ...request, credentialId }),
    }
    expect(await world.newcomer('eve', copy).takesName()).toMatchObject({ problem: { code: 'passkey-taken' } })
    expect(await world.newcomer('eve').takesName()).toMatchObject({ ok: true })
  })
})

describe('a session', () => {
  it('is a cookie that no script and no other site can use', async () => {
    const ada = world.newcomer('ada')
    let cookie = ''
    const { tab } = ada
    await ada.takesName()
    const intent = await world.http(
      new Request(`${walletOrigin}/api/sessions/intent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    )
    const issued = (await intent.json()).intent
    const answer = await world.http(
      new Request(`${walletOrigin}/api/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ intent: issued, response: await ada.sign(issued) }),
      }),
    )
    cookie = answer.headers.getSetCookie()[0] ?? ''
    expect(cookie).toMatch(/^__Host-moniker=[A-Za-z0-9_-]{43}; /)
    const attributes = cookie.split('; ').slice(1)
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure'])
    const [, token] = /=([^;]+)/.exec(cookie) ?? []
    const kept = world.database('payment', (sqlite) => sqlite.prepare('select token_hash from session').pluck().all())
    expect(kept).not.toContain(token)
    expect(taken(await tab.get('/api/session', payerSchema)).username).toBe('ada')
  })

  it('ends after fifteen idle minutes', async () => {
    const ada = world.newcomer('ada')
    await ada.takesName()
    world.clock.advance(minutes(15) - 1)
    expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject({ ok: true })
    world.clock.advance(minutes(15))
    expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject(missing)
    expect(await ada.addsCard(cardThat.pays)).toMatchObject(missing)
  })

  it('ends after twelve hours however busy it is', async () => {
    const ada = world.newcomer('ada')
    await ada.takesName()
    for (let passed = 10; passed < 720; passed += 10) {
      world.clock.advance(minutes(10))
      expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject({ ok: true })
    }
    world.clock.advance(minutes(10))
    expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject(missing)
  })

  it('is forgotten once it has ended', async () => {
    await world.newcomer('ada').takesName()
    world.clock.advance(minutes(15))
    await world.sweeps()
    expect(world.database('payment', (sqlite) => sqlite.prepare('select count(*) from session').pluck().get())).toBe(0)
  })

  it('is nobody’s with a made-up token', async () => {
    for (const cookie of [
      '',
      '__Host-moniker=',
      `__Host-moniker=${'A'.repeat(43)}`,
      '__Host-moniker=%00',
      'moniker=x',
    ]) {
      const response = await world.http(new Request(`${walletOrigin}/api/session`, { headers: { cookie } }))
      expect(response.status).toBe(401)
    }
  })

  it('begins anew with the passkey that was registered, and with no other', async () => {
    const ada = await world.payer('ada')
    expect(taken(await ada.signsIn()).cards).toHaveLength(1)
    const stranger = world.newcomer('stranger')
    await stranger.device.create({ challenge: new Uint8Array(32), user: { id: 'AAAAAAAAAAAAAAAAAAAAAA', name: 'x' } })
    expect(await stranger.signsIn()).toMatchObject({ problem: { code: 'passkey-unknown' } })
    // One that is known and refused is no unknown one: it may be all that its owner has.
    const reportedCredentialId = taken(await ada.signsIn()).passkeys[0]?.credentialId ?? ''
    expect(await stranger.signsIn({ reportedCredentialId })).toMatchObject({ problem: { code: 'passkey-refused' } })
    expect(await ada.signsIn({ bogusSignature: true })).toMatchObject({ problem: { code: 'passkey-refused' } })
    expect(await ada.signsIn({ userHandle: null })).toMatchObject({ problem: { code: 'passkey-refused' } })
  })
})

describe('adding a card', () => {
  it('may be asked again with the same seal until the bank answers, and adds one card', async () => {
    const ada = world.newcomer('ada')
    await ada.takesName()
    const sealed = await ada.seal(cardThat.pays)
    const adds = async () => {
      const seal = await sealHashOf(sealed)
      const { intent } = taken(await ada.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
      return ada.tab.post('/api/cards', payerSchema, { intent, response: await ada.sign(intent), sealed })
    }
    world.withBank(async (ask, request) => {
      await ask(request)
      return unreachable(ask, request)
    })
    expect(await adds()).toMatchObject({ problem: { code: 'bank-unreachable' } })
    world.withBank(undisturbed)
    expect(taken(await adds()).cards).toHaveLength(1)
    expect(taken(await adds()).cards).toHaveLength(1)
  })

  it('says why the bank refused', async () => {
    const ada = world.newcomer('ada')
    await ada.takesName()
    expect(await ada.addsCard(cardThat.hasAnotherCode)).toMatchObject({
      problem: { code: 'card-refused', detail: 'wrong-code' },
    })
    expect(await ada.addsCard(cardThat.pays)).toMatchObject({ ok: true })
  })
})
