import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MerchantPayments } from '../../shared/wire/merchant-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

describe.each(['sqlite', 'postgres'] as const)('the list of a merchant’s payments, on %s', (engine) => {
  let world: PaymentWorld
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
  })
  afterEach(() => world.close())

  /** Some of them at the very same moment. */
  async function asks(count: number): Promise<string[]> {
    const ids: string[] = []
    for (let index = 0; index < count; index += 1) {
      ids.push(await world.shop.asks(eur(100 + index), { reference: `order-${index}` }))
      if (index % 2 === 1) world.clock.advance(1_000)
    }
    return ids
  }
  const idsOf = async (query = ''): Promise<string[]> => {
    return taken(await world.shop.lists(query)).payments.map(({ id }) => id)
  }

  it('has each of them once, page by page, newest first, whatever is asked for meanwhile', async () => {
    const ids = await asks(9)
    const seen: { id: string; createdAtMs: number }[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: MerchantPayments = taken(await world.shop.lists(`limit=2${next === '' ? '' : `&after=${next}`}`))
      expect(page.payments.length).toBeLessThanOrEqual(2)
      seen.push(...page.payments)
      next = page.next
      world.clock.advance(1)
      await world.shop.asks(eur(1))
    }
    expect(seen.map(({ id }) => id).sort()).toEqual(ids.toSorted())
    const times = seen.map(({ createdAtMs }) => createdAtMs)
    expect(times).toEqual(times.toSorted((one, other) => other - one))
  })

  it('has what `GET` of each one says', async () => {
    const ada = await world.payer('ada')
    const bill = await world.shop.asks(eur(12_50))
    taken(await ada.pays(bill))
    expect(taken(await world.shop.lists())).toEqual({
      object: 'list',
      payments: [await world.shop.sees(bill)],
      next: null,
    })
  })

  it('is of one merchant', async () => {
    const bill = await world.shop.asks(eur(1))
    expect(taken(await world.otherShop.lists()).payments).toEqual([])
    const place = `${world.clock.nowMs() + 1}~${bill}`
    expect(taken(await world.otherShop.lists(`after=${place}`)).payments).toEqual([])
  })

  it('may be of one order, and of a time', async () => {
    const ids = await asks(6)
    expect(await idsOf('reference=order-3')).toEqual([ids[3]])
    const { createdAtMs } = taken(await world.shop.lists('reference=order-2')).payments[0] ?? { createdAtMs: 0 }
    expect((await idsOf(`createdFromMs=${createdAtMs}`)).sort()).toEqual(ids.slice(2).sort())
    expect((await idsOf(`createdBeforeMs=${createdAtMs}`)).sort()).toEqual(ids.slice(0, 2).sort())
  })

  it('may be of one state, and knows a bill whose time is over before the worker comes by', async () => {
    const open = await world.shop.asks(eur(1))
    const canceled = await world.shop.asks(eur(1))
    taken(await world.shop.cancels(canceled))
    expect(await idsOf('state=created')).toEqual([open])
    expect(await idsOf('state=canceled')).toEqual([canceled])
    world.clock.advance(60 * 60_000)
    expect(await idsOf('state=created')).toEqual([])
    expect(taken(await world.shop.lists('state=expired')).payments).toMatchObject([{ id: open, state: 'expired' }])
  })

  it.each([
    'limit=0',
    'limit=101',
    'limit=1e1',
    'limit=1&limit=2',
    'after=',
    'after=1~pay_0',
    'after=1~pay_AAAAAAAAAAAAAAAAAAAAAA%00',
    'state=paid',
    'reference=',
    'reference=%00',
    'createdFromMs=-1',
    'createdBeforeMs=yesterday',
    'page=2',
  ])('is not to be had by %s', async (query) => {
    expect(await world.shop.lists(query)).toMatchObject({ problem: { code: 'query-malformed', status: 400 } })
  })
})

describe('the rate limit of a merchant', () => {
  it('is told with every answer, and what is left of it; reading and writing are counted apart', async () => {
    const world = await openPaymentWorld({ config: { limits: { burst: 0.02, perMinute: 0.06 } } })
    const get = () =>
      world.http(new Request(`${walletOrigin}/v1/payments`, { headers: { authorization: `Bearer ${coffee.apiKey}` } }))
    const told = async () => {
      const { status, headers } = await get()
      return [status, headers.get('ratelimit-policy'), headers.get('ratelimit'), headers.get('retry-after')]
    }
    expect(await told()).toEqual([200, '"read";q=2;w=20', '"read";r=1', null])
    expect(await told()).toEqual([200, '"read";q=2;w=20', '"read";r=0', null])
    expect(await told()).toEqual([429, '"read";q=2;w=20', '"read";r=0', '10'])
    expect(await world.shop.creates(eur(1))).toMatchObject({ ok: true })
    world.clock.advance(10_000)
    expect(await told()).toEqual([200, '"read";q=2;w=20', '"read";r=0', null])
    await world.close()
  })
})
