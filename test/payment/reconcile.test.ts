import { decodeJwt } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importKeyPair, type KeyPair, makePrivateKey } from '../../server/runtime/keys.ts'
import { messageLifetimeSeconds, signMessage } from '../../server/runtime/signed-message.ts'
import { base64url } from '../../shared/bytes.ts'
import type { CredentialId, PaymentId } from '../../shared/identifiers.ts'
import { challengeOf, intentLifetimeMs } from '../../shared/intent.ts'
import { passkeyThumbprint, signerOf } from '../../shared/passkey.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import {
  bankIssuer,
  cardThat,
  type Line,
  openPaymentWorld,
  type PaymentWorld,
  undisturbed,
  unreachable,
  walletOrigin,
} from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let bill: PaymentId
let stranger: KeyPair
beforeAll(async () => {
  stranger = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
})
beforeEach(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
  bill = await world.shop.asks(eur(12_50))
})
afterEach(() => world.close())

const isAuthorization = (request: Request) => request.url.endsWith('/authorizations')
/** The bank does what it was asked, and something happens to its answer. */
const answering =
  (change: (answer: Response) => Response | Promise<Response>): Line =>
  async (ask, request) =>
    change(await ask(request))
const onAuthorization =
  (line: Line): Line =>
  (ask, request) =>
    (isAuthorization(request) ? line : undisturbed)(ask, request)
const neverSent = onAuthorization(unreachable)

const badAnswers: [string, Line][] = [
  ['that is lost', answering(() => Promise.reject(new TypeError('socket hang up')))],
  ['with another status', answering(async (answer) => new Response(await answer.text(), { status: 201 }))],
  ['that is no message', answering(() => new Response('OK'))],
  ['with nothing in it', answering(() => new Response(null, { status: 200 }))],
  ['that is too long', answering(() => new Response('x'.repeat(100_000)))],
  [
    'with one letter changed',
    answering(async (answer) => {
      const text = await answer.text()
      const at = text.length - 20
      return new Response(text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1))
    }),
  ],
]

