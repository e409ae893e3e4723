import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { CardId } from '../../shared/identifiers.ts'
import {
  addCardIntentAnswer,
  payerSchema,
  removeCardIntentAnswer,
  unfreezeCardIntentAnswer,
} from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { bankIssuer, cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let card: CardId
beforeEach(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
  card = (await onlyCard()).id
})
afterEach(() => world.close())

const unknown = { ok: false, problem: { code: 'card-unknown' } }
const onlyCard = async () => {
  const [only, ...others] = await ada.cards()
  if (only === undefined || others.length > 0) throw new Error('expected one card')
  return only
}
const pays = async (payer = ada, choice: { card?: CardId } = {}) => {
  const bill = await world.shop.asks(eur(3_80))
  return outcomeOf(await payer.confirms(bill, await payer.signs(bill, choice)))
}
/** The server lets it through by mistake: what does the bank say? */
const paysPastTheServer = async () => {
  world.database('cards', (sqlite) => sqlite.prepare('update card set is_frozen = 0').run())
  const bill = await world.shop.asks(eur(3_80))
  const answer = taken(await ada.pays(bill))
  return answer.decline?.reason ?? answer.state
}
const tellsBank = async () => {
  world.withBank(undisturbed)
  world.clock.advance(10_000)
  await world.tick()
}
const silently = async <T>(act: () => Promise<T>): Promise<T> => {
  world.withBank(unreachable)
  const done = await act()
  world.withBank(undisturbed)
  return done
}

describe('signing out', () => {
  it('ends the session at the server, not just in the browser', async () => {
    const sessions = () =>
      world.database('payment', (sqlite) => sqlite.prepare('select count(*) from session').pluck().get())
    expect(sessions()).toBe(1)
    taken(await ada.signsOut())
    expect(sessions()).toBe(0)
    expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject({ problem: { code: 'session-missing' } })
    expect(taken(await ada.signsIn()).username).toBe('ada')
  })

  it('leaves other devices of the same payer alone', async () => {
    const laptop = world.newcomer('ada', ada.device)
    taken(await laptop.signsIn())
    taken(await ada.signsOut())
    expect(await laptop.cards()).toHaveLength(1)
  })

  it('can be done by somebody who is not signed in', async () => {
    expect(await world.newcomer('grace').signsOut()).toEqual({ ok: true, value: {} })
  })
})

describe('the card to pay with first', () => {
  it('is the one added first, until the payer chooses', async () => {
    const [, second] = taken(await ada.addsCard(cardThat.paysToo)).cards
    if (second === undefined) throw new Error('expected two cards')
    expect(taken(await ada.withCard(second.id, 'preference')).cards).toMatchObject([
      { id: second.id, isDefault: true },
      { id: card, isDefault: false },
    ])
    const bill = await world.shop.asks(eur(3_80))
    expect((await ada.signs(bill)).intent.card).toBe(second.id)
    taken(await ada.withCard(card, 'preference'))
    expect((await ada.cards()).map(({ id }) => id)).toEqual([card, second.id])
  })

  it('is never a frozen one where there is another', async () => {
    const [, second] = taken(await ada.addsCard(cardThat.paysToo)).cards
    taken(await ada.withCard(card, 'freeze'))
    expect(await ada.cards()).toMatchObject([{ id: second?.id, isDefault: true }, { id: card }])
    expect(await pays()).toBe('captured')
  })

  it('is chosen by nobody else', async () => {
    const eve = await world.payer('eve')
    expect(await eve.withCard(card, 'preference')).toMatchObject(unknown)
  })
})

describe('a nickname', () => {
  it('is kept as it was typed, and read by nobody who steals the database', async () => {
    taken(await ada.withCard(card, 'nickname', { nickname: '  Rent & 家 ' }))
    expect(await onlyCard()).toMatchObject({ nickname: 'Rent & 家' })
    const kept = world.database('cards', (sqlite) => JSON.stringify(sqlite.prepare('select * from card').all()))
    expect(kept).not.toContain('Rent')
  })

  it('can be taken away again', async () => {
    taken(await ada.withCard(card, 'nickname', { nickname: 'Rent' }))
    taken(await ada.withCard(card, 'nickname', { nickname: ' ' }))
    expect(await onlyCard()).toMatchObject({ nickname: null })
  })

  it.each([
    ['4111 1111 1111 1111', 'nickname-reads-as-card'],
    ['Visa 4111-1111-1111-1111 home', 'nickname-reads-as-card'],
    ['\u202eegrahc', 'nickname-has-control'],
    ['a'.repeat(33), 'nickname-too-long'],
  ])('is not %j: %s', async (nickname, code) => {
    expect(await ada.withCard(card, 'nickname', { nickname })).toMatchObject({ problem: { code } })
    expect(await onlyCard()).toMatchObject({ nickname: null })
  })

  it('is given by nobody else', async () => {
    const eve = await world.payer('eve')
    expect(await eve.withCard(card, 'nickname', { nickname: 'mine' })).toMatchObject(unknown)
  })
})

