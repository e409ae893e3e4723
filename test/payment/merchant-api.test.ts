import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { type createPaymentRequest, merchantPaymentSchema } from '../../shared/wire/merchant-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { coffee, openPaymentWorld, type PaymentWorld, undisturbed, unreachable, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
beforeAll(async () => {
  world = await openPaymentWorld()
})
afterAll(() => world.close())

const order: z.input<typeof createPaymentRequest> = {
  amount: eur(12_50),
  reference: 'order-1',
  description: 'A flat white',
  successUrl: `${coffee.origin}/orders/1?paid`,
  cancelUrl: `${coffee.origin}/basket`,
}
function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const all = { authorization: `Bearer ${coffee.apiKey}`, 'idempotency-key': crypto.randomUUID(), ...headers }
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...all }, body: JSON.stringify(body) }
  return world.http(new Request(`${walletOrigin}/v1/payments`, init))
}
const codeOf = async (response: Response): Promise<unknown> => (await response.json()).code

describe('a merchant', () => {
  it('creates a payment and is told where to send the payer', async () => {
    const response = await post(order)
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const payment = merchantPaymentSchema.parse(await response.json())
    expect(payment).toMatchObject({
      state: 'created',
      amount: eur(12_50),
      description: 'A flat white',
      url: `${walletOrigin}/pay/${payment.id}`,
      expiresAtMs: world.clock.nowMs() + 30 * 60_000,
      payer: null,
    })
    expect(await world.shop.sees(payment.id)).toEqual(payment)
  })

  it.each([
    ['no key', {}],
    ['another scheme', { authorization: `Basic ${coffee.apiKey}` }],
    ['a wrong key', { authorization: `Bearer ${coffee.apiKey}x` }],
    ['no token', { authorization: 'Bearer ' }],
  ])('with %s is refused', async (_what, headers) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' }
    const response = await world.http(new Request(`${walletOrigin}/v1/payments`, init))
    expect([response.status, await codeOf(response)]).toEqual([401, 'api-key-refused'])
  })

  it('finds with a payment what it kept there, and payers see nothing of it', async () => {
    const metadata = { table: '7', constructor: '', note: '“\u{1f600}”' }
    const id = await world.shop.asks(eur(1), { metadata })
    expect((await world.shop.sees(id)).metadata).toEqual(metadata)
    expect((await world.shop.sees(await world.shop.asks(eur(1)))).metadata).toEqual({})
    const bill = await world.http(new Request(`${walletOrigin}/api/payments/${id}`))
    expect(bill.status).toBe(200)
    expect(await bill.text()).not.toContain('table')
  })

  it('says what is paid for, line by line, and the payer reads it on the bill', async () => {
    const lines = [
      { description: 'Flat white', quantity: 2, unitAmountMinor: 3_80 },
      { description: 'New here', quantity: 1, unitAmountMinor: -1_00 },
    ]
    const id = await world.shop.asks(eur(6_60), { lines })
    expect((await world.shop.sees(id)).lines).toEqual(lines)
    const bill = await (await world.http(new Request(`${walletOrigin}/api/payments/${id}`))).json()
    expect(bill.lines).toEqual(lines)
    expect((await world.shop.sees(await world.shop.asks(eur(1)))).lines).toEqual([])
  })

  it.each([6_59, 6_61, 3_80])('cannot ask for %i where the lines come to another amount', async (minor) => {
    const lines = [{ description: 'Flat white', quantity: 2, unitAmountMinor: 3_30 }]
    expect(await world.shop.creates(eur(minor), { lines })).toMatchObject({
      problem: { code: 'lines-mismatch', status: 400 },
    })
  })

  it('sees its own payments only', async () => {
    const id = await world.shop.asks(eur(1))
    await expect(world.otherShop.sees(id)).rejects.toThrow('payment-unknown')
    expect(await world.otherShop.cancels(id)).toMatchObject({ problem: { code: 'payment-unknown' } })
    expect((await world.shop.sees(id)).state).toBe('created')
  })

  it.each([
    'https://evil.example/orders/1',
    'http://coffee.example/orders/1',
    'https://coffee.example.evil.example/',
    'https://user@coffee.example/',
    'https://coffee.example/#fragment',
    'javascript:alert(1)',
    '//coffee.example/',
    'not a url',
  ])('cannot send a payer to %s', async (url) => {
    for (const urls of [{ successUrl: url }, { cancelUrl: url }]) {
      const response = await post({ ...order, ...urls })
      expect([response.status, await codeOf(response)]).toEqual([400, 'url-refused'])
    }
  })

  it.each([
    ['a fraction', { amount: { minor: 12.5, currency: 'EUR' } }],
    ['nothing', { amount: { minor: 0, currency: 'EUR' } }],
    ['less than nothing', { amount: { minor: -1, currency: 'EUR' } }],
    ['more than can be counted', { amount: { minor: 2 ** 53, currency: 'EUR' } }],
    ['a currency nobody has', { amount: { minor: 1, currency: 'XYZ' } }],
    ['an unknown member', { amount: eur(1), tip: 1 }],
    ['no reference', { reference: '' }],
    [
      'too much to keep',
      { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`key${index}`, ''])) },
    ],
    ['a long text to keep', { metadata: { note: 'x'.repeat(501) } }],
    ['a number to keep', { metadata: { table: 7 } }],
    ['a name that is none', { metadata: { 'a b': '' } }],
    ['half a thing', { lines: [{ description: 'Tea', quantity: 0.5, unitAmountMinor: 2 }] }],
    ['a thing without a name', { lines: [{ description: '', quantity: 1, unitAmountMinor: 1 }] }],
    ['half a character', { reference: '\ud800' }],
    ['NUL', { reference: 'order\0' }],
  ])('cannot ask for %s', async (_what, change) => {
    const response = await post({ ...order, ...change })
    expect([response.status, await codeOf(response)]).toEqual([400, 'body-malformed'])
  })
})

