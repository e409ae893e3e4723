import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../server/runtime/log.ts'
import { inProcess, type Peer } from '../../server/runtime/peer.ts'
import type { Room } from '../../server/runtime/room.ts'
import { openShop } from '../../server/shop/room.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { createPaymentRequest, type MerchantPayment } from '../../shared/wire/merchant-api.ts'
import { manualClock } from '../support/manual-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'

const origin = 'http://shop.localhost:4420'
const checkoutOrigin = 'http://pay.localhost:4410'

/** The merchant API from its contract, with payments that a test moves along. */
function merchantApi() {
  const payments = new Map<string, MerchantPayment>()
  const keysSeen: string[] = []
  const app = new Hono()
    .post('/v1/payments', async (context) => {
      const key = context.req.header('idempotency-key') ?? ''
      keysSeen.push(key)
      const { successUrl, cancelUrl, ...asked } = createPaymentRequest.parse(await context.req.json())
      const known = payments.get(key)
      const id = known?.id ?? paymentIdSchema.parse(`pay_${String(payments.size).padStart(21, 'A')}A`)
      const payment: MerchantPayment = known ?? {
        id,
        object: 'payment',
        mode: 'test',
        state: 'created',
        amount: asked.amount,
        capturedMinor: 0,
        refundedMinor: 0,
        reference: asked.reference,
        description: asked.description ?? null,
        lines: asked.lines ?? [],
        metadata: {},
        url: `${checkoutOrigin}/pay/${id}`,
        createdAtMs: 1,
        expiresAtMs: 2,
        payer: null,
        card: null,
        decline: null,
        decision: null,
      }
      payments.set(key, payment)
      return context.json(payment)
    })
    .get('/v1/payments/:id', (context) => {
      const payment = [...payments.values()].find(({ id }) => id === context.req.param('id'))
      return payment ? context.json(payment) : context.body(null, 404)
    })
  return {
    peer: inProcess(app),
    keysSeen,
    payments,
    becomes(change: Partial<MerchantPayment>) {
      const [key, last] = [...payments].at(-1) ?? []
      if (key !== undefined && last !== undefined) payments.set(key, { ...last, ...change })
    },
  }
}

let room: Room
const openWith = async (payment: Peer) => {
  const tools = { clock: manualClock(1_750_000_000_000), random: seededRandom('shop'), log: silentLog }
  room = await openShop({ databaseUrl: 'sqlite::memory:', origin, checkoutOrigin, apiKey: 'key' }, { payment }, tools)
}
afterEach(() => room.close())

const get = async (path: string, headers: Record<string, string> = {}) =>
  room.fetch(new Request(new URL(path, origin), { headers }))