describe('a frozen card', () => {
  it('pays nothing, by the payment server and by the bank', async () => {
    expect(taken(await ada.withCard(card, 'freeze')).cards).toMatchObject([{ isFrozen: true, isToldToBank: true }])
    expect(await pays()).toBe('card-frozen')
    expect(await paysPastTheServer()).toBe('card-frozen')
  })

  it('is frozen at once, though the bank is silent, which is told until it has heard', async () => {
    const payer = await silently(() => ada.withCard(card, 'freeze'))
    expect(taken(payer).cards).toMatchObject([{ isFrozen: true, isToldToBank: false }])
    expect(await pays()).toBe('card-frozen')
    await tellsBank()
    expect(await onlyCard()).toMatchObject({ isFrozen: true, isToldToBank: true })
    expect(await paysPastTheServer()).toBe('card-frozen')
  })

  it('is told to the bank after a restart, too', async () => {
    await silently(() => ada.withCard(card, 'freeze'))
    await world.restarts()
    await tellsBank()
    expect(await onlyCard()).toMatchObject({ isToldToBank: true })
  })

  it('is told to the bank ever less often, and no more once it has answered', async () => {
    const freezes = () => world.asked.filter((path) => path === '/freezes').length
    world.withBank(unreachable)
    await ada.withCard(card, 'freeze')
    for (let second = 0; second < 60; second += 1) {
      world.clock.advance(1_000)
      await world.tick()
    }
    expect(freezes()).toBe(5) // at once, then after pauses of 2, 4, 8 and 16 seconds
    world.withBank(undisturbed)
    world.clock.advance(5 * 60_000)
    await world.tick()
    const told = freezes()
    world.clock.advance(60 * 60_000)
    await world.tick()
    expect(freezes()).toBe(told)
  })

  it('is frozen once, however often it is asked', async () => {
    await Promise.all([1, 2, 3].map(() => ada.withCard(card, 'freeze')))
    expect(world.database('cards', (sqlite) => sqlite.prepare('select changes from card').pluck().get())).toBe(1)
  })

  it('pays again when the passkey says so, and not without it', async () => {
    taken(await ada.withCard(card, 'freeze'))
    expect(await ada.unfreezes(card, { userVerified: false })).toMatchObject({ problem: { code: 'passkey-refused' } })
    expect(await pays()).toBe('card-frozen')
    expect(taken(await ada.unfreezes(card)).cards).toMatchObject([{ isFrozen: false, isToldToBank: true }])
    expect(await pays()).toBe('captured')
  })

  it('pays again by a signature that the bank hears of long after it was given', async () => {
    taken(await ada.withCard(card, 'freeze'))
    expect(taken(await silently(() => ada.unfreezes(card))).cards).toMatchObject([{ isToldToBank: false }])
    expect(await paysPastTheServer()).toBe('card-frozen')
    await world.restarts()
    world.clock.advance(10 * 60_000)
    await tellsBank()
    expect(await onlyCard()).toMatchObject({ isFrozen: false, isToldToBank: true })
    expect(await paysPastTheServer()).toBe('captured')
  })

  it('stays frozen by a freeze that came after the passkey had signed for the end of another', async () => {
    taken(await ada.withCard(card, 'freeze'))
    const { intent } = taken(await ada.tab.post(`/api/cards/${card}/unfreeze/intent`, unfreezeCardIntentAnswer, {}))
    const late = { intent, response: await ada.sign(intent) }
    taken(await ada.unfreezes(card))
    taken(await ada.withCard(card, 'freeze'))
    expect(await ada.tab.post(`/api/cards/${card}/unfreeze`, payerSchema, late)).toMatchObject({
      problem: { code: 'intent-malformed' },
    })
    expect(await pays()).toBe('card-frozen')
  })

  it('ends up at the bank as it is here, in whatever order the bank hears', async () => {
    world.withBank(unreachable)
    await ada.withCard(card, 'freeze')
    await ada.unfreezes(card)
    await ada.withCard(card, 'freeze')
    await tellsBank()
    expect(await onlyCard()).toMatchObject({ isFrozen: true, isToldToBank: true })
    expect(await paysPastTheServer()).toBe('card-frozen')
  })

  it('is frozen by nobody else', async () => {
    const eve = await world.payer('eve')
    expect(await eve.withCard(card, 'freeze')).toMatchObject(unknown)
    expect(await eve.unfreezes(card)).toMatchObject(unknown)
    expect(await world.newcomer('nobody').withCard(card, 'freeze')).toMatchObject({
      problem: { code: 'session-missing' },
    })
    expect(await pays()).toBe('captured')
  })
})

