import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { atRest } from '../../server/payment/at-rest.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import { raiseWaitsMs } from '../../shared/card-limits.ts'
import { payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { pushSchema } from '../../shared/wire/push-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { reachableAt } from '../support/push-service.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const later = 11 * 60_000

describe.each(['sqlite', 'postgres'] as const)('an account that is closed, on %s', (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
  })
  afterEach(() => world.close())

  it('signs in no more, and pays no more', async () => {
    const bill = await world.shop.asks(eur(3_80))
    const signed = await ada.signs(bill)
    taken(await ada.closesAccount())
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('intent-malformed')
    expect(outcomeOf(await ada.pays(bill))).toBe('passkey-refused')
    expect(await ada.signsIn()).toMatchObject({ ok: false, problem: { code: 'passkey-unknown' } })
    expect(await ada.closesAccount()).toMatchObject({ ok: false, problem: { code: 'session-missing' } })
  })

  it('answers like a name that nobody has', async () => {
    taken(await ada.closesAccount())
    const bill = await world.shop.asks(eur(3_80))
    const intentFor = async (username: string) =>
      taken(await ada.tab.post(`/api/payments/${bill}/intent`, payIntentAnswer, { username })).intent
    const [hers, nobodys] = [await intentFor('ada'), await intentFor('eve')]
    expect(Object.keys(hers)).toEqual(Object.keys(nobodys))
    expect(JSON.stringify(hers)).toHaveLength(JSON.stringify(nobodys).length)
    expect(hers.card).toBe((await intentFor('ada')).card)
  })

  it('leaves its name to nobody, and nothing that looks like it', async () => {
    taken(await ada.closesAccount())
    expect(await world.newcomer('ada').takesName()).toMatchObject({ problem: { code: 'username-taken' } })
    expect(await world.newcomer('АDА').takesName()).toMatchObject({ ok: false })
  })

  it('has no card and no passkey left, here or at the bank', async () => {
    taken(await ada.addsPasskey(world.newcomer('ada').device))
    world.asked.length = 0
    taken(await ada.closesAccount())
    expect(world.asked).toEqual(['/unbindings', '/revocations', '/revocations'])
    expect(await world.rowsOf(['passkey', 'session', 'invitation', 'card'])).toEqual([0, 0, 0, 0])
  })

  it('has no recovery code left, nothing of a recovery that was under way, and no browser that is told', async () => {
    const kept = () => world.rowsOf(['recovery_code', 'recovery', 'push_subscription'])
    const { code } = taken(await ada.makesRecoveryCode())
    taken(await world.newcomer('ada').recovers(code))
    taken(await ada.signsIn())
    const { target } = reachableAt('https://push.example/ada')
    taken(await ada.tab.post('/api/push', pushSchema, { target, locale: 'en-IE' }))
    expect(await kept()).toEqual([1, 1, 1])
    taken(await ada.closesAccount())
    expect(await kept()).toEqual([0, 0, 0])
  })

  it.runIf(engine === 'sqlite')('has no name left to open, for the server itself', async () => {
    const closet = atRest(world.atRestKeys, systemRandom)
    const named = () => {
      const row = world.database('payment', (sqlite) => sqlite.prepare('select id, profile_closed from payer').get())
      const { id, profile_closed: closed } = z.object({ id: z.string(), profile_closed: z.string() }).parse(row)
      return closet.open(['payer-name', id], closed)
    }
    expect(named()).toContain('ada')
    taken(await ada.closesAccount())
    expect(JSON.parse(named())).toEqual({ username: '', display: '' })
  })

  it.runIf(engine === 'sqlite')(
    'keeps nothing of its card, and nobody’s handle, with what proves a payment',
    async () => {
      const closet = atRest(world.atRestKeys, systemRandom)
      expect(outcomeOf(await ada.pays(await world.shop.asks(eur(3_80))))).toBe('captured')
      taken(await ada.closesAccount())
      const row = world.database('payment', (sqlite) =>
        sqlite.prepare('select reference, body_closed from authorization').get(),
      )
      const { reference, body_closed: closed } = z.object({ reference: z.string(), body_closed: z.string() }).parse(row)
      const kept = JSON.parse(closet.open(['authorization', reference], closed))
      expect(Object.keys(kept)).toEqual(['evidence'])
      expect(Object.keys(kept.evidence.assertion)).toEqual(['authenticatorData', 'clientDataJSON', 'signature'])
    },
  )

  it('keeps what the shop was paid, and what it may give back', async () => {
    const bill = await world.shop.asks(eur(3_80))
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    taken(await ada.closesAccount())
    expect(await world.bookedFor(bill)).toBe(3_80)
    taken(await world.shop.refunds(bill, 1_00))
    expect(await world.bookedFor(bill)).toBe(2_80)
  })

  it('is closed by its own passkey alone', async () => {
    expect(await ada.closesAccount({ bogusSignature: true })).toMatchObject({
      ok: false,
      problem: { code: 'passkey-refused' },
    })
    expect(outcomeOf(await ada.pays(await world.shop.asks(eur(3_80))))).toBe('captured')
  })

  it('is told to the bank once it can be reached, also after a restart', async () => {
    world.withBank(unreachable)
    taken(await ada.closesAccount())
    await world.restarts()
    world.withBank(undisturbed)
    world.clock.advance(later)
    await world.tick()
    expect(world.asked.filter((path) => /(unbindings|revocations)$/.test(path)).length).toBeGreaterThan(1)
    const asked = world.asked.length
    world.clock.advance(later)
    await world.tick()
    expect(world.asked).toHaveLength(asked)
  })
})

