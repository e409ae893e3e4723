import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MerchantDesk } from '../../server/payment/room.ts'
import type { MerchantId, PaymentId } from '../../shared/identifiers.ts'
import type { KeyMode, KeyScope } from '../../shared/wire/merchant-api.ts'
import { taken } from '../support/http.ts'
import { eur, type SoftwareMerchant } from '../support/merchant.ts'
import { coffee, openPaymentWorld, type PaymentWorld } from './payment-world.ts'

let world: PaymentWorld
let desk: MerchantDesk
async function openWith(takesTestPayments: boolean): Promise<void> {
  world = await openPaymentWorld({ config: { takesTestPayments } })
  desk = await world.merchantDesk()
}
beforeEach(() => openWith(true))
afterEach(async () => {
  await desk.close()
  await world.close()
})

async function bluebird(): Promise<MerchantId> {
  const found = (await desk.merchants.list()).find(({ origin }) => origin === coffee.origin)
  if (found === undefined) throw new Error('the world has this merchant')
  return found.id
}

async function shopWith(mode: KeyMode, scope: KeyScope): Promise<SoftwareMerchant> {
  return world.shopWith((await desk.apiKeys.issue(await bluebird(), { mode, scope, name: 'Till' })).secret)
}

/** Every route that takes a payment's id, by what it asks of the key. */
const looks = (shop: SoftwareMerchant, bill: PaymentId) => [
  shop.sees(bill).then(
    () => 'ok',
    (error: Error) => error.message,
  ),
]
const moves = async (shop: SoftwareMerchant, bill: PaymentId) => {
  const answers = [
    await shop.cancels(bill),
    await shop.captures(bill),
    await shop.voids(bill),
    await shop.refunds(bill),
  ]
  return answers.map((answer) => (answer.ok ? 'ok' : answer.problem.code))
}

describe('an API key', () => {
  it('to read sees payments, and neither makes nor moves any', async () => {
    const full = await shopWith('test', 'full')
    const bill = await full.asks(eur(12_50))
    const reader = await shopWith('test', 'read')
    expect(await reader.sees(bill)).toMatchObject({ id: bill, state: 'created' })
    expect(await reader.creates(eur(1))).toMatchObject({ problem: { code: 'api-key-scope-missing', status: 403 } })
    expect(await moves(reader, bill)).toEqual(Array.from({ length: 4 }, () => 'api-key-scope-missing'))
    expect((await full.sees(bill)).state).toBe('created')
  })

  it('for payments makes, sees and moves them', async () => {
    const till = await shopWith('test', 'payments')
    const bill = await till.asks(eur(12_50))
    expect(taken(await till.cancels(bill)).state).toBe('canceled')
  })

  it.each([
    ['test', 'live'],
    ['live', 'test'],
  ] as const)('of %s payments knows nothing of %s ones', async (mine, theirs) => {
    const [one, other] = [await shopWith(mine, 'full'), await shopWith(theirs, 'full')]
    const bill = await other.asks(eur(12_50))
    expect((await other.sees(bill)).mode).toBe(theirs)
    expect(await Promise.all(looks(one, bill))).toEqual([expect.stringContaining('payment-unknown')])
    expect(await moves(one, bill)).toEqual(Array.from({ length: 4 }, () => 'payment-unknown'))
    expect(taken(await one.lists()).payments).toEqual([])
    expect((await other.sees(bill)).state).toBe('created')
  })

  it('of the other mode may use the same Idempotency-Key', async () => {
    const [one, other] = [await shopWith('test', 'full'), await shopWith('live', 'full')]
    const made = [taken(await one.creates(eur(1), {}, 'same')), taken(await other.creates(eur(1), {}, 'same'))]
    expect(made.map(({ mode }) => mode)).toEqual(['test', 'live'])
  })

  it('for tests makes no payment at a bank whose money is real', async () => {
    await desk.close()
    await world.close()
    await openWith(false)
    const shop = await shopWith('test', 'full')
    expect(await shop.creates(eur(1))).toMatchObject({ problem: { code: 'test-mode-missing', status: 403 } })
    expect(await (await shopWith('live', 'full')).creates(eur(1))).toMatchObject({ ok: true })
  })

  it('is refused from the request after it was revoked', async () => {
    const { id, secret } = await desk.apiKeys.issue(await bluebird(), { mode: 'test', scope: 'full', name: 'Till' })
    expect(await world.shopWith(secret).creates(eur(1))).toMatchObject({ ok: true })
    await desk.apiKeys.revoke(id)
    expect(await world.shopWith(secret).creates(eur(1))).toMatchObject({ problem: { code: 'api-key-refused' } })
  })
})

describe('a merchant that is given another name', () => {
  it('goes by it on bills, also those that are open', async () => {
    const bill = await world.shop.asks(eur(12_50))
    await desk.merchants.rename(await bluebird(), 'Bluebird Coffee & Tea')
    const ada = await world.payer('ada')
    expect((await ada.sees(bill)).payee.name).toBe('Bluebird Coffee & Tea')
    expect((await ada.signs(bill)).intent).toMatchObject({ payee: { name: 'Bluebird Coffee & Tea' } })
  })
})
