import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MerchantApi, merchantApi } from '../../server/payment/merchant-api.ts'
import { problems } from '../../shared/problem.ts'
import { assertFitsContract } from '../support/contract.ts'
import { manualClock } from '../support/manual-clock.ts'
import { eur } from '../support/merchant.ts'
import { openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
beforeAll(async () => {
  world = await openPaymentWorld()
})
afterAll(() => world.close())

const open = (path: string) => world.http(new Request(`${walletOrigin}${path}`))

describe('the reference of the merchant API', () => {
  it('has every route that there is, and no other', async () => {
    const { paths } = await (await open('/openapi.json')).json()
    const documented = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const limits = { burst: 1, perMinute: 1 }
    const acts: Partial<MerchantApi> = { limits, clock: manualClock(0) }
    const { routes } = merchantApi(acts as MerchantApi)
    const served = routes
      .filter(({ method }) => method === 'GET' || method === 'POST')
      .map(({ method, path }) => `${method} /v1${path.replace(':id', '{id}')}`)
    expect(documented.toSorted()).toEqual([...new Set(served)].toSorted())
  })

  it('gives each route a name of its own', async () => {
    const { paths } = await (await open('/openapi.json')).json()
    const names = Object.values<Record<string, { operationId: string }>>(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(names).toContain('payments.capture')
    expect(names).toContain('webhookEndpoints.rotate')
    expect(new Set(names).size).toBe(names.length)
  })

  it('refers to nothing that is not in it', async () => {
    const text = await (await open('/openapi.json')).text()
    const { components } = JSON.parse(text)
    const named = Object.keys(components.schemas)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(named).toContain(name)
    expect(text).not.toContain('"$id"')
  })

  it('can be read by people: every route, every name, every problem leads somewhere', async () => {
    const page = await (await open('/docs')).text()
    const { paths, components } = await (await open('/openapi.json')).json()
    for (const path of Object.keys(paths)) expect(page).toContain(path)
    const anchors = new Set([...page.matchAll(/id="([^"]+)"/g)].map(([, id]) => id))
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target)
    for (const [, code] of page.matchAll(/href="\/problems\/([a-z-]+)"/g)) expect(Object.keys(problems)).toContain(code)
    for (const name of Object.keys(components.schemas)) expect(anchors).toContain(name)
    expect(page).toContain('Your own name for the order; shown to the payer and signed by them.')
  })

  it('is what every answer in these tests is held to', async () => {
    const payment = await world.shop.asks(eur(1_00))
    const asked = new Request(`${walletOrigin}/v1/payments/${payment}`)
    const seen = await world.shop.sees(payment)
    await assertFitsContract(asked, Response.json(seen))
    for (const wrong of [
      { ...seen, state: 'lost' },
      { ...seen, more: 1 },
      { ...seen, capturedMinor: '1' },
    ]) {
      await expect(assertFitsContract(asked, Response.json(wrong))).rejects.toThrow('not as the document says')
    }
    await expect(assertFitsContract(asked, Response.json(seen, { status: 418 }))).rejects.toThrow('not in the document')
  })
})