describe('the file of an account', () => {
  let world: PaymentWorld
  beforeEach(async () => {
    world = await openPaymentWorld()
  })
  afterEach(() => world.close())

  it('has the name, the passkeys, the cards and every payment', async () => {
    const ada = await world.payer('ada')
    for (let count = 0; count < 21; count += 1) await ada.pays(await world.shop.asks(eur(1_00)))
    const file = taken(await ada.export())
    expect(file).toMatchObject({
      name: { username: 'ada', display: 'ada', createdAt: '2026-11-23T09:00:00.000Z' },
      passkeys: [{ nickname: null, isSynced: true }],
      cards: [{ brand: 'visa', last4: '1111', nickname: null, isFrozen: false }],
    })
    expect(file.payments).toHaveLength(21)
    expect(file.payments[0]).toMatchObject({ state: 'captured', amount: { minor: 1_00, currency: 'EUR' } })
  })

  it('has how each card stands, where somebody is signed in, and what may lead into the account', async () => {
    const ada = await world.payer('ada')
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has a card')
    const low = { currency: 'EUR', perPaymentMinor: 4_00, perDayMinor: null, perMonthMinor: null } as const
    taken(await ada.limits(card.id, low))
    taken(await ada.limits(card.id, { ...low, perPaymentMinor: 9_00 }))
    taken(await ada.addsCard(cardThat.asksItsHolder))
    const { code } = taken(await ada.makesRecoveryCode())
    taken(await world.newcomer('ada').recovers(code))
    taken(await ada.signsIn())
    taken(await ada.invites())
    const now = '2026-11-23T09:00:00.000Z'
    expect(taken(await ada.export())).toMatchObject({
      cards: [
        { isFrozen: true, confirmation: null, limits: low, raise: { limits: { perPaymentMinor: 9_00 } } },
        { bank: 'Harbour Bank', addedAt: now, confirmation: 'awaited', limits: null, raise: null },
      ],
      recovery: { codeMadeAt: now, attempts: [{ startedAt: now, recoveredAt: null, state: 'pending' }] },
      sessions: [{ since: now, lastUsedAt: now }],
      invitation: { isUsed: false },
    })
    world.clock.advance(raiseWaitsMs)
    taken(await ada.signsIn())
    const [raised] = taken(await ada.export()).cards
    expect(raised).toMatchObject({ limits: { perPaymentMinor: 9_00 }, raise: null })
  })

  it('leaves out nothing that is kept by payer, but for what only proves something to a machine', async () => {
    const exported = ['authorization', 'card', 'invitation', 'passkey', 'push_subscription']
    const alsoExported = ['recovery', 'recovery_code', 'session']
    // What the bank is still to be told of a passkey: nobody's but the bank's to read.
    const leftOut = ['passkey_wish']
    expect(await world.tablesWith('payer_id')).toEqual([...exported, ...alsoExported, ...leftOut].toSorted())
  })

  it('is for who is signed in', async () => {
    expect(await world.newcomer('ada').export()).toMatchObject({ ok: false, problem: { code: 'session-missing' } })
  })
})
