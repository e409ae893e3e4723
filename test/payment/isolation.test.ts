import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { merchantRoutes } from '../../server/payment/documentation/merchant-routes.ts'
import { taken } from '../support/http.ts'
import type { SoftwareMerchant } from '../support/merchant.ts'
import { eur } from '../support/merchant.ts'
import { coffee, openPaymentWorld, type PaymentWorld } from './payment-world.ts'

let world: PaymentWorld
/** The other merchant, and the same one with a key of the other mode. */
let strangers: Record<'another merchant' | 'a key of the other mode', SoftwareMerchant>
const own = new Map<string, readonly string[]>()
beforeAll(async () => {
  world = await openPaymentWorld({ config: { takesTestPayments: true } })
  const desk = await world.merchantDesk()
  const merchant = (await desk.merchants.list()).find(({ origin }) => origin === coffee.origin)
  if (merchant === undefined) throw new Error('there is no such merchant')
  const { secret } = await desk.apiKeys.issue(merchant.id, { mode: 'test', scope: 'full', name: 'Test' })
  await desk.close()
  strangers = { 'another merchant': world.otherShop, 'a key of the other mode': world.shopWith(secret) }

  const ada = await world.payer('ada')
  const [paid, held] = [await world.shop.asks(eur(5_00)), await world.shop.asks(eur(5_00), { capture: 'manual' })]
  for (const bill of [paid, held]) taken(await ada.pays(bill))
  own.set('payments', [paid, held, await world.shop.asks(eur(5_00))])
  own.set('webhook-endpoints', [(await world.shop.hasEndpoint('https://coffee.example/webhooks')).id])
  own.set(
    'events',
    (await world.shop.hasEvents('limit=100')).events.map(({ id }) => id),
  )
})
afterAll(() => world.close())

const resourceOf = (path: string): string => path.split('/')[2] ?? ''
const lists = merchantRoutes.filter(({ method, path }) => method === 'get' && !path.includes('{id}'))
const things = merchantRoutes.filter(({ path }) => path.includes('{id}'))
const whoever = ['another merchant', 'a key of the other mode'] as const

describe.each(whoever)('what is one merchant’s, for %s', (stranger) => {
  it.each(lists)('is on no list: $path', async ({ path }) => {
    const ids = own.get(resourceOf(path)) ?? []
    expect(ids.length).toBeGreaterThan(0)
    const mine = JSON.stringify(taken(await world.shop.calls(z.unknown(), `${path}`)))
    const theirs = JSON.stringify(taken(await strangers[stranger].calls(z.unknown(), path)))
    expect(ids.some((id) => mine.includes(id))).toBe(true)
    for (const id of ids) expect(theirs).not.toContain(id)
  })

  it.each(things)('is as if it were not there: $method $path', async ({ method, path }) => {
    const before = await everythingSeen()
    for (const id of own.get(resourceOf(path)) ?? []) {
      const body = method === 'get' ? [] : [{}]
      const answer = await strangers[stranger].calls(z.unknown(), path.replace('{id}', id), ...body)
      const unknown = { payments: 'payment', events: 'event', 'webhook-endpoints': 'webhook' }[resourceOf(path)]
      expect(answer).toMatchObject({ ok: false, problem: { code: `${unknown}-unknown`, status: 404 } })
    }
    expect(await everythingSeen()).toEqual(before)
  })
})

const everythingSeen = () => Promise.all(lists.map(({ path }) => world.shop.calls(z.unknown(), path)))