const post = async (path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  room.fetch(
    new Request(new URL(path, origin), {
      method: 'POST',
      headers: { origin, 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(form),
    }),
  )
const stateOf = async (answer: Response) => /data-state="([a-z]+)"/.exec(await answer.text())?.[1]

/** Orders one coffee. @returns where its page is */
async function orders(api: ReturnType<typeof merchantApi>): Promise<string> {
  expect((await post('/orders', { drink: 'flat-white', quantity: '2' })).status).toBe(303)
  return `/orders/${[...api.payments.values()].at(-1)?.reference}`
}

describe('the shop', () => {
  it('sends an order to be paid: the price by its own list, the order as the reference', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const answer = await post('/orders', { drink: 'flat-white', quantity: '2', price: '1' })
    const [payment] = [...api.payments.values()]
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(payment?.url)
    expect(payment?.amount).toEqual({ minor: 7_60, currency: 'EUR' })
    expect(api.keysSeen).toEqual([`${payment?.reference}-1`])
  })

  it('takes several drinks from one basket, and says on the bill what each comes to', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const menu = await (await get('/?espresso=2&drink=matcha&quantity=3')).text()
    expect(menu).toContain('2 × Espresso')
    expect(menu).toContain('3 × Matcha latte')
    expect(menu).toContain('Order · €18.30')
    expect(menu).toContain('href="/?espresso=1&amp;matcha=3" aria-label="One less: Espresso"')
    expect((await post('/orders', { espresso: '2', matcha: '3' })).status).toBe(303)
    const [payment] = [...api.payments.values()]
    expect(payment?.amount).toEqual({ minor: 18_30, currency: 'EUR' })
    expect(payment?.lines).toEqual([
      { description: 'Espresso', quantity: 2, unitAmountMinor: 2_40 },
      { description: 'Matcha latte', quantity: 3, unitAmountMinor: 4_50 },
    ])
    const page = await (await get(`/orders/${payment?.reference}`)).text()
    for (const said of ['2 × Espresso', '€4.80', '3 × Matcha latte', '€13.50', '€18.30']) expect(page).toContain(said)
  })

  it('has no page for a basket that cannot be', async () => {
    await openWith(merchantApi().peer)
    for (const basket of ['drink=tea', 'espresso=-1', 'espresso=10', 'espresso=%00', 'matcha=1.5'])
      expect((await get(`/?${basket}`)).status, basket).toBe(400)
    expect(await (await get('/?espresso=9&drink=espresso&quantity=9')).text()).toContain('9 × Espresso')
  })

  it.each([
    {},
    { espresso: '0' },
    { drink: 'tea', quantity: '1' },
    { drink: 'espresso', quantity: '0' },
    { drink: 'espresso', quantity: '10' },
    { drink: 'espresso', quantity: '1.5' },
    { drink: 'espresso', quantity: 'NaN' },
    { quantity: '1' },
  ])('refuses an order of $quantity × $drink', async (form) => {
    const api = merchantApi()
    await openWith(api.peer)
    expect((await post('/orders', form)).status).toBe(400)
    expect(api.payments.size).toBe(0)
  })

  it('takes no order from another site’s page', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const form = { drink: 'espresso', quantity: '1' }
    expect(
      (await post('/orders', form, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status,
    ).toBe(403)
    expect(api.payments.size).toBe(0)
  })

  it('believes the payment server and not the address somebody comes back by', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    expect(await stateOf(await get(`${page}?state=captured&paid=true`))).toBe('waiting')
    api.becomes({ state: 'captured', card: { brand: 'visa', last4: '1111' } })
    const paid = await (await get(page)).text()
    expect(paid).toContain('Paid. Thank you!')
    expect(paid).toContain('•••• 1111')
    expect(paid).not.toContain('<button')
  })

  it.each([
    ['created', 'waiting'],
    ['approving', 'deciding'],
    ['unknown', 'deciding'],
    ['authorized', 'paid'],
    ['captured', 'paid'],
    ['refunded', 'returned'],
    ['declined', 'declined'],
    ['expired', 'expired'],
    ['canceled', 'canceled'],
    ['voided', 'canceled'],
  ] as const)('shows a payment that is %s as %s', async (state, shown) => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    api.becomes({ state })
    expect(await stateOf(await get(page))).toBe(shown)
  })

  it('says why a payment was declined', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    api.becomes({ state: 'declined', decline: { reason: 'insufficient-funds', final: false } })
    expect(await (await get(page)).text()).toContain('The account does not have enough money.')
    api.becomes({ state: 'declined', decline: { reason: 'suspected-fraud', final: false } })
    expect(await (await get(page)).text()).toContain('The bank gave no reason that we may repeat.')
  })

  it.each([
    { state: 'created', decline: null },
    { state: 'declined', decline: { reason: 'insufficient-funds', final: false } },
  ] as const)('leads back to a payment that can still be paid ($state)', async (change) => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    api.becomes(change)
    const answer = await post(`${page}/payment`)
    expect(answer.headers.get('location')).toBe([...api.payments.values()][0]?.url)
    expect(api.payments.size).toBe(1)
  })

  it.each([
    { state: 'expired', decline: null },
    { state: 'canceled', decline: null },
    { state: 'voided', decline: null },
    { state: 'declined', decline: { reason: 'too-many-failures', final: true } },
  ] as const)('asks once more, under the same order, after one that is $state for good', async (change) => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    api.becomes(change)
    const twice = await Promise.all([post(`${page}/payment`), post(`${page}/payment`)])
    const [first, second] = [...api.payments.values()]
    expect(api.payments.size).toBe(2)
    expect(second?.reference).toBe(first?.reference)
    expect(twice.map((answer) => answer.headers.get('location'))).toEqual([second?.url, second?.url])
    expect(await stateOf(await get(page))).toBe('waiting')
  })

  it.each(['approving', 'unknown', 'captured', 'refunded'] as const)('never asks again after %s', async (state) => {
    const api = merchantApi()
    await openWith(api.peer)
    const page = await orders(api)
    api.becomes({ state })
    expect((await post(`${page}/payment`)).headers.get('location')).toBe(page)
    expect(api.payments.size).toBe(1)
  })

  it('keeps the order while the payment server is away, and asks for the same payment when it is back', async () => {
    const api = merchantApi()
    let answersAreLost = true
    await openWith(async (request) => {
      const answer = await api.peer(request)
      if (answersAreLost) throw new TypeError('fetch failed')
      return answer
    })
    const away = await post('/orders', { drink: 'espresso', quantity: '1' })
    expect(away.status).toBe(503)
    expect(await away.text()).toContain('Your order is kept and nothing is lost.')
    answersAreLost = false
    const page = `/orders/${[...api.payments.values()][0]?.reference}`
    expect(await stateOf(await get(page))).toBe('waiting')
    expect((await post(`${page}/payment`)).headers.get('location')).toBe([...api.payments.values()][0]?.url)
    expect(api.payments.size).toBe(1)
    answersAreLost = true
    expect(await stateOf(await get(page))).toBe('unreachable')
  })

  it('takes an answer that is not of the contract for none', async () => {
    await openWith(async () => Response.json({ state: 'captured' }))
    expect((await post('/orders', { drink: 'espresso', quantity: '1' })).status).toBe(503)
  })

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh', '下单'],
    ['de-DE,en;q=0.5', 'en', 'Order'],
    ['', 'en', 'Order'],
  ])('speaks to %j in %s', async (acceptLanguage, language, word) => {
    await openWith(merchantApi().peer)
    const page = await (await get('/', { 'accept-language': acceptLanguage })).text()
    expect(page).toContain(`<html lang="${language}">`)
    expect(page).toContain(word)
  })

  it('runs no script and takes no style but its own', async () => {
    await openWith(merchantApi().peer)
    const answer = await get('/')
    expect(answer.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'self'; script-src 'self' ${checkoutOrigin}; connect-src 'self' ${checkoutOrigin}; img-src 'self' ${checkoutOrigin}; form-action 'self' ${checkoutOrigin}; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
    )
    expect(await answer.text()).not.toMatch(/<script|style=|<style/)
    expect((await get('/style.css')).headers.get('content-type')).toContain('text/css')
  })

  it('looks again by itself while the bank is asked, and at no other time', async () => {
    const api = merchantApi()
    await openWith(api.peer)
    const order = await orders(api)
    const script = '<script type="module" src="/look-again.js"></script>'
    api.becomes({ state: 'unknown' })
    expect(await (await get(order)).text()).toContain(script)
    expect((await get('/look-again.js')).headers.get('content-type')).toContain('text/javascript')
    api.becomes({ state: 'captured' })
    expect(await (await get(order)).text()).not.toContain(script)
  })

  it('has nothing at other addresses', async () => {
    await openWith(merchantApi().peer)
    for (const path of ['/orders/none', '/%E0%A4', '/orders']) expect((await get(path)).status).toBe(404)
    expect((await post('/orders/none/payment')).status).toBe(404)
  })
})
