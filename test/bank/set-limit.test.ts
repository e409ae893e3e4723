import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { AddPasskeyIntent, SetLimitIntent } from '../../shared/intent.ts'
import { money } from '../../shared/money.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { type BankPayer, bankPayer, goodCard, type TestPasskey } from './bank-payer.ts'
import { type BankWorld, engines, eur, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
const dayMs = 24 * 3_600_000

/** What can happen to a card whose limits are told. */
type Step = Omit<CardLimits, 'currency'> | { readonly paysMinor: number } | { readonly waitsMs: number }

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
  const fresh = () => ({ v: 1, nonce: base64url(world.random(32)), notAfter: world.clock.nowMs() + 300_000 }) as const
  let change = 0
  /** The next change of the card's limits, or one that is said to be the one of that number. */
  async function request(
    limits: Partial<CardLimits>,
    signer: Pick<TestPasskey, 'sign'> = ada,
    number = ++change,
  ): Promise<BankBody<'limit'>> {
    const { card, payer } = ada
    const about = { purpose: 'set-limit', card, payer, change: number } as const
    const intent: SetLimitIntent = { ...fresh(), ...about, limits: { ...open, ...limits } }
    return { card, payer, record, evidence: { intent, assertion: await signer.sign(intent) } }
  }
  const thumbprintOf = ({ passkey }: BankPayer) => passkeyThumbprint(passkey.publicKey)
  const sets = async (limits: Partial<CardLimits>) => world.asks.limit(await request(limits))
  const pays = async (minor: number, capture: 'automatic' | 'manual' = 'automatic'): Promise<string> => {
    const answer = await world.asks.authorize(await ada.authorization(record, ada.bill(eur(minor)), { capture }))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }

  it('holds for one payment', async () => {
    expect(await sets({ perPaymentMinor: 20_00 })).toEqual({
      outcome: 'limited',
      card: ada.card,
      change,
      limits: { ...open, perPaymentMinor: 20_00 },
      pending: null,
      spent: [],
      longBound: [await thumbprintOf(ada)],
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

  it('changes nothing where it comes after a later one, though it was signed before', async () => {
    const overtaken = await request({ perPaymentMinor: 90_00 })
    await sets({ perPaymentMinor: 20_00 })
    expect(await world.asks.limit(overtaken)).toMatchObject({
      change,
      limits: { perPaymentMinor: 20_00 },
      pending: null,
    })
    world.clock.advance(dayMs)
    expect([await pays(20_01), await pays(20_00)]).toEqual(['limit-exceeded', 'approved'])
  })

  it('only lowers where the bank hears of it when its intent is over', async () => {
    await sets({ perPaymentMinor: 20_00, perDayMinor: 50_00 })
    const late = await request({ perPaymentMinor: 90_00, perDayMinor: 30_00 })
    world.clock.advance(300_000)
    const limits = { ...open, perPaymentMinor: 20_00, perDayMinor: 30_00 }
    expect(await world.asks.limit(late)).toMatchObject({ outcome: 'limited', limits, pending: null })
    world.clock.advance(dayMs)
    expect(await pays(20_01)).toBe('limit-exceeded')
  })

  it('says what is waited for, and waits no more for what was taken back', async () => {
    await sets({ perPaymentMinor: 20_00 })
    expect(await sets({ perPaymentMinor: 50_00 })).toMatchObject({
      limits: { perPaymentMinor: 20_00 },
      pending: {
        limits: { perPaymentMinor: 50_00 },
        fullFromMs: world.clock.nowMs() + dayMs,
        signedBy: await thumbprintOf(ada),
      },
    })
    expect(await sets({ perPaymentMinor: 20_00 })).toMatchObject({ pending: null })
    world.clock.advance(dayMs)
    expect(await pays(20_01)).toBe('limit-exceeded')
  })

  it('is told with what counts against it, under whichever card id it was spent', async () => {
    await sets({ perDayMinor: 30_00 })
    await pays(20_00)
    await pays(5_00, 'manual')
    const again = await bankPayer(world, ada)
    const newRecord = await again.enrols()
    const spent = [{ currency: 'EUR', dayMinor: 25_00, monthMinor: 25_00 }]
    expect(await world.asks.allowance({ card: ada.card, record })).toMatchObject({
      outcome: 'allowance',
      change,
      spent,
    })
    const inherited = { ...open, perDayMinor: 30_00 }
    expect(await world.asks.allowance({ card: again.card, record: newRecord })).toMatchObject({
      change: 0,
      limits: inherited,
      pending: { limits: null, signedBy: null },
      spent,
    })
    world.clock.set(Date.UTC(2026, 10, 24))
    const nextDay = [{ currency: 'EUR', dayMinor: 0, monthMinor: 25_00 }]
    expect(await world.asks.allowance({ card: ada.card, record })).toMatchObject({ spent: nextDay })
  })

  it('is told of no other card than the record’s, and to no other payment server', async () => {
    const eve = await bankPayer(world)
    await eve.enrols()
    const refused = { outcome: 'refused', reason: 'invalid-card' }
    expect(await world.asks.allowance({ card: eve.card, record })).toMatchObject(refused)
    expect(await world.otherAsks.allowance({ card: ada.card, record })).toMatchObject(refused)
  })

  describe('and two passkeys', () => {
    let second: TestPasskey
    const vouchFor = async (added: TestPasskey) => {
      const { card, payer } = ada
      const intent: AddPasskeyIntent = { ...fresh(), purpose: 'add-passkey', payer, passkey: added.thumbprint }
      const evidence = { intent, assertion: await ada.sign(intent) }
      await world.asks.bind({ card, payer, record, passkey: added.passkey, evidence })
    }
    beforeEach(async () => {
      second = await ada.anotherPasskey()
      await vouchFor(second)
      world.clock.advance(dayMs)
      await sets({ perPaymentMinor: 20_00 })
    })
    const seconds = async (limits: Partial<CardLimits>, signer: Pick<TestPasskey, 'sign'> = second, number = change) =>
      world.asks.limit(await request(limits, signer, number))

    it('is raised at once where both signed the same', async () => {
      await sets({ perPaymentMinor: 50_00 })
      expect(await pays(50_00)).toBe('limit-exceeded')
      expect(await seconds({ perPaymentMinor: 50_00 })).toMatchObject({
        limits: { perPaymentMinor: 50_00 },
        pending: null,
      })
      expect([await pays(50_00), await pays(50_01)]).toEqual(['approved', 'limit-exceeded'])
    })

    it('is raised whichever of the two signatures comes first, and each of them once', async () => {
      const [first, other] = [
        await request({ perPaymentMinor: 50_00 }),
        await request({ perPaymentMinor: 50_00 }, second, change),
      ]
      await world.asks.limit(other)
      await world.asks.limit(other)
      expect(await pays(50_00)).toBe('limit-exceeded')
      await world.asks.limit(first)
      expect(await pays(50_00)).toBe('approved')
      await sets({ perPaymentMinor: 20_00 })
      await world.asks.limit(other)
      expect(await world.asks.limit(first)).toMatchObject({ limits: { perPaymentMinor: 20_00 }, pending: null })
    })

    it.each([
      ['the same passkey signed twice', () => seconds({ perPaymentMinor: 50_00 }, ada)],
      ['the second signed other limits', () => seconds({ perPaymentMinor: 51_00 })],
      ['the second signed another change', () => seconds({ perPaymentMinor: 50_00 }, second, change - 1)],
    ])('waits where %s', async (_what, act) => {
      await sets({ perPaymentMinor: 50_00 })
      expect(await act()).toMatchObject({ outcome: 'limited', limits: { perPaymentMinor: 20_00 } })
      expect(await pays(50_00)).toBe('limit-exceeded')
    })

    it('waits where the second was added less than a day ago: it may be in the same hand', async () => {
      const young = await ada.anotherPasskey()
      await vouchFor(young)
      const { thumbprint } = second
      const longBound = [await thumbprintOf(ada), thumbprint].sort()
      expect(await sets({ perPaymentMinor: 50_00 })).toMatchObject({ longBound })
      expect(await seconds({ perPaymentMinor: 50_00 }, young)).toMatchObject({ limits: { perPaymentMinor: 20_00 } })
      await world.asks.limit(await request({ perPaymentMinor: 60_00 }, young))
      expect(await seconds({ perPaymentMinor: 60_00 })).toMatchObject({ limits: { perPaymentMinor: 20_00 } })
    })

    it('waits where the first was taken away before the second signed', async () => {
      await world.asks.limit(await request({ perPaymentMinor: 50_00 }, second))
      await world.asks.revoke({ payer: ada.payer, passkey: second.thumbprint })
      expect(await seconds({ perPaymentMinor: 50_00 }, ada)).toMatchObject({ limits: { perPaymentMinor: 20_00 } })
    })

    it('is raised at once by two that the card was added with', async () => {
      const both = await bankPayer(world)
      const other = await both.anotherPasskey()
      record = await both.enrols({ ...goodCard, limit: eur(20_00) }, [other.passkey])
      ada = both
      await sets({ perPaymentMinor: 50_00 })
      expect(await seconds({ perPaymentMinor: 50_00 }, other)).toMatchObject({ limits: { perPaymentMinor: 50_00 } })
    })
  })

  it('lets nothing be booked above what is in force, whatever was changed and paid, in whatever order', async () => {
    const minor = fc.option(fc.integer({ min: 1, max: 40 }), { nil: null })
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ perPaymentMinor: minor, perDayMinor: minor, perMonthMinor: minor }),
      fc.record({ paysMinor: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ waitsMs: fc.constantFrom(1, 3_600_000, dayMs, 3 * dayMs) }),
    )
    const story = fc.array(step, { minLength: 4, maxLength: 14 })
    const live = async (steps: readonly Step[]) => {
      world.clock.set(morning)
      ada = await bankPayer(world)
      record = await ada.enrols()
      for (const now of steps) {
        if ('waitsMs' in now) world.clock.advance(now.waitsMs)
        else if ('paysMinor' in now) await paysWithin(now.paysMinor)
        else await sets(now)
      }
    }
    /** What the bank says before is what it holds to: neither more is booked, nor less. */
    const paysWithin = async (paysMinor: number) => {
      const before = await world.asks.allowance({ card: ada.card, record })
      if (before.outcome !== 'allowance') throw new Error('the card is known')
      const { dayMinor, monthMinor } = before.spent[0] ?? { dayMinor: 0, monthMinor: 0 }
      const { perPaymentMinor, perDayMinor, perMonthMinor } = before.limits ?? open
      const fits =
        paysMinor <= (perPaymentMinor ?? paysMinor) &&
        dayMinor + paysMinor <= (perDayMinor ?? dayMinor + paysMinor) &&
        monthMinor + paysMinor <= (perMonthMinor ?? monthMinor + paysMinor)
      expect(await pays(paysMinor)).toBe(fits ? 'approved' : 'limit-exceeded')
    }
    await fc.assert(fc.asyncProperty(story, live), { numRuns: 12 })
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

    it('the passkey was taken off the card', async () => {
      await world.asks.unbind({ card: ada.card })
      expect(await sets({ perPaymentMinor: 1_00 })).toMatchObject(refused)
    })
  })
})
