import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealHashOf } from '../../shared/card.ts'
import { addCardIntentAnswer, passkeysSchema, payerSchema } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

let world: PaymentWorld
let phone: SoftwarePayer
beforeEach(async () => {
  world = await openPaymentWorld()
  phone = await world.payer('ada')
})
afterEach(() => world.close())

type Device = { readonly hand: SoftwarePayer; readonly thumbprint: string }
/** Another device of Ada's, vouched for by this one, and signed in. */
async function adds(from: SoftwarePayer): Promise<Device> {
  const hand = world.newcomer('ada')
  world.clock.advance(1_000)
  const thumbprint = taken(await from.addsPasskey(hand.device)).passkeys.at(-1)?.thumbprint ?? ''
  taken(await hand.signsIn())
  return { hand, thumbprint }
}
const pays = async (payer: SoftwarePayer, choice: Parameters<SoftwarePayer['signs']>[1] = {}) => {
  const bill = await world.shop.asks(eur(3_80))
  const answer = await payer.confirms(bill, await payer.signs(bill, choice))
  return answer.ok ? (answer.value.decline?.reason ?? answer.value.state) : answer.problem.code
}
const isTold = async () => (await phone.passkeys()).map(({ isToldToBank }) => isToldToBank)
const bankIsSilent = () => world.withBank(unreachable)
const bankIsBack = async () => {
  world.withBank(undisturbed)
  world.clock.advance(10_000)
  await world.tick()
}
const passkeyRows = () => world.database('payment', (sqlite) => sqlite.prepare('select * from passkey').all())
/** The server lets a passkey that was removed through by mistake: what does the bank say? */
const bringsBack = (rows: readonly unknown[]) =>
  world.database('payment', (sqlite) => {
    const columns = ['credential_id', 'payer_id', 'public_key', 'counter', 'backup_eligible', 'is_backed_up']
    const all = [...columns, 'transports', 'aaguid', 'created_at_ms', 'thumbprint']
    const insert = sqlite.prepare(
      `insert or ignore into passkey (${all.join(', ')}) values (${all.map((column) => `@${column}`).join(', ')})`,
    )
    for (const row of rows) insert.run(row)
  })

describe('a passkey that was added while the bank was silent', () => {
  it('signs in at once, and pays as soon as the bank has heard of it', async () => {
    bankIsSilent()
    const { hand } = await adds(phone)
    expect(await isTold()).toEqual([true, false])
    world.withBank(undisturbed)
    expect(await pays(hand)).toBe('evidence-refused')
    await bankIsBack()
    expect(await isTold()).toEqual([true, true])
    expect(await pays(hand)).toBe('captured')
  })

  it('is told to the bank after a restart too, long after it was vouched for', async () => {
    bankIsSilent()
    const { hand } = await adds(phone)
    await world.restarts()
    world.clock.advance(20 * 60_000)
    await bankIsBack()
    taken(await hand.signsIn())
    expect(await pays(hand)).toBe('captured')
  })

  it('is bound to each of its payer’s cards, and to none twice without need', async () => {
    taken(await phone.addsCard(cardThat.paysToo))
    const { hand } = await adds(phone)
    for (const { id } of await phone.cards()) expect(await pays(hand, { card: id })).toBe('captured')
    world.clock.advance(60 * 60_000)
    await world.tick()
    expect(world.asked.filter((path) => path === '/bindings')).toHaveLength(2)
  })

  it('is told ever less often', async () => {
    bankIsSilent()
    taken(await phone.addsPasskey(world.newcomer('ada').device))
    for (let second = 0; second < 60; second += 1) {
      world.clock.advance(1_000)
      await world.tick()
    }
    expect(world.asked.filter((path) => path === '/bindings')).toHaveLength(5) // at once, then after 2, 4, 8 and 16 seconds
  })

  it('is not told of cards that were removed meanwhile', async () => {
    bankIsSilent()
    await adds(phone)
    const [card] = await phone.cards()
    if (card === undefined) throw new Error('expected a card')
    taken(await phone.removes(card.id))
    await bankIsBack()
    expect(await isTold()).toEqual([true, true])
  })
})

