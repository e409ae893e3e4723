import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MerchantDesk } from '../../../server/payment/room.ts'
import type { ConsoleRole } from '../../../shared/wire/console-api.ts'
import { type SoftwarePerson, softwarePerson } from '../../support/console.ts'
import { taken } from '../../support/http.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment-world.ts'

const refused = (code: string) => ({ ok: false, problem: { code } })

describe.each(['sqlite', 'postgres'] as const)('the first steps of a merchant, on %s', (engine) => {
  let world: PaymentWorld
  let desk: MerchantDesk
  const random = seededRandom('first steps')
  const merchant = (name: string, origin: string) => desk.merchants.create(name, origin)

  async function joins(id: Awaited<ReturnType<typeof merchant>>, role: ConsoleRole = 'owner'): Promise<SoftwarePerson> {
    const somebody = softwarePerson({ http: world.http, origin: walletOrigin, rpId: 'pay.localhost', random })
    taken(await somebody.joins(await desk.people.invite(id, role, null)))
    return somebody
  }

  beforeAll(async () => {
    world = await openPaymentWorld({ engine, config: { takesTestPayments: true } })
    desk = await world.merchantDesk()
  })
  afterAll(async () => {
    await desk.close()
    await world.close()
  })

  it('lead from a name to a test order that is paid, and each is done once it is so', async () => {
    const id = await merchant('Owl Books', 'https://owl.example')
    const owner = await joins(id)
    const steps = async () => taken(await owner.firstSteps())
    const none = { hasKey: false, webhook: 'none', paid: null }
    expect(await steps()).toEqual(none)

    const key = await desk.apiKeys.issue(id, { mode: 'test', scope: 'payments', name: 'Till' })
    expect(await steps()).toEqual({ ...none, hasKey: true })
    await desk.apiKeys.revoke(key.id)
    expect(await steps()).toEqual(none)

    taken(await owner.addsWebhook({ mode: 'test', url: 'https://owl.example/webhooks' }))
    world.ears.answersNext({ status: 500 })
    const { id: order, url } = taken(await owner.ordersTest())
    expect(url).toContain(order)
    await world.tells()
    expect(await steps()).toEqual({ ...none, webhook: 'silent' })
    taken(await (await world.payer(`tess-${engine}`)).pays(order))
    world.clock.advance(60_000)
    await world.tells()
    expect(await steps()).toEqual({ ...none, webhook: 'hears', paid: order })

    // What was done once stays so, through a month without a customer.
    world.clock.advance(40 * 24 * 60 * 60_000)
    await world.sweeps()
    const again = softwarePerson({
      http: world.http,
      origin: walletOrigin,
      rpId: 'pay.localhost',
      random,
      device: owner.device,
    })
    taken(await again.signsIn())
    expect(taken(await again.firstSteps())).toEqual({ ...none, webhook: 'hears', paid: order })
  })

  it('are each merchant’s own', async () => {
    const stranger = await joins(await merchant('Fox Tea', 'https://fox.example'))
    expect(taken(await stranger.firstSteps())).toMatchObject({ hasKey: false, webhook: 'none', paid: null })
  })

  it('make one order however often it is sent, for those who may', async () => {
    const id = await merchant('Hare Wines', 'https://hare.example')
    const [staff, viewer] = [await joins(id, 'staff'), await joins(id, 'viewer')]
    expect(await viewer.ordersTest()).toMatchObject(refused('role-missing'))
    const key = '0b8b0b0e-3f57-4b7e-9d0e-5a2f6f1f7a03'
    const first = taken(await staff.ordersTest(key))
    expect(first).toMatchObject({ mode: 'test', state: 'created', amount: { minor: 1_00, currency: 'EUR' } })
    expect(taken(await staff.ordersTest(key))).toEqual(first)
    expect(taken(await staff.ordersTest()).id).not.toBe(first.id)
  })
})

it('make no test order at a bank whose money is real', async () => {
  const world = await openPaymentWorld()
  const desk = await world.merchantDesk()
  const [one] = await desk.merchants.list()
  if (one === undefined) throw new Error('there is no merchant')
  const random = seededRandom('real money')
  const owner = softwarePerson({ http: world.http, origin: walletOrigin, rpId: 'pay.localhost', random })
  taken(await owner.joins(await desk.people.invite(one.id, 'owner', null)))
  expect(await owner.ordersTest()).toMatchObject(refused('test-mode-missing'))
  await desk.close()
  await world.close()
})