describe('an answer of the bank', () => {
  it.each(badAnswers)('%s is not a no: the bank is asked again at once', async (_what, line) => {
    world.withBank(onAuthorization(line))
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    expect(world.asked.slice(-2)).toEqual(['/authorizations', '/inquiries'])
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it.each(badAnswers)('%s to every question leaves the bill unknown', async (_what, line) => {
    world.withBank(line)
    const answer = await ada.pays(bill)
    expect(answer).toMatchObject({ ok: true, value: { state: 'unknown', receipt: null, decline: null } })
    expect(await world.shop.sees(bill)).toMatchObject({ state: 'unknown', capturedMinor: 0 })
  })

  it('that never comes is waited for no longer than is configured', async () => {
    const impatient = await openPaymentWorld({ bankAnswersWithinMs: 1_000 })
    const eve = await impatient.payer('eve')
    const payment = await impatient.shop.asks(eur(12_50))
    impatient.withBank(onAuthorization(answering(() => new Promise(() => {}))))
    expect(outcomeOf(await eve.pays(payment))).toBe('captured')
    expect(impatient.asked.slice(-2)).toEqual(['/authorizations', '/inquiries'])
    await impatient.close()
  })

  it('to another question, signed by the bank as it is, counts for nothing', async () => {
    let earlier = ''
    world.withBank(
      onAuthorization(
        answering(async (answer) => {
          earlier = await answer.clone().text()
          return answer
        }),
      ),
    )
    await ada.pays(await world.shop.asks(eur(12_50)))
    world.withBank(() => Promise.resolve(new Response(earlier)))
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
  })
})

/** An honest answer in all but one thing. */
const dishonest: [string, (honest: Answer) => Partial<Answer>][] = [
  ['names another amount', ({ body }) => ({ body: { ...body, amount: { minor: 1, currency: 'EUR' } } })],
  ['names another currency', ({ body }) => ({ body: { ...body, amount: { minor: 12_50, currency: 'USD' } } })],
  ['has captured less', ({ body }) => ({ body: { ...body, capturedMinor: 1 } })],
  ['names another reference', ({ body }) => ({ body: { ...body, reference: `${bill}.2` } })],
  ['names another intent', ({ body }) => ({ body: { ...body, challenge: body.signer } })],
  ['names another passkey', ({ body }) => ({ body: { ...body, signer: body.challenge } })],
  ['names the passkey itself', ({ body: { signer, ...body } }) => ({ body: { ...body, passkey: signer } })],
  ['pays somebody else', ({ body }) => ({ body: { ...body, payee: `merchant_${'A'.repeat(22)}` } })],
  ['was signed in another way', ({ body }) => ({ body: { ...body, ceremony: 'payment.get' } })],
  ['names another card', ({ body }) => ({ body: { ...body, face: { brand: 'visa', last4: '1112' } } })],
  ['does not name the intent', ({ body: { challenge: _left, ...body } }) => ({ body })],
  ['says more than it may', ({ body }) => ({ body: { ...body, note: 'thank you' } })],
  ['answers another message', () => ({ inResponseTo: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ['is for somebody else', () => ({ audience: 'https://other.example' })],
  ['is from somebody else', () => ({ issuer: 'https://other.example' })],
  ['is of another kind', () => ({ type: 'moniker-enrol-answer+jws' })],
  ['is a question', () => ({ type: 'moniker-authorize+jws' })],
  ['is of an hour ago', () => ({ atMs: world.clock.nowMs() - 3_600_000 })],
  ['is of an hour ahead', () => ({ atMs: world.clock.nowMs() + 3_600_000 })],
  ['is signed with another key', () => ({ key: stranger })],
  [
    'is signed with another key under the bank’s name for its own',
    () => ({ key: { ...stranger, kid: world.bankSigning.kid } }),
  ],
]

describe('an approval that the bank signs and that', () => {
  it('is right in everything pays the bill', async () => {
    world.withBank(saying(() => ({})))
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
  })

  it.each(dishonest)('%s is no approval', async (_what, change) => {
    world.withBank(saying(change))
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    expect(await world.shop.sees(bill)).toMatchObject({ capturedMinor: 0, payer: null })
  })
})

type Answer = {
  issuer: string
  audience: string
  type: string
  key: KeyPair
  atMs: number
  inResponseTo: string
  body: Record<string, unknown>
}

const publicKeyOf = (credential: CredentialId): string =>
  world.database('payment', (sqlite) => {
    const key = sqlite.prepare('select public_key from passkey where credential_id = ?').pluck().get(credential)
    return String(key)
  })

/** The bank's voice, without the bank: approves every authorization, with one thing changed. Inquiries are lost. */
const saying =
  (change: (honest: Answer) => Partial<Answer>): Line =>
  async (ask, request) => {
    if (!isAuthorization(request)) return unreachable(ask, request)
    const { jti, body } = decodeJwt<{ body: BankBody<'authorize'> }>(await request.text())
    const { intent, assertion } = body.evidence
    const challenge = base64url(await challengeOf(intent))
    const honest: Answer = {
      issuer: bankIssuer,
      audience: walletOrigin,
      type: 'moniker-authorize-answer+jws',
      key: world.bankSigning,
      atMs: world.clock.nowMs(),
      inResponseTo: jti ?? '',
      body: {
        outcome: 'approved',
        reference: body.reference,
        amount: { minor: 12_50, currency: 'EUR' },
        capturedMinor: 12_50,
        approvalCode: 'A1B2C3',
        responseCode: '00',
        bookedAtMs: world.clock.nowMs(),
        payee: intent.payee.id,
        challenge,
        signer: await signerOf(await passkeyThumbprint(publicKeyOf(assertion.credentialId)), challenge),
        ceremony: assertion.ceremony,
        face: { brand: 'visa', last4: '1111' },
      },
    }
    const { key, atMs, inResponseTo, body: said, ...channel } = { ...honest, ...change(honest) }
    const id = 'BBBBBBBBBBBBBBBBBBBBBB'
    return new Response(await signMessage(channel, key, atMs, { id, inResponseTo, body: said }))
  }

describe('an unknown payment', () => {
  it('is settled by a worker once the bank is back, and not asked about all the time', async () => {
    world.withBank(answering(() => Promise.reject(new TypeError('socket hang up'))))
    await ada.pays(bill)
    const askedSoFar = world.asked.length
    await world.tick()
    expect(world.asked.length).toBe(askedSoFar)
    for (let seconds = 0; seconds < 600; seconds += 1) {
      world.clock.advance(1_000)
      await world.tick()
    }
    expect(world.asked.length - askedSoFar).toBeLessThan(12)
    world.withBank(undisturbed)
    world.clock.advance(300_000)
    await world.tick()
    expect((await ada.sees(bill)).state).toBe('captured')
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it('can neither be paid again nor called off meanwhile', async () => {
    world.withBank(unreachable)
    const spare = await ada.signs(bill)
    await ada.pays(bill)
    world.withBank(undisturbed)
    expect(outcomeOf(await ada.confirms(bill, spare))).toBe('payment-in-progress')
    expect(outcomeOf(await ada.cancels(bill))).toBe('payment-in-progress')
    world.clock.advance(31 * 60_000)
    expect((await ada.sees(bill)).state).toBe('unknown')
  })

  it('answers the same evidence with the bill as it is', async () => {
    world.withBank(unreachable)
    const signed = await ada.signs(bill)
    await ada.confirms(bill, signed)
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('unknown')
    expect(world.asked.filter((path) => path === '/authorizations')).toHaveLength(1)
  })

  it('that the bank declined is declined', async () => {
    const bob = await world.payer('bob', cardThat.isLost)
    world.withBank(unreachable)
    world.withBank(onAuthorization(badAnswers[0]?.[1] ?? undisturbed))
    expect(await bob.pays(bill)).toMatchObject({ value: { state: 'declined', decline: { reason: 'lost-card' } } })
  })

  it('that never reached the bank is left to arrive as long as it could, then reversed: the payer may try again', async () => {
    let original: Request | undefined
    world.withBank(
      onAuthorization((ask, request) => {
        original = request.clone()
        return unreachable(ask, request)
      }),
    )
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    world.clock.advance(messageLifetimeSeconds * 1000 + intentLifetimeMs)
    await world.tick()
    expect((await ada.sees(bill)).state).toBe('unknown')
    expect(world.asked).not.toContain('/reversals')

    world.clock.advance(300_000)
    await world.tick()
    expect(world.asked.at(-1)).toBe('/reversals')
    expect(await ada.sees(bill)).toMatchObject({ state: 'declined', decline: { reason: 'reversed' }, triesLeft: 4 })

    // However late the original arrives, the tombstone is there before it.
    world.withBank(undisturbed)
    if (original !== undefined) await world.bankReceives(original)
    expect(await world.bookedFor(bill)).toBe(0)
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    expect(await world.bookedFor(bill)).toBe(12_50)
  })

  it('is asked about by one of many processes', async () => {
    world.withBank(unreachable)
    await ada.pays(bill)
    world.withBank(undisturbed)
    const others = await Promise.all([world.open(), world.open()])
    world.clock.advance(300_000)
    const askedSoFar = world.asked.length
    await Promise.all([world.tick(), ...others.map((room) => room.tick())])
    await Promise.all(others.map((room) => room.close()))
    expect(world.asked.length - askedSoFar).toBe(1)
  })
})

describe('a word about an earlier try', () => {
  it('that comes late says nothing about the next one', async () => {
    const bob = await world.payer('bob', cardThat.hasNoMoney)
    const other = taken(await bob.addsCard(cardThat.paysToo)).cards.find((card) => !card.isDefault)?.id
    if (other === undefined) throw new Error('two cards')
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const held = [first, second]
    const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let authorizations = 0
    world.withBank(
      onAuthorization(async (ask, request) => {
        const number = authorizations++
        const answer = await ask(request)
        reached[number]?.resolve()
        await held[number]?.promise
        return answer
      }),
    )
    const declined = bob.pays(bill)
    await reached[0]?.promise
    world.clock.advance(30_000)
    await world.tick()
    expect((await bob.sees(bill)).state).toBe('declined')

    const paid = bob.confirms(bill, await bob.signs(bill, { card: other }))
    await reached[1]?.promise
    first.resolve()
    expect(outcomeOf(await declined)).toBe('approving')
    second.resolve()
    expect(outcomeOf(await paid)).toBe('captured')
    expect(await bob.sees(bill)).toMatchObject({ state: 'captured', triesLeft: 4 })
    expect(await world.bookedFor(bill)).toBe(12_50)
  })
})

describe('a process that is killed', () => {
  it.each([
    ['before the bank heard of it', neverSent, 'unknown'],
    ['before it could write down the answer', undisturbed, 'captured'],
  ])('%s leaves a payment that another one settles', async (_when, line, outcome) => {
    world.withBank(line)
    await ada.pays(bill)
    // What the database holds between the commit before the call and the one after it.
    world.database('payment', (sqlite) => {
      sqlite.prepare(`update payment set state = 'approving', captured_minor = 0, moves = 1 where id = ?`).run(bill)
      for (const table of ['payment_transition', 'event']) {
        sqlite.prepare(`delete from ${table} where payment_id = ? and number > 1`).run(bill)
      }
      sqlite
        .prepare('update authorization set inquiries = 0, answer = null, next_inquiry_at_ms = ? where payment_id = ?')
        .run(world.clock.nowMs() + 30_000, bill)
    })
    await world.restarts()
    await world.tick()
    expect((await ada.sees(bill)).state).toBe('approving')
    world.clock.advance(30_000)
    await world.tick()
    expect((await ada.sees(bill)).state).toBe(outcome)
    expect(await world.bookedFor(bill)).toBe(outcome === 'captured' ? 12_50 : 0)
  })
})