describe('a card that is added', () => {
  it('at the same moment as a passkey is bound to that passkey as well', async () => {
    let tablet: SoftwarePayer | undefined
    world.withBank(async (ask, request) => {
      // The device has sealed the card for the passkeys of then.
      if (new URL(request.url).pathname === '/enrolments') tablet ??= (await adds(phone)).hand
      return ask(request)
    })
    const cards = taken(await phone.addsCard(cardThat.paysToo)).cards
    await world.tick()
    if (tablet === undefined) throw new Error('no passkey was added')
    for (const { id } of cards) expect(await pays(tablet, { card: id })).toBe('captured')
  })

  it('is sealed anew where a passkey was added between two tries: no passkey is left without it', async () => {
    const sealed = await phone.seal(cardThat.paysToo)
    const sends = async () => {
      const seal = await sealHashOf(sealed)
      const { intent } = taken(await phone.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
      return phone.tab.post('/api/cards', payerSchema, { intent, response: await phone.sign(intent), sealed })
    }
    world.withBank(async (ask, request) => {
      await ask(request)
      return unreachable(ask, request)
    })
    expect(await sends()).toMatchObject({ problem: { code: 'bank-unreachable' } })
    world.withBank(undisturbed)
    const { hand } = await adds(phone)
    expect(await sends()).toMatchObject({ problem: { code: 'card-refused', detail: 'evidence-refused' } })
    for (const { id } of taken(await phone.addsCard(cardThat.paysToo)).cards) {
      expect(await pays(hand, { card: id })).toBe('captured')
    }
  })
})

describe('passkeys that were removed', () => {
  it('are refused by the bank as well, whatever the payment server says', async () => {
    const { hand, thumbprint } = await adds(phone)
    const rows = passkeyRows()
    taken(await phone.removesPasskey(thumbprint))
    bringsBack(rows)
    expect(await pays(hand)).toBe('evidence-refused')
    expect(await pays(phone)).toBe('captured')
  })

  it('are gone here while the bank is silent, and there as soon as it has heard', async () => {
    const { hand, thumbprint } = await adds(phone)
    const rows = passkeyRows()
    bankIsSilent()
    expect(taken(await phone.removesPasskey(thumbprint)).passkeys).toHaveLength(1)
    world.withBank(undisturbed)
    expect(await pays(hand)).toBe('passkey-refused')
    await bankIsBack()
    bringsBack(rows)
    expect(await pays(hand)).toBe('evidence-refused')
  })

  it('have vouched for others before: the bank hears it in that order, and the others pay', async () => {
    bankIsSilent()
    const tablet = await adds(phone)
    const watch = await adds(tablet.hand)
    const [first] = await watch.hand.passkeys()
    taken(await watch.hand.removesPasskey(first?.thumbprint ?? ''))
    taken(await watch.hand.removesPasskey(tablet.thumbprint))
    await bankIsBack()
    expect(await pays(watch.hand)).toBe('captured')
    const told = world.asked.filter((path) => path === '/bindings' || path === '/revocations')
    expect(told.slice(-4)).toEqual(['/bindings', '/bindings', '/revocations', '/revocations'])
  })
})

describe('what is kept', () => {
  it('is read by nobody who steals the database: no nickname, and no evidence', async () => {
    bankIsSilent()
    const { thumbprint } = await adds(phone)
    const [own] = await phone.passkeys()
    taken(await phone.tab.post(`/api/passkeys/${thumbprint}/nickname`, passkeysSchema, { nickname: 'Kitchen' }))
    const { secret } = taken(await phone.invites())
    const kept = world.database('payment', (sqlite) =>
      JSON.stringify(
        ['passkey', 'passkey_wish', 'invitation'].map((table) => sqlite.prepare(`select * from ${table}`).all()),
      ),
    )
    expect(kept).toContain(own?.credentialId)
    for (const what of ['Kitchen', 'add-passkey', secret]) expect(kept).not.toContain(what)
  })
})