describe('a removed card', () => {
  it('is gone here, and unbound at the bank', async () => {
    const bill = await world.shop.asks(eur(3_80))
    const signed = await ada.signs(bill)
    expect(taken(await ada.removes(card)).cards).toEqual([])
    expect(world.database('cards', (sqlite) => sqlite.prepare('select * from card').all())).toEqual([])
    expect(outcomeOf(await ada.confirms(bill, signed))).toBe('card-missing')
    expect(world.asked.filter((path) => path === '/unbindings')).toHaveLength(1)
  })

  it('is removed by the passkey alone', async () => {
    expect(await ada.removes(card, { userVerified: false })).toMatchObject({ problem: { code: 'passkey-refused' } })
    taken(await ada.withCard(card, 'freeze'))
    const asked = await ada.tab.post(`/api/cards/${card}/unfreeze/intent`, unfreezeCardIntentAnswer, {})
    const { intent } = taken(asked)
    const response = await ada.sign(intent)
    expect(await ada.tab.post(`/api/cards/${card}/removal`, payerSchema, { intent, response })).toMatchObject({
      ok: false,
    })
    expect(await ada.cards()).toHaveLength(1)
  })

  it('is removed by its own passkey, not by that of another payer with the same session', async () => {
    const eve = await world.payer('eve')
    const { intent } = taken(await ada.tab.post(`/api/cards/${card}/removal/intent`, removeCardIntentAnswer, {}))
    const response = await eve.sign(intent)
    expect(await ada.tab.post(`/api/cards/${card}/removal`, payerSchema, { intent, response })).toMatchObject({
      problem: { code: 'passkey-refused' },
    })
    expect(await eve.removes(card)).toMatchObject(unknown)
  })

  it('is unbound later, where the bank was silent', async () => {
    expect(taken(await silently(() => ada.removes(card))).cards).toEqual([])
    await tellsBank()
    const left = world.database('cards', (sqlite) =>
      sqlite.prepare('select kind, next_asking_at_ms from bank_wish').all(),
    )
    expect(left).toEqual([{ kind: 'unbind', next_asking_at_ms: null }])
  })

  it('does not come back when its enrolment is sent again, but the same plastic can be added anew', async () => {
    const sealed = await ada.seal(cardThat.pays)
    const adds = async () => {
      const seal = await sealHashOf(sealed)
      const { intent } = taken(await ada.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
      return ada.tab.post('/api/cards', payerSchema, { intent, response: await ada.sign(intent), sealed })
    }
    taken(await ada.removes(card))
    const [again] = taken(await adds()).cards
    if (again === undefined) throw new Error('expected a card')
    taken(await ada.removes(again.id))
    expect(await adds()).toMatchObject(unknown)
    expect(taken(await ada.addsCard(cardThat.pays)).cards).toHaveLength(1)
    expect(await pays()).toBe('captured')
  })
})

describe('a card whose holder the bank wants to hear from', () => {
  const asked: CardDetails = { ...cardThat.pays, number: parseCardNumber('4000002500003155') }
  let grace: SoftwarePayer
  let waiting: CardId
  let url: string
  beforeEach(async () => {
    grace = await world.payer('grace', asked)
    const [kept] = await grace.cards()
    if (kept?.confirmation?.state !== 'awaited') throw new Error('the bank did not ask')
    waiting = kept.id
    url = kept.confirmation.url
  })
  const says = (said: 'yes' | 'no') =>
    world.bankReceives(
      new Request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `said=${said}`,
      }),
    )
  const confirmation = async () => (await grace.cards())[0]?.confirmation
  const asks = () => grace.withCard(waiting, 'standing')

  it('says so, with the link to the bank', async () => {
    expect(url.startsWith(bankIssuer)).toBe(true)
    expect(await confirmation()).toMatchObject({ state: 'awaited' })
    expect(await grace.cards()).toMatchObject([{ bank: 'Harbour Bank' }])
    expect(await pays(grace)).toBe('declined')
  })

  it('pays once they said yes, and says no more', async () => {
    await says('yes')
    expect(await pays(grace)).toBe('captured')
    expect(await confirmation()).toBeUndefined()
  })

  it('has paid, though it cannot be written down that they said yes', async () => {
    await says('yes')
    world.database('cards', (sqlite) =>
      sqlite.exec(`
        create trigger broken before update of confirmation_closed on card
        begin select raise(abort, 'broken'); end
      `),
    )
    expect(await pays(grace)).toBe('captured')
    world.database('cards', (sqlite) => sqlite.exec('drop trigger broken'))
    expect(await pays(grace)).toBe('captured')
    expect(await confirmation()).toBeUndefined()
  })

  it('says no more once the bank was asked', async () => {
    await asks()
    expect(await confirmation()).toMatchObject({ state: 'awaited' })
    await says('yes')
    taken(await asks())
    expect(await confirmation()).toBeUndefined()
  })

  it('says that it will not pay, where they said no', async () => {
    await says('no')
    taken(await asks())
    expect(await confirmation()).toEqual({ state: 'denied' })
  })

  it('says that the link is over, once it is', async () => {
    world.clock.advance(30 * 60_000)
    taken(await grace.signsIn())
    expect(await confirmation()).toEqual({ state: 'lapsed' })
  })

  it('says what it knew, where the bank does not answer', async () => {
    world.withBank(unreachable)
    expect(await asks()).toMatchObject({ problem: { code: 'bank-unreachable' } })
    expect(await confirmation()).toMatchObject({ state: 'awaited' })
  })

  it('keeps the link where nobody reads it who steals the database', async () => {
    const kept = world.database('cards', (sqlite) => JSON.stringify(sqlite.prepare('select * from card').all()))
    expect(kept).not.toContain(url.slice(-20))
  })
})
