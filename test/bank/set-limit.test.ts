import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { SetLimitIntent } from '../../shared/intent.ts'
import { money } from '../../shared/money.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, eur, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
const dayMs = 24 * 3_600_000

describe.each(engines)('a limit that the payer set, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    record = await ada.enrols()
  })

  const open: CardLimits = { currency: 'EUR', perPaymentMinor: null, perDayMinor: null, perMonthMinor: null }
  async function request(limits: Partial<CardLimits>, signer = ada): Promise<BankBody<'limit'>> {
    const intent: SetLimitIntent = {
      v: 1,
      purpose: 'set-limit',
      nonce: base64url(world.random(32)),
      notAfter: world.clock.nowMs() + 300_000,
      card: ada.card,
      payer: ada.payer,
      limits: { ...open, ...limits },
    }
    return { card: ada.card, payer: ada.payer, record, evidence: { intent, assertion: await signer.sign(intent) } }
  }
  const sets = async (limits: Partial<CardLimits>) => world.asks.limit(await request(limits))
  const pays = async (minor: number, capture: 'automatic' | 'manual' = 'automatic'): Promise<string> => {
    const answer = await world.asks.authorize(await ada.authorization(record, ada.bill(eur(minor)), { capture }))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }

  it('holds for one payment', async () => {
    expect(await sets({ perPaymentMinor: 20_00 })).toEqual({
      outcome: 'limited',
      card: ada.card,
      limits: { ...open, perPaymentMinor: 20_00 },
      fullFromMs: morning + dayMs,
    })
    expect([await pays(20_01), await pays(20_00), await pays(20_00)]).toEqual([
      'limit-exceeded',
      'approved',
      'approved',
    ])
  })

  it('holds for a day, and the next day anew', async () => {
    await sets({ perDayMinor: 30_00 })
    expect([await pays(20_00), await pays(10_01), await pays(10_00), await pays(1)]).toEqual([
      'approved',
      'limit-exceeded',
      'approved',
      'limit-exceeded',
    ])
    world.clock.set(Date.UTC(2026, 10, 24))
    expect(await pays(30_00)).toBe('approved')
  })

  it('holds for a month, and the next month anew', async () => {
    await sets({ perMonthMinor: 30_00 })
    expect(await pays(30_00)).toBe('approved')
    world.clock.set(Date.UTC(2026, 10, 30, 23, 59))
    expect(await pays(1)).toBe('limit-exceeded')
    world.clock.set(Date.UTC(2026, 11, 1))
    expect(await pays(30_00)).toBe('approved')
  })

  it('counts what is set aside, and what was let go not any more', async () => {
    await sets({ perDayMinor: 30_00 })
    const held = await ada.authorization(record, ada.bill(eur(30_00)), { capture: 'manual' })
    await world.asks.authorize(held)
    expect(await pays(1)).toBe('limit-exceeded')
    await world.asks.capture({ reference: held.reference, name: 'part', amount: eur(10_00), isFinal: true })
    expect([await pays(20_01), await pays(20_00)]).toEqual(['limit-exceeded', 'approved'])
  })

  it('does not count what was undone', async () => {
    await sets({ perDayMinor: 30_00 })
    const body = await ada.authorization(record, ada.bill(eur(30_00)))
    await world.asks.authorize(body)
    await world.asks.reverse({ reference: body.reference })
    expect(await pays(30_00)).toBe('approved')
  })

  it('is not slipped past by payments side by side', async () => {
    await sets({ perDayMinor: 10_00 })
    const words = await Promise.all(Array.from({ length: 25 }, () => pays(1_00)))
    expect(words.filter((word) => word === 'approved')).toHaveLength(10)
    expect(words.filter((word) => word === 'limit-exceeded')).toHaveLength(15)
  })

  it('forbids what it cannot measure: another currency', async () => {
    await sets({ perDayMinor: 10_00 })
    const body = await ada.authorization(record, ada.bill(money(1, 'USD')))
    expect(await world.asks.authorize(body)).toMatchObject({ reason: 'limit-exceeded' })
  })

  it('takes the place of the one that the card was added with, upwards a day later', async () => {
    const bob = await bankPayer(world)
    record = await bob.enrols({ ...goodCard, limit: eur(20_00) })
    ada = bob
    expect(await sets({ perPaymentMinor: 50_00 })).toMatchObject({ limits: { perPaymentMinor: 20_00 } })
    expect(await pays(50_00)).toBe('limit-exceeded')
    world.clock.advance(dayMs)
    expect(await pays(50_00)).toBe('approved')
  })

  it('is set once by one signature: used again it answers, and undoes nothing that came later', async () => {
    const first = await request({ perPaymentMinor: 50_00 })
    await world.asks.limit(first)
    await sets({ perPaymentMinor: 20_00 })
    expect(await world.asks.limit(first)).toMatchObject({ limits: { perPaymentMinor: 20_00 } })
    world.clock.advance(2 * dayMs)
    expect(await pays(20_01)).toBe('limit-exceeded')
  })

  describe('of a number that its payer adds again', () => {
    let again: BankPayer
    let newRecord: CardRecord
    /** Who pays so much, in one word each. */
    const paying = async (payer: BankPayer, own: CardRecord, minor: number): Promise<string> => {
      const answer = await world.asks.authorize(await payer.authorization(own, payer.bill(eur(minor))))
      return answer.outcome === 'declined' ? answer.reason : answer.outcome
    }
    const paysAgain = (minor: number) => paying(again, newRecord, minor)
    const addsAgain = async (limitMinor?: number) => {
      again = await bankPayer(world, ada)
      const limit = limitMinor === undefined ? {} : { limit: eur(limitMinor) }
      newRecord = await again.enrols({ ...goodCard, ...limit })
    }
    const startsWithLimit = async (minor: number) => {
      ada = await bankPayer(world)
      record = await ada.enrols({ ...goodCard, limit: eur(minor) })
    }

    it('holds under the new card id as well, until a day is over', async () => {
      await startsWithLimit(10_00)
      await addsAgain()
      expect([await paysAgain(10_01), await paysAgain(10_00)]).toEqual(['limit-exceeded', 'approved'])
      world.clock.advance(dayMs - 1)
      expect(await paysAgain(10_01)).toBe('limit-exceeded')
      world.clock.advance(1)
      expect(await paysAgain(10_01)).toBe('approved')
    })

    it('holds on under the old one, whatever the new one may', async () => {
      await startsWithLimit(10_00)
      await addsAgain(50_00)
      world.clock.advance(dayMs)
      expect([await paysAgain(50_00), await pays(10_01)]).toEqual(['approved', 'limit-exceeded'])
    })

    it('is lowered at once by what the number is added with, for the new card id', async () => {
      await startsWithLimit(10_00)
      await addsAgain(5_00)
      expect([await paysAgain(5_01), await paysAgain(5_00), await pays(10_00)]).toEqual([
        'limit-exceeded',
        'approved',
        'approved',
      ])
    })

    it('is not started anew: what was paid under one id counts under the other', async () => {
      await sets({ perDayMinor: 30_00, perMonthMinor: 40_00 })
      expect(await pays(20_00)).toBe('approved')
      await addsAgain()
      expect([await paysAgain(10_01), await paysAgain(10_00), await paysAgain(1), await pays(1)]).toEqual([
        'limit-exceeded',
        'approved',
        'limit-exceeded',
        'limit-exceeded',
      ])
      await sets({ perDayMinor: 30_00, perMonthMinor: 40_00 })
      world.clock.set(Date.UTC(2026, 10, 24))
      expect([await pays(10_01), await paysAgain(10_00), await pays(1)]).toEqual([
        'limit-exceeded',
        'approved',
        'limit-exceeded',
      ])
    })

    it('is not got around in another currency', async () => {
      await startsWithLimit(10_00)
      again = await bankPayer(world, ada)
      newRecord = await again.enrols({ ...goodCard, limit: money(500_00, 'USD') })
      const inDollars = async () => {
        const body = await again.authorization(newRecord, again.bill(money(20_00, 'USD')))
        return world.asks.authorize(body)
      }
      expect(await inDollars()).toMatchObject({ reason: 'limit-exceeded' })
      world.clock.advance(dayMs)
      expect(await inDollars()).toMatchObject({ outcome: 'approved' })
    })

    it('is the lowest of all that the number is under', async () => {
      await startsWithLimit(10_00)
      await sets({ perDayMinor: 40_00 })
      const second = await bankPayer(world, ada)
      await second.enrols({ ...goodCard, limit: eur(8_00) })
      await addsAgain()
      expect([await paysAgain(8_01), await paysAgain(8_00)]).toEqual(['limit-exceeded', 'approved'])
    })

    it('is not got rid of by taking the card off first', async () => {
      await startsWithLimit(10_00)
      await world.asks.unbind({ card: ada.card })
      await addsAgain()
      expect(await paysAgain(10_01)).toBe('limit-exceeded')
    })

    it('is raised for the new card id as for any other: a day after its payer asked', async () => {
      await startsWithLimit(10_00)
      await addsAgain()
      ada = again
      record = newRecord
      expect(await sets({ perPaymentMinor: 90_00 })).toMatchObject({ limits: { perPaymentMinor: 10_00 } })
      world.clock.advance(dayMs - 1)
      expect(await pays(10_01)).toBe('limit-exceeded')
      world.clock.advance(1)
      expect([await pays(90_00), await pays(90_01)]).toEqual(['approved', 'limit-exceeded'])
    })

    it('is not slipped past by payments side by side under both', async () => {
      await sets({ perDayMinor: 10_00 })
      await addsAgain()
      const words = await Promise.all(
        Array.from({ length: 25 }, (_, index) => (index % 2 === 0 ? pays(1_00) : paysAgain(1_00))),
      )
      expect(words.filter((word) => word === 'approved')).toHaveLength(10)
    })

    it('does not bind another payer who has the same card: they are bound by what they signed', async () => {
      const { account: _account, ...issued } = await world.simulator.issue(100_00)
      const [bob, eve] = [await bankPayer(world), await bankPayer(world)]
      const bobs = await bob.enrols({ ...issued, name: 'BOB', limit: eur(1) })
      const eves = await eve.enrols({ ...issued, name: 'EVE' })
      expect([await paying(bob, bobs, 2), await paying(eve, eves, 40_00)]).toEqual(['limit-exceeded', 'approved'])
    })
  })

  describe('is refused where', () => {
    const refused = { outcome: 'refused', reason: 'evidence-refused' }
    it('another passkey signed it', async () => {
      const mallory = await bankPayer(world)
      const body = await request({ perPaymentMinor: 1 }, mallory)
      const { credentialId } = ada.passkey
      const assertion = { ...body.evidence.assertion, credentialId }
      expect(await world.asks.limit({ ...body, evidence: { ...body.evidence, assertion } })).toMatchObject(refused)
    })

    it('it says something else than what was signed', async () => {
      const body = await request({ perPaymentMinor: 1_00 })
      const intent = { ...body.evidence.intent, limits: { ...open, perPaymentMinor: 100_00 } }
      expect(await world.asks.limit({ ...body, evidence: { ...body.evidence, intent } })).toMatchObject(refused)
    })

    it('a payment was signed, not a limit', async () => {
      const body = await request({ perPaymentMinor: 1_00 })
      const assertion = await ada.sign(ada.bill())
      expect(await world.asks.limit({ ...body, evidence: { ...body.evidence, assertion } })).toMatchObject(refused)
    })

    it('it has expired', async () => {
      const body = await request({ perPaymentMinor: 1_00 })
      world.clock.advance(300_000)
      expect(await world.asks.limit(body)).toMatchObject(refused)
    })

    it('the passkey was taken off the card', async () => {
      await world.asks.unbind({ card: ada.card })
      expect(await sets({ perPaymentMinor: 1_00 })).toMatchObject(refused)
    })
  })
})
