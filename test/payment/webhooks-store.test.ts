import { createPublicKey, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { eventSchema, type WebhookEndpoint, webhookEndpointSchema } from '../../shared/wire/events-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import {
  cardThat,
  coffee,
  openPaymentWorld,
  type PaymentWorld,
  tellsOutward,
  undisturbed,
  unreachable,
} from './payment-world.ts'

const url = 'https://coffee.example/webhooks'
const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

describe.each(['sqlite', 'postgres'] as const)('what a merchant is told, on %s', (engine) => {
  let world: PaymentWorld
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
  })
  afterEach(() => world.close())

  const typesHeard = () => world.ears.takes().map(({ event }) => event.type)
  /** As often as something can be due. */
  async function tellsAll(): Promise<void> {
    for (let rounds = 0; rounds < 5; rounds += 1) await world.tells()
  }
  async function paid(): Promise<PaymentId> {
    const ada = await world.payer('ada')
    const payment = await world.shop.asks(eur(4_20), { metadata: { table: '7' } })
    taken(await ada.pays(payment))
    return payment
  }

  it('are its payments’ moves in order, each with the payment as it was then', async () => {
    await world.shop.hasEndpoint(url)
    const payment = await paid()
    taken(await world.shop.refunds(payment, 1_20))
    await tellsAll()
    const heard = world.ears.takes()
    expect(heard.map((call) => call.url)).toEqual([url, url, url])
    expect(heard.map(({ event }) => [event.type, event.payment.state, event.payment.refundedMinor])).toEqual([
      ['payment.created', 'created', 0],
      ['payment.captured', 'captured', 0],
      ['payment.refunded', 'refunded', 1_20],
    ])
    expect(heard.map(({ event }) => event.payment.payer === null)).toEqual([true, false, false])
    expect(heard.at(-1)?.event.payment).toEqual(await world.shop.sees(payment))
  })

  it.each([
    [
      'payment.declined',
      async () =>
        void taken(await (await world.payer('bo', cardThat.hasNoMoney)).pays(await world.shop.asks(eur(1_00)))),
    ],
    ['payment.canceled', async () => void taken(await world.shop.cancels(await world.shop.asks(eur(1_00))))],
    [
      'payment.expired',
      async () => {
        await world.shop.asks(eur(1_00))
        world.clock.advance(31 * minuteMs)
        await world.tick()
      },
    ],
    [
      'payment.authorized',
      async () =>
        void taken(await (await world.payer('cy')).pays(await world.shop.asks(eur(1_00), { capture: 'manual' }))),
    ],
    [
      'payment.voided',
      async () => {
        const payment = await world.shop.asks(eur(1_00), { capture: 'manual' })
        taken(await (await world.payer('di')).pays(payment))
        taken(await world.shop.voids(payment))
      },
    ],
  ])('end with %s', async (type, happens) => {
    await world.shop.hasEndpoint(url)
    await happens()
    await tellsAll()
    expect(typesHeard().at(-1)).toBe(type)
  })

  it.each([
    {
      order: 'capture',
      asks: (payment: PaymentId) => world.shop.captures(payment, 3_00),
      meanwhile: (payment: PaymentId) => world.bankHears.void(`${payment}.1`),
      refusal: { amountMinor: 3_00, reason: 'not-permitted' },
    },
    {
      order: 'void',
      asks: (payment: PaymentId) => world.shop.voids(payment),
      meanwhile: (payment: PaymentId) =>
        world.bankHears.capture({
          reference: `${payment}.1`,
          name: 'theirs',
          amount: money(4_20, 'EUR'),
          isFinal: false,
        }),
      refusal: { amountMinor: 4_20, reason: 'not-permitted' },
    },
    {
      order: 'refund',
      asks: (payment: PaymentId) => world.shop.refunds(payment, 1_20),
      meanwhile: (payment: PaymentId) =>
        world.bankHears.refund({ reference: `${payment}.1`, name: 'theirs', amount: money(4_20, 'EUR') }),
      refusal: { amountMinor: 1_20, reason: 'invalid-amount' },
    },
  ])(
    'is that the bank refuses a $order which was said to be under way',
    async ({ order, asks, meanwhile, refusal }) => {
      await world.shop.hasEndpoint(url)
      const capture = order === 'refund' ? 'automatic' : 'manual'
      const payment = await world.shop.asks(eur(4_20), { capture })
      taken(await (await world.payer('ada')).pays(payment))
      const before = await world.shop.sees(payment)
      world.withBank(unreachable)
      expect(taken(await asks(payment))).toHaveProperty('pending')
      expect(await meanwhile(payment)).not.toBeNull()
      world.withBank(undisturbed)
      world.clock.advance(minuteMs)
      await world.tick()
      await tellsAll()
      const told = world.ears.takes().at(-1)?.event
      expect(told).toMatchObject({ type: `payment.${order}_failed`, payment: before, refusal })
      expect(told?.payment).not.toHaveProperty('pending')
      const { events } = await world.shop.hasEvents(`payment=${payment}&type=payment.${order}_failed`)
      expect(events).toEqual([told])
      expect(await world.shop.sees(payment)).toEqual(before)
    },
  )

  it('can be checked by the secret, and by the public key that can sign nothing', async () => {
    const { keys } = await world.shop.hasEndpoint(url)
    await paid()
    await tellsAll()
    for (const { headers, body, event } of world.ears.takes()) {
      expect(headers['webhook-id']).toBe(event.id)
      expect(isSignedBySecret(keys.secret, headers, body)).toBe(true)
      expect(isSignedByKey(keys.publicKey, headers, body)).toBe(true)
      expect(isSignedByKey(keys.publicKey, headers, `${body} `)).toBe(false)
      expect(isSignedBySecret(keys.secret, headers, `${body} `)).toBe(false)
    }
  })

  it('is the same for the same URL, and another one for another', async () => {
    const once = await world.shop.hasEndpoint(url)
    expect(await world.shop.hasEndpoint(url)).toEqual(once)
    expect((await world.shop.hasEndpoint(`${url}/2`)).keys).not.toEqual(once.keys)
    expect((await world.otherShop.hasEndpoint(url)).keys).not.toEqual(once.keys)
  })

  it('is signed by the old keys too for a day after they were changed', async () => {
    const before = await world.shop.hasEndpoint(url)
    const after = taken(await world.shop.calls(webhookEndpointSchema, `/v1/webhook-endpoints/${before.id}/rotate`, {}))
    expect(after.keys).not.toEqual(before.keys)
    expect(after.formerKeysUntilMs).toBe(world.clock.nowMs() + 24 * hourMs)
    expect(await signedBy(before, after)).toEqual([true, true])
    world.clock.advance(24 * hourMs)
    expect(await signedBy(before, after)).toEqual([false, true])
  })

  it('is signed by every key of the last day, however often they were changed', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    const rotate = (key?: string) =>
      world.shop.calls(webhookEndpointSchema, `/v1/webhook-endpoints/${endpoint.id}/rotate`, {}, key)
    const [second, third] = [taken(await rotate()), taken(await rotate())]
    expect(await signedBy(endpoint, second, third)).toEqual([true, true, true])
    const fourth = taken(await rotate('once'))
    expect(taken(await rotate('once'))).toEqual(fourth)
    expect(await signedBy(endpoint, fourth)).toEqual([true, true])
  })

  it('keeps every key that somebody was told, also where keys are changed at the same moment', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    const path = `/v1/webhook-endpoints/${endpoint.id}/rotate`
    const told = await Promise.all([1, 2, 3].map(() => world.shop.calls(webhookEndpointSchema, path, {})))
    expect(await signedBy(endpoint, ...told.map(taken))).toEqual([true, true, true, true])
  })

  async function signedBy(...endpoints: WebhookEndpoint[]): Promise<boolean[]> {
    await world.shop.asks(eur(1_00))
    await tellsAll()
    const [call] = world.ears.takes()
    if (call === undefined) throw new Error('nothing was heard')
    return endpoints.map(
      ({ keys }) =>
        isSignedBySecret(keys.secret, call.headers, call.body) &&
        isSignedByKey(keys.publicKey, call.headers, call.body),
    )
  }

  it('comes again until it is heard, on the standard schedule, and then no more', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    world.ears.answers({ status: 500 })
    await world.shop.asks(eur(1_00))
    const pausesMs = [0, 5 * secondMs, 5 * minuteMs, 30 * minuteMs]
    const laterMs = [2, 5, 10, 14, 20, 24].map((hours) => hours * hourMs)
    for (const pauseMs of [...pausesMs, ...laterMs]) {
      if (pauseMs > 0) {
        world.clock.advance(pauseMs - 1)
        await world.tells()
        expect(typesHeard()).toEqual([])
        world.clock.advance(1)
      }
      await world.tells()
      expect(typesHeard()).toEqual(['payment.created'])
    }
    world.clock.advance(100 * hourMs)
    await world.tells()
    expect(typesHeard()).toEqual([])
    const attempts = await world.shop.attemptsAt(endpoint)
    expect(attempts.map(({ number }) => number)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(attempts[0]?.nextAttemptAtMs).toBeUndefined()
    expect(attempts[9]).toMatchObject({ outcome: { status: 500 }, type: 'payment.created' })
  })

  it.each([
    { status: 301 },
    { status: 404 },
    { failure: 'too-slow' } as const,
    { failure: 'address-refused' } as const,
  ])('is not heard where %o is the answer', async (answer) => {
    const endpoint = await world.shop.hasEndpoint(url)
    world.ears.answersNext(answer)
    await world.shop.asks(eur(1_00))
    await world.tells()
    world.clock.advance(5 * secondMs)
    await world.tells()
    expect(typesHeard()).toHaveLength(2)
    expect((await world.shop.attemptsAt(endpoint)).map(({ outcome }) => outcome)).toEqual([{ status: 204 }, answer])
  })

  it('is kept in order: what comes later waits, and another payment does not', async () => {
    await world.shop.hasEndpoint(url)
    world.ears.answersNext({ status: 503 })
    const first = await world.shop.asks(eur(1_00))
    await world.tells()
    taken(await world.shop.cancels(first))
    const second = await world.shop.asks(eur(2_00))
    await tellsAll()
    expect(world.ears.takes().map(({ event }) => [event.payment.id, event.type])).toEqual([
      [first, 'payment.created'],
      [second, 'payment.created'],
    ])
    world.clock.advance(5 * secondMs)
    await tellsAll()
    expect(world.ears.takes().map(({ event }) => [event.payment.id, event.type])).toEqual([
      [first, 'payment.created'],
      [first, 'payment.canceled'],
    ])
  })

  it('is told to others in time, however many events wait for one that is slow', async () => {
    await world.shop.hasEndpoint(url)
    for (let count = 1; count <= 15; count += 1) await world.shop.asks(eur(count))
    await world.otherShop.hasEndpoint('https://books.example/webhooks')
    await world.otherShop.asks(eur(1_00))
    await world.tells()
    const urls = world.ears.takes().map((call) => call.url)
    // Ten of the one, and then it is the others' turn.
    expect(urls.slice(0, 11)).toContain('https://books.example/webhooks')
    expect(urls.filter((called) => called === url)).toHaveLength(15)
  })

  it('keeps nobody else waiting who is told something: payers’ browsers, and screens', async () => {
    await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    const { promise: neverAnswered, resolve: hangUp } = Promise.withResolvers<void>()
    world.ears.hangsUntil(neverAnswered)
    const other = await world.open()
    let ended = 0
    const ticks = other.ticksOutward.map((tick) => tick().then(() => (ended += 1)))
    await world.ears.isCalled()
    expect(ticks).toHaveLength(3)
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(2)
    hangUp()
    await Promise.all(ticks)
    await other.close()
  })

  it('is all told in one round, however many events there are, and none twice', async () => {
    await world.shop.hasEndpoint(url)
    for (let count = 1; count <= 35; count += 1) taken(await world.shop.cancels(await world.shop.asks(eur(count))))
    await world.tells()
    const told = world.ears.takes().map(({ event }) => event.id)
    expect([told.length, new Set(told).size]).toEqual([70, 70])
  })

  it('is tried again where the fault is ours, and seen by the merchant', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    world.ears.failsNext()
    await world.shop.asks(eur(1_00))
    await world.tells()
    world.clock.advance(5 * secondMs)
    await world.tells()
    expect((await world.shop.attemptsAt(endpoint)).map(({ outcome }) => outcome)).toEqual([
      { status: 204 },
      { failure: 'not-sent' },
    ])
  })

  it('ends where the endpoint says that it is gone, and begins again when it is enabled', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    world.ears.answersNext({ status: 410 })
    await world.shop.asks(eur(1_00))
    await world.tells()
    expect((await world.shop.hasEndpoint(url)).state).toBe('gone')
    await world.shop.asks(eur(2_00))
    world.clock.advance(hourMs)
    await tellsAll()
    expect(typesHeard()).toEqual(['payment.created'])
    taken(await world.shop.calls(webhookEndpointSchema, `/v1/webhook-endpoints/${endpoint.id}/enable`, {}))
    world.clock.advance(hourMs)
    const later = await world.shop.asks(eur(3_00))
    await tellsAll()
    expect(world.ears.takes().map(({ event }) => event.payment.id)).toEqual([later])
    expect((await world.shop.attemptsAt(endpoint)).at(-1)).toEqual({
      ...{ event: expect.any(String), payment: expect.any(String), type: 'payment.created', number: 1 },
      ...{ atMs: expect.any(Number), outcome: { status: 410 }, durationMs: 0 },
    })
  })

  it('is not told where it was not asked for, or no longer', async () => {
    await world.shop.asks(eur(1_00))
    const endpoint = await world.shop.hasEndpoint(url)
    taken(await world.shop.calls(webhookEndpointSchema, `/v1/webhook-endpoints/${endpoint.id}/disable`, {}))
    await world.shop.asks(eur(2_00))
    await tellsAll()
    expect(typesHeard()).toEqual([])
    expect((await world.shop.hasEvents()).events).toHaveLength(2)
  })

  it('is listed in the order in which it happened, whatever happened in the same millisecond', async () => {
    const kept: string[] = []
    for (let orders = 0; orders < 6; orders += 1) {
      const payment = await world.shop.asks(eur(1_00))
      taken(await world.shop.cancels(payment))
      const { events } = await world.shop.hasEvents(`payment=${payment}`)
      expect(events.map(({ type }) => type)).toEqual(['payment.canceled', 'payment.created'])
      kept.push(...events.map(({ id }) => id))
    }
    const paged: string[] = []
    for (let after: string | null = ''; after !== null; ) {
      const page = await world.shop.hasEvents(after === '' ? 'limit=1' : `limit=1&after=${after}`)
      paged.push(...page.events.map(({ id }) => id))
      after = page.next
    }
    expect(paged.toSorted()).toEqual(kept.toSorted())
  })

  it('comes again when the merchant wants it to', async () => {
    await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    await tellsAll()
    const [heard] = world.ears.takes()
    taken(await world.shop.calls(eventSchema, `/v1/events/${heard?.event.id}/resend`, {}))
    await tellsAll()
    expect(world.ears.takes().map(({ event }) => event)).toEqual([heard?.event])
  })

  it('is told once, however many servers there are', async () => {
    await world.shop.hasEndpoint(url)
    const other = await world.open()
    for (let count = 1; count <= 20; count += 1) await world.shop.asks(eur(count * 100))
    await Promise.all([world.tells(), tellsOutward(other), world.tells(), tellsOutward(other)])
    await Promise.all([world.tells(), tellsOutward(other)])
    await other.close()
    const ids = world.ears.takes().map(({ event }) => event.id)
    expect(ids.toSorted()).toEqual((await world.shop.hasEvents('limit=100')).events.map(({ id }) => id).toSorted())
  })

  it('comes again where the server died before it knew the answer', async () => {
    await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    const { promise: neverAnswered, resolve: hangUp } = Promise.withResolvers<void>()
    world.ears.hangsUntil(neverAnswered)
    const dying = world.tells()
    await world.ears.isCalled()
    world.clock.advance(minuteMs)
    const other = await world.open()
    await tellsOutward(other)
    await other.close()
    hangUp()
    await dying
    expect(typesHeard()).toEqual(['payment.created', 'payment.created'])
  })

  it('is written down with how long its answer took', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    const { promise: late, resolve: answer } = Promise.withResolvers<void>()
    world.ears.hangsUntil(late)
    const telling = world.tells()
    await world.ears.isCalled()
    world.clock.advance(1_234)
    answer()
    await telling
    expect(await world.shop.attemptsAt(endpoint)).toMatchObject([{ outcome: { status: 204 }, durationMs: 1_234 }])
  })

  it('can be looked back on for thirty days', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    await world.tells()
    world.clock.advance(30 * 24 * hourMs - 3 * minuteMs)
    await world.sweeps()
    expect(await world.shop.attemptsAt(endpoint)).toHaveLength(1)
    await world.sweeps()
    expect(await world.shop.attemptsAt(endpoint)).toEqual([])
  })

  it('is nobody else’s to see, to resend or to change', async () => {
    const endpoint = await world.shop.hasEndpoint(url)
    await world.shop.asks(eur(1_00))
    const [event] = (await world.shop.hasEvents()).events
    expect((await world.otherShop.hasEvents()).events).toEqual([])
    for (const path of [`/v1/events/${event?.id}`, `/v1/events/event_${'A'.repeat(22)}`, '/v1/events/nonsense']) {
      expect(await world.otherShop.calls(eventSchema, path)).toMatchObject({ problem: { code: 'event-unknown' } })
    }
    expect(await world.otherShop.calls(eventSchema, `/v1/events/${event?.id}/resend`, {})).toMatchObject({
      problem: { code: 'event-unknown' },
    })
    for (const path of ['rotate', 'disable', 'enable'].map((act) => `/v1/webhook-endpoints/${endpoint.id}/${act}`)) {
      expect(await world.otherShop.calls(webhookEndpointSchema, path, {})).toMatchObject({
        problem: { code: 'webhook-unknown' },
      })
    }
    for (const path of [`/v1/webhook-endpoints/${endpoint.id}`, `/v1/webhook-endpoints/${endpoint.id}/attempts`]) {
      expect(await world.otherShop.calls(webhookEndpointSchema, path)).toMatchObject({
        problem: { code: 'webhook-unknown' },
      })
    }
    expect(await world.shop.hasEndpoint(url)).toEqual(endpoint)
  })

  it('takes a key that may do everything to see a secret', async () => {
    const desk = await world.merchantDesk()
    const [merchant] = (await desk.merchants.list()).filter(({ origin }) => origin === coffee.origin)
    if (merchant === undefined) throw new Error('there is no such merchant')
    const { secret } = await desk.apiKeys.issue(merchant.id, { mode: 'live', scope: 'payments', name: 'Till' })
    await desk.close()
    expect(await world.shopWith(secret).calls(webhookEndpointSchema, '/v1/webhook-endpoints', { url })).toMatchObject({
      problem: { code: 'api-key-scope-missing' },
    })
    expect((await world.shopWith(secret).hasEvents()).events).toEqual([])
  })

  it('is listed newest first, page by page, by type and by payment', async () => {
    const first = await world.shop.asks(eur(1_00))
    world.clock.advance(1)
    const second = await world.shop.asks(eur(2_00))
    world.clock.advance(1)
    taken(await world.shop.cancels(first))
    const all = await world.shop.hasEvents()
    expect(all.events.map(({ type, payment }) => [type, payment.id])).toEqual([
      ['payment.canceled', first],
      ['payment.created', second],
      ['payment.created', first],
    ])
    const page = await world.shop.hasEvents('limit=2')
    expect(page.events).toEqual(all.events.slice(0, 2))
    expect((await world.shop.hasEvents(`limit=2&after=${page.next}`)).events).toEqual(all.events.slice(2))
    expect((await world.shop.hasEvents(`payment=${first}`)).events).toHaveLength(2)
    expect((await world.shop.hasEvents('type=payment.canceled')).events).toHaveLength(1)
  })

  it('is for sixteen endpoints at most, and counts none that is turned off', async () => {
    const tooMany = { problem: { code: 'webhooks-too-many' } }
    const adds = (address: string) => world.shop.calls(webhookEndpointSchema, '/v1/webhook-endpoints', { url: address })
    const turns = (id: string, to: 'enable' | 'disable') =>
      world.shop.calls(webhookEndpointSchema, `/v1/webhook-endpoints/${id}/${to}`, {})
    const first = await world.shop.hasEndpoint(`${url}/1`)
    for (let count = 2; count <= 16; count += 1) await world.shop.hasEndpoint(`${url}/${count}`)
    expect(await adds(url)).toMatchObject(tooMany)
    taken(await turns(first.id, 'disable'))
    taken(await adds(url))
    expect(await turns(first.id, 'enable')).toMatchObject(tooMany)
    taken(await turns((await world.shop.hasEndpoint(url)).id, 'disable'))
    taken(await turns(first.id, 'enable'))
    // Said again, it changes nothing and fails nowhere.
    taken(await turns(first.id, 'enable'))
  })
})

function isSignedBySecret(secret: string, headers: Readonly<Record<string, string>>, body: string): boolean {
  const id = headers['webhook-id'] ?? ''
  const at = new Date(Number(headers['webhook-timestamp']) * 1000)
  return (headers['webhook-signature'] ?? '').split(' ').includes(new Webhook(secret).sign(id, at, body))
}

function isSignedByKey(publicKey: string, headers: Readonly<Record<string, string>>, body: string): boolean {
  const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  const signatures = (headers['webhook-signature'] ?? '').split(' ').filter((text) => text.startsWith('v1a,'))
  return signatures.some((text) => verify(null, signed, key, Buffer.from(text.slice('v1a,'.length), 'base64')))
}
