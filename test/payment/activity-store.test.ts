import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activitySchema, spendingSchema } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
const pays = async (minor: number, payer = ada) => {
  world.clock.advance(1_000)
  const bill = await world.shop.asks(eur(minor))
  taken(await payer.pays(bill))
  return bill
}
const activity = async (payer = ada, before?: string) =>
  taken(await payer.tab.get(`/api/activity${before === undefined ? '' : `?before=${before}`}`, activitySchema))
const looksFor = async (query: Record<string, string>) =>
  taken(await ada.tab.get(`/api/activity?${new URLSearchParams(query)}`, activitySchema)).payments
const spent = async (fromMs: number, payer = ada) =>
  taken(await payer.tab.get(`/api/spending?from=${fromMs}`, spendingSchema)).spent.map(({ amount }) => amount.minor)

describe.each(['sqlite', 'postgres'] as const)('a payer’s activity, on %s', { timeout: 20_000 }, (engine) => {
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
  })
  afterEach(() => world.close())

  describe('what a payer has done', () => {
    it('is empty at first', async () => {
      expect(await activity()).toEqual({ payments: [], next: null })
      expect(await spent(0)).toEqual([])
    })

    it('is told newest first: to whom, how much, with what, and what came of it', async () => {
      const first = await pays(3_80)
      const second = await pays(2_40)
      const { payments } = await activity()
      expect(payments).toEqual([
        {
          payment: second,
          payee: { name: 'Bluebird Coffee', origin: 'https://coffee.example' },
          amount: eur(2_40),
          refundedMinor: 0,
          state: 'captured',
          card: { brand: 'visa', last4: '1111' },
          cardId: (await ada.cards())[0]?.id,
          reference: expect.any(String),
          ceremony: 'webauthn.get',
          atMs: world.clock.nowMs(),
        },
        expect.objectContaining({ payment: first }),
      ])
    })

    it('tells of what was declined, which costs nothing', async () => {
      const grace = await world.payer('grace', cardThat.hasNoMoney)
      const bill = await pays(3_80, grace)
      expect((await activity(grace)).payments).toMatchObject([{ payment: bill, state: 'declined' }])
      expect(await spent(0, grace)).toEqual([])
    })

    it('comes page by page, each payment once, though two were made at the same moment', async () => {
      const bills = []
      for (let count = 0; count < 23; count += 1) {
        const bill = await world.shop.asks(eur(1_00))
        taken(await ada.pays(bill))
        bills.push(bill)
      }
      const first = await activity()
      expect(first.payments).toHaveLength(20)
      const second = await activity(ada, first.next ?? '')
      expect(second.next).toBeNull()
      const seen = [...first.payments, ...second.payments].map(({ payment }) => payment)
      expect(seen.toSorted()).toEqual(bills.toSorted())
    })

    it('has no next page where everything is on this one', async () => {
      for (let count = 0; count < 20; count += 1) await pays(1_00)
      expect((await activity()).next).toBeNull()
    })

    it('is searched by the name of a shop, in any case and width', async () => {
      const coffees = await pays(3_80)
      world.clock.advance(1_000)
      const bill = await world.otherShop.asks(eur(9_00))
      taken(await ada.pays(bill))
      const found = async (search: string) => (await looksFor({ search })).map(({ payment }) => payment)
      expect(await found('OWL')).toEqual([bill])
      expect(await found(' ｏwl b')).toEqual([bill])
      expect(await found('o')).toEqual([bill, coffees])
      expect(await found('tea')).toEqual([])
      expect(await found('%')).toEqual([])
      expect(await found('  ')).toEqual([bill, coffees])
    })

    it('is sifted by what came of it', async () => {
      const kept = await pays(3_80)
      const given = await pays(5_00)
      taken(await world.shop.refunds(given, 2_00))
      world.clock.advance(1_000)
      const refused = await world.shop.asks(eur(100_000_00))
      await ada.pays(refused)
      const found = async (kind: string) => (await looksFor({ kind })).map(({ payment }) => payment)
      expect(await found('paid')).toEqual([given, kept])
      expect(await found('refunded')).toEqual([given])
      expect(await found('unpaid')).toEqual([refused])
      expect(await ada.tab.get('/api/activity?kind=stolen', activitySchema)).toMatchObject({
        problem: { code: 'query-malformed' },
      })
    })

    it('is nobody else’s to see', async () => {
      const bill = await pays(3_80)
      const grace = await world.payer('grace')
      expect((await activity(grace)).payments).toEqual([])
      expect((await activity(grace, `${world.clock.nowMs() + 1}~${bill}.1`)).payments).toEqual([])
      expect(await world.newcomer('nobody').tab.get('/api/activity', activitySchema)).toMatchObject({
        problem: { code: 'session-missing' },
      })
    })

    it.each(['', 'x', '1~pay_x', '-1~pay_AAAAAAAAAAAAAAAAAAAAAA.1', '%00', '1~pay_AAAAAAAAAAAAAAAAAAAAAA.1~'])(
      'does not begin at %j',
      async (before) => {
        expect(await ada.tab.get(`/api/activity?before=${before}`, activitySchema)).toMatchObject({
          problem: { code: 'query-malformed' },
        })
      },
    )
  })

  describe('what a payer has spent', () => {
    it('is what was paid since, and not given back', async () => {
      await pays(1_00)
      const fromMs = world.clock.nowMs() + 1
      await pays(3_80)
      const bill = await pays(5_00)
      taken(await world.shop.refunds(bill, 2_00))
      expect((await spent(fromMs)).toSorted()).toEqual([3_00, 3_80])
      expect((await activity()).payments[0]).toMatchObject({ payment: bill, state: 'refunded', refundedMinor: 2_00 })
    })

    it.each(['', '-1', '1.5', '1e3', 'x'])('is not asked for since %j', async (from) => {
      expect(await ada.tab.get(`/api/spending?from=${from}`, spendingSchema)).toMatchObject({
        problem: { code: 'query-malformed' },
      })
    })
  })
})