describe('an Idempotency-Key', () => {
  it('is required', async () => {
    for (const key of [{ 'idempotency-key': '' }, { 'idempotency-key': 'x'.repeat(256) }]) {
      const response = await post(order, key)
      expect([response.status, await codeOf(response)]).toEqual([400, 'idempotency-key-missing'])
    }
  })

  it('gives the stored answer for the same request, whatever became of the payment since', async () => {
    const key = { 'idempotency-key': 'once' }
    const first = await post(order, key)
    const text = await first.text()
    world.clock.advance(1_000)
    taken(await world.shop.cancels(merchantPaymentSchema.parse(JSON.parse(text)).id))
    const second = await post(order, key)
    expect([second.status, await second.text()]).toEqual([201, text])
  })

  it('is refused with another body', async () => {
    const key = { 'idempotency-key': 'another-body' }
    await post(order, key)
    const response = await post({ ...order, reference: 'order-2' }, key)
    expect([response.status, await codeOf(response)]).toEqual([422, 'idempotency-key-reused'])
  })

  it('is refused with another body also while what the first one asked for is under way, and lets the first one ask again', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50), { capture: 'manual' })
    taken(await ada.pays(bill))
    world.withBank(unreachable)
    const captures = (minor?: number) => world.shop.captures(bill, minor, 'under-way')
    expect(await captures(5_00)).toMatchObject({ ok: true, value: { capturedMinor: 0 } })
    expect(await captures()).toMatchObject({ problem: { code: 'idempotency-key-reused' } })
    expect(await captures(5_00)).toMatchObject({ ok: true, value: { capturedMinor: 0 } })
    world.withBank(undisturbed)
    world.clock.advance(10 * 60_000)
    await world.tick()
    expect(await captures(5_00)).toMatchObject({ ok: true, value: { capturedMinor: 5_00 } })
    expect(await captures()).toMatchObject({ problem: { code: 'idempotency-key-reused' } })
  })

  it('belongs to one merchant', async () => {
    const mine = taken(await world.shop.creates(eur(1), {}, 'shared'))
    const theirs = taken(await world.otherShop.creates(eur(1), {}, 'shared'))
    expect(theirs.id).not.toBe(mine.id)
  })

  it('makes one payment of many requests at once: who comes while the first runs is told so', async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => post(order, { 'idempotency-key': 'crowd' })))
    const bodies = await Promise.all(responses.map((response) => response.json()))
    const created = bodies.filter((_body, index) => responses[index]?.status === 201)
    expect(new Set(created.map((body) => body.id)).size).toBe(1)
    const others = bodies.filter((_body, index) => responses[index]?.status !== 201)
    expect(others.every((body) => body.code === 'idempotency-key-in-use')).toBe(true)
  })

  it('is free again after a refusal, which has changed nothing', async () => {
    const key = { 'idempotency-key': 'mended' }
    await post({ ...order, successUrl: 'https://evil.example/' }, key)
    expect((await post(order, key)).status).toBe(201)
  })

  it('is done anew where the first request was killed', async () => {
    taken(await world.shop.creates(eur(1), {}, 'killed'))
    world.database('payment', (sqlite) =>
      sqlite.prepare(`update idempotency set answer_status = null, answer_body = null where key = 'killed'`).run(),
    )
    expect(await world.shop.creates(eur(1), {}, 'killed')).toMatchObject({
      problem: { code: 'idempotency-key-in-use' },
    })
    world.clock.advance(60_001)
    expect(await world.shop.creates(eur(1), {}, 'killed')).toMatchObject({ ok: true })
  })
})
