/** The example shop and the payment server, which tells it what became of its orders. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../../server/runtime/log.ts'
import type { Room } from '../../server/runtime/room.ts'
import { openShop } from '../../server/shop/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { webhookEndpointSchema } from '../../shared/wire/events-api.ts'
import { coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'
import { seededRandom } from '../support/seeded-random.ts'

const fiveSecondsMs = 5_000
let world: PaymentWorld
let shop: Room
let isCutOff = false
let isAnswerLost = false
beforeEach(async () => {
  world = await openPaymentWorld()
  shop = await open()
  world.ears.leadTo((request) => shop.fetch(request))
})
afterEach(async () => {
  await shop.close()
  await world.close()
})

const open = (): Promise<Room> =>
  openShop(
    { databaseUrl: 'sqlite::memory:', origin: coffee.origin, checkoutOrigin: walletOrigin, apiKey: coffee.apiKey },
    { payment: line },
    { clock: world.clock, random: seededRandom('shop'), log: silentLog },
  )

async function line(request: Request): Promise<Response> {
  const answer = isCutOff ? null : await world.http(request)
  if (answer === null || isAnswerLost) throw new TypeError('fetch failed')
  return answer
}

type Ordered = { page: string; payment: PaymentId }

/** As a browser does: the answer leads to the bill. */
async function orders(): Promise<Ordered> {
  const body = new URLSearchParams({ drink: 'espresso', quantity: '1' })
  const answer = await shop.fetch(new Request(new URL('/orders', coffee.origin), { method: 'POST', body }))
  const payment = (answer.headers.get('location') ?? '').split('/').at(-1) as PaymentId
  return { page: `/orders/${(await world.shop.sees(payment)).reference}`, payment }
}
async function paysFor({ payment }: Ordered, username: string): Promise<void> {
  taken(await (await world.payer(username)).pays(payment))
}
async function tells(): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) await world.tells()
}
async function ticketOn({ page }: Ordered): Promise<string | undefined> {
  const answer = await shop.fetch(new Request(new URL(page, coffee.origin)))
  return /<dt>Your ticket<\/dt><dd>(\d+)<\/dd>/.exec(await answer.text())?.[1]
}
/** What there is of it while the shop cannot ask for itself: what it was told. */
async function ticketOf(order: Ordered): Promise<string | undefined> {
  isCutOff = true
  const ticket = await ticketOn(order)
  isCutOff = false
  return ticket
}

it('makes a ticket for what is paid, whether or not a browser comes back', async () => {
  await shop.tick()
  const [first, second] = [await orders(), await orders()]
  await paysFor(second, 'ada')
  await tells()
  expect([await ticketOf(first), await ticketOf(second)]).toEqual([undefined, '1'])
  await paysFor(first, 'bob')
  await tells()
  expect([await ticketOf(first), await ticketOf(second)]).toEqual(['2', '1'])
})

it('makes the ticket for who comes back before it is told, or where it never is', async () => {
  const order = await orders()
  await paysFor(order, 'ada')
  expect(await ticketOf(order)).toBeUndefined()
  expect([await ticketOn(order), await ticketOn(order)]).toEqual(['1', '1'])
  await shop.tick()
  await tells()
  const next = await orders()
  await paysFor(next, 'bob')
  expect(await ticketOn(next)).toBe('2')
})

it('goes on with an order whose answer was lost, also for who reads the shop in another language by now', async () => {
  const press = (path: string, language: string) => {
    const body = new URLSearchParams({ espresso: '1' })
    const headers = { 'accept-language': language }
    return shop.fetch(new Request(new URL(path, coffee.origin), { method: 'POST', headers, body }))
  }
  isAnswerLost = true
  const kept = await (await press('/orders', 'en')).text()
  isAnswerLost = false
  const again = /action="(\/orders\/[\w-]+\/payment)"/.exec(kept)?.[1] ?? ''
  expect((await press(again, 'zh-CN')).headers.get('location')).toMatch(/\/pay\/pay_/)
})

it('makes one ticket, however often it is told', async () => {
  await shop.tick()
  const order = await orders()
  await paysFor(order, 'ada')
  // The shop has acted on each, and its answer is lost.
  world.ears.answersNext({ failure: 'too-slow' }, { failure: 'too-slow' }, { failure: 'connection-failed' })
  for (let rounds = 0; rounds < 5; rounds += 1) {
    await tells()
    world.clock.advance(60 * 60_000)
  }
  expect(world.ears.takes().length).toBeGreaterThan(3)
  expect(await ticketOf(order)).toBe('1')
  const other = await orders()
  await paysFor(other, 'bob')
  await tells()
  expect(await ticketOf(other)).toBe('2')
})

it('hears later what came before it knew by which key', async () => {
  const order = await orders()
  await world.shop.hasEndpoint(`${coffee.origin}/webhooks`)
  await paysFor(order, 'ada')
  await tells()
  expect(world.ears.takes()).toHaveLength(1)
  expect(await ticketOf(order)).toBeUndefined()
  await shop.tick()
  world.clock.advance(fiveSecondsMs)
  await tells()
  expect(await ticketOf(order)).toBe('1')
})

it('believes nobody else', async () => {
  await shop.tick()
  const order = await orders()
  await world.otherShop.hasEndpoint('https://books.example/webhooks')
  await paysFor(order, 'ada')
  const told: Request[] = []
  world.ears.leadTo(async (request) => {
    told.push(request.clone())
    return new Response(null, { status: 500 })
  })
  await world.otherShop.asks({ minor: 1_00, currency: 'EUR' })
  await tells()
  const theirs = told.find(({ url }) => url.startsWith('https://books.example'))
  const ours = told.find(({ url }) => url.startsWith(coffee.origin))
  if (theirs === undefined || ours === undefined) throw new Error('both were told')
  const forged = JSON.stringify({ type: 'payment.captured', payment: { id: order.payment } })
  for (const { headers, body } of [
    { headers: theirs.headers, body: await theirs.clone().text() },
    { headers: ours.headers, body: forged },
    { headers: new Headers({ 'content-type': 'application/json' }), body: forged },
  ]) {
    const asked = new Request(new URL('/webhooks', coffee.origin), { method: 'POST', headers, body })
    expect((await shop.fetch(asked)).status).toBe(400)
  }
  expect(await ticketOf(order)).toBeUndefined()
})

it('goes on hearing where somebody has changed the keys, or told the endpoint to stop', async () => {
  await shop.tick()
  const endpoint = await world.shop.hasEndpoint(`${coffee.origin}/webhooks`)
  const path = `/v1/webhook-endpoints/${endpoint.id}`
  taken(await world.shop.calls(webhookEndpointSchema, `${path}/rotate`, {}))
  world.clock.advance(25 * 60 * 60_000) // the keys of before are worth nothing now
  const order = await orders()
  await paysFor(order, 'ada')
  await tells()
  expect(await ticketOf(order)).toBe('1')

  taken(await world.shop.calls(webhookEndpointSchema, `${path}/disable`, {}))
  await shop.close()
  shop = await open()
  await shop.tick()
  expect((await world.shop.hasEndpoint(`${coffee.origin}/webhooks`)).state).toBe('enabled')
})
