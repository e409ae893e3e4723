import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MonikerProblem, MonikerUnreachable, moniker, type NewPayment, readWebhook } from '../../shared/sdk/index.ts'
import type { Payment, PaymentEvent, WebhookEndpoint } from '../../shared/sdk/types.ts'
import type { WebhookEndpoint as ToldEndpoint, PaymentEvent as ToldEvent } from '../../shared/wire/events-api.ts'
import type { CreatePaymentRequest, MerchantPayment } from '../../shared/wire/merchant-api.ts'
import { coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'

let world: PaymentWorld
beforeEach(async () => {
  world = await openPaymentWorld()
})
afterEach(() => world.close())

const bill: NewPayment = {
  amount: { minor: 4_20, currency: 'EUR' },
  reference: 'order-1',
  successUrl: `${coffee.origin}/orders/1`,
  cancelUrl: `${coffee.origin}/orders/1`,
}

type Send = (request: Request) => Promise<Response>
/** A shop's server, whose way to the payment server and whose patience a test holds. */
function shop(send: Send = world.http, apiKey: string = coffee.apiKey) {
  const waitedMs: number[] = []
  const client = moniker({
    ...{ apiKey, origin: walletOrigin, fetch: send },
    sleep: async (ms) => void waitedMs.push(ms),
  })
  return { ...client, waitedMs }
}

describe('a shop’s server', () => {
  it('creates a payment, sees it paid, and gives money back', async () => {
    const { payments } = shop()
    const { id, url } = await payments.create({ ...bill, metadata: { table: '7' } })
    expect(url).toBe(`${walletOrigin}/pay/${id}`)
    taken(await (await world.payer('ada')).pays(id as never))
    expect(await payments.retrieve(id)).toMatchObject({ state: 'captured', metadata: { table: '7' } })
    expect(await payments.refund(id, { amountMinor: 1_20, reason: 'Cold.' })).toMatchObject({ refundedMinor: 1_20 })
    expect((await payments.list({ state: 'refunded', limit: 1 })).payments.map((payment) => payment.id)).toEqual([id])
  })

  it('sets money aside, captures a part of it, and lets go of the rest', async () => {
    const { payments } = shop()
    const { id } = await payments.create({ ...bill, capture: 'manual' })
    taken(await (await world.payer('ada')).pays(id as never))
    expect(await payments.capture(id, { amountMinor: 1_00 })).toMatchObject({ capturedMinor: 1_00 })
    expect(await payments.void(id)).toMatchObject({ state: 'captured', capturedMinor: 1_00 })
    const other = await payments.create(bill)
    expect(await payments.cancel(other.id)).toMatchObject({ state: 'canceled' })
  })

  it('is told no in a code that it can decide by', async () => {
    const refused = shop()
    const error = await refused.payments.create({ ...bill, successUrl: 'https://elsewhere.example/' }).catch((no) => no)
    expect(error).toBeInstanceOf(MonikerProblem)
    expect(error).toMatchObject({ code: 'url-refused', status: 400 })
    expect(refused.waitedMs).toEqual([])
  })

  it('asks again with the same key where an answer was lost, and one payment is made', async () => {
    let lost = 0
    const { payments, waitedMs } = shop(async (request) => {
      const answer = await world.http(request)
      lost += 1
      if (lost <= 2) throw new TypeError('fetch failed')
      return answer
    })
    await payments.create(bill)
    expect(waitedMs).toHaveLength(2)
    expect((await shop().payments.list()).payments).toHaveLength(1)
  })

  it.each([500, 502, 503, 504, 429])('asks again after a %d, as long as it is asked to wait', async (status) => {
    const failing: Response[] = [new Response('{}', { status, headers: { 'retry-after': '3' } })]
    const { payments, waitedMs } = shop(async (request) => failing.pop() ?? world.http(request))
    await payments.create(bill)
    expect(waitedMs).toEqual([3_000])
  })

  it.each([
    ['a server in trouble', { status: 502, code: 'bank-unreachable' }],
    ['a first request that still runs', { status: 409, code: 'idempotency-key-in-use' }],
  ])('does not take %s for a no: what became of it is not known', async (_what, problem) => {
    const open = shop(async () => Response.json({ ...problem, title: 'Trouble.' }, { status: problem.status }))
    const error = await open.payments.refund('pay_1').catch((thrown) => thrown)
    expect(error).toBeInstanceOf(MonikerUnreachable)
    expect(error.cause).toMatchObject({ code: problem.code })
    expect(open.waitedMs).toHaveLength(3)
  })

  it('gives up after four tries, each pause longer than the one before', async () => {
    let tries = 0
    const cut = shop(async () => {
      tries += 1
      throw new TypeError('fetch failed')
    })
    await expect(cut.payments.create(bill)).rejects.toThrow(MonikerUnreachable)
    expect(tries).toBe(4)
    expect(cut.waitedMs).toHaveLength(3)
    expect(cut.waitedMs.toSorted((one, other) => one - other)).toEqual(cut.waitedMs)
  })

  it('is not told wrong things by whatever stands between', async () => {
    const proxied = shop(async () => new Response('<h1>Not Found</h1>', { status: 404 }))
    await expect(proxied.payments.retrieve('pay_1')).rejects.toMatchObject({ code: 'answer-malformed', status: 404 })
    expect(proxied.waitedMs).toEqual([])
    const friendly = shop(async () => Response.json({ hello: 1 }))
    await expect(friendly.payments.retrieve('pay_1')).rejects.toThrow(MonikerUnreachable)
    const strange = shop(async () => Response.json({ hello: 1 }, { status: 404 }))
    await expect(strange.payments.retrieve('pay_1')).rejects.toMatchObject({ code: 'answer-malformed', status: 404 })
  })

  it('cannot be led to another route by an id', async () => {
    const asked: string[] = []
    const { payments } = shop(async (request) => {
      asked.push(new URL(request.url).pathname)
      return world.http(request)
    })
    await payments.retrieve('../events').catch(() => {})
    expect(asked).toEqual(['/v1/payments/..%2Fevents'])
  })

  it('hears by webhook, and lists, what it was told', async () => {
    const { payments, events, webhookEndpoints } = shop()
    const endpoint = await webhookEndpoints.create({ url: `${coffee.origin}/webhooks` })
    const { id } = await payments.create(bill)
    await world.tells()
    const [heard] = world.ears.takes()
    if (heard === undefined) throw new Error('nothing was told')
    const delivered = { body: heard.body, headers: new Headers({ ...heard.headers }) }
    const nowMs = world.clock.nowMs()
    for (const key of [endpoint.keys.secret, endpoint.keys.publicKey]) {
      const event = await readWebhook(delivered, key, nowMs)
      expect(event).toMatchObject({ type: 'payment.created', payment: { id } })
      expect(await events.retrieve(event.id)).toEqual(event)
      expect((await events.list({ payment: id })).events).toEqual([event])
    }
    await events.resend(heard.event.id)
    await world.tells()
    expect(world.ears.takes().map(({ body }) => body)).toEqual([heard.body])
    expect((await webhookEndpoints.rotate(endpoint.id)).keys).not.toEqual(endpoint.keys)
    expect(await webhookEndpoints.disable(endpoint.id)).toMatchObject({ state: 'disabled' })
    expect(await webhookEndpoints.enable(endpoint.id)).toMatchObject({ state: 'enabled' })
    expect(await webhookEndpoints.retrieve(endpoint.id)).toMatchObject({ state: 'enabled' })
  })
})

describe('a webhook', () => {
  async function delivered() {
    const { keys } = await shop().webhookEndpoints.create({ url: `${coffee.origin}/webhooks` })
    await shop().payments.create(bill)
    await world.tells()
    const [heard] = world.ears.takes()
    if (heard === undefined) throw new Error('nothing was told')
    return { keys, body: heard.body, headers: { ...heard.headers }, nowMs: world.clock.nowMs() }
  }
  const otherSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

  it.each([
    ['another body', { body: '{}' }],
    ['another id', { headers: { 'webhook-id': 'event_other' } }],
    ['another time', { headers: { 'webhook-timestamp': '1' } }],
    ['no time', { headers: { 'webhook-timestamp': '' } }],
    ['no signature', { headers: { 'webhook-signature': '' } }],
    ['a signature that is none', { headers: { 'webhook-signature': 'v1,%%% v1a,%%%' } }],
    ['a signature of another kind', { headers: { 'webhook-signature': 'v2,AAAA' } }],
  ])('with %s is refused', async (_what, change: { body?: string; headers?: Record<string, string> }) => {
    const { keys, body, headers, nowMs } = await delivered()
    const changed = { body: change.body ?? body, headers: new Headers({ ...headers, ...change.headers }) }
    for (const key of [keys.secret, keys.publicKey]) {
      await expect(readWebhook(changed, key, nowMs)).rejects.toThrow('It ')
    }
  })

  it('is refused with another time, also one within five minutes', async () => {
    const { keys, body, headers, nowMs } = await delivered()
    const later = `${Number(headers['webhook-timestamp']) + 1}`
    const changed = { body, headers: new Headers({ ...headers, 'webhook-timestamp': later }) }
    for (const key of [keys.secret, keys.publicKey]) {
      await expect(readWebhook(changed, key, nowMs)).rejects.toThrow('not signed by this key')
    }
  })

  it('is refused by another key, and by what is no key', async () => {
    const { keys, body, headers, nowMs } = await delivered()
    const sent = { body, headers: new Headers(headers) }
    await expect(readWebhook(sent, otherSecret, nowMs)).rejects.toThrow('not signed by this key')
    for (const none of ['whsec_%%%', 'whsec_', 'whpk_AAAA', '', keys.secret.slice('whsec_'.length), 'whpk_']) {
      await expect(readWebhook(sent, none, nowMs)).rejects.toThrow('not one of a webhook')
    }
  })

  it('is good for five minutes', async () => {
    const { keys, body, headers, nowMs } = await delivered()
    const sent = { body, headers: new Headers(headers) }
    for (const awayMs of [-300_000, 0, 300_000]) await readWebhook(sent, keys.secret, nowMs + awayMs)
    for (const awayMs of [-301_000, 301_000]) {
      await expect(readWebhook(sent, keys.secret, nowMs + awayMs)).rejects.toThrow('not of now')
    }
  })
})

describe('the package’s own types', () => {
  it('fit what the payment server takes and tells', () => {
    const fits = {
      payment: (told: MerchantPayment): Payment => told,
      event: (told: ToldEvent): PaymentEvent => told,
      endpoint: (told: ToldEndpoint): WebhookEndpoint => told,
      asked: ({ amount: { minor }, lines = [], ...rest }: NewPayment): CreatePaymentRequest => ({
        ...rest,
        lines: [...lines],
        amount: { minor, currency: 'EUR' },
      }),
    }
    // What counts is that this file compiles.
    expect(Object.keys(fits)).toHaveLength(4)
  })
})
