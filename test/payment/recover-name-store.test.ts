import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { type CredentialId, identifier } from '../../shared/identifiers.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import { recoveryCodeText } from '../../shared/recovery-code.ts'
import type { NameRecovery } from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const otherCode = recoveryCodeText(new Uint8Array(16).fill(7))
const refusedFor = (code: string) => ({ ok: false, problem: { code } })
const refused = refusedFor('passkey-refused')

describe.each(['sqlite', 'postgres'] as const)('a name whose passkeys are all lost, on %s', (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  /** What its owner has in their hand now. */
  let phone: SoftwarePayer
  let code: string
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
    phone = world.newcomer('ada')
    code = taken(await ada.makesRecoveryCode()).code
  })
  afterEach(() => world.close())

  const linksOf = (standing: NameRecovery): string[] =>
    standing.state === 'pending' ? standing.cards.flatMap(({ confirmation }) => confirmation?.url ?? []) : []
  /** The whole of it, for a name with one card. */
  async function recovers(device = phone, shown: CardDetails | null = cardThat.pays): Promise<string> {
    const { secret, standing } = taken(await device.recovers(code))
    const [link] = linksOf(standing)
    if (link === undefined) throw new Error('the bank did not ask')
    await world.bank.hears(link, shown)
    return secret
  }
  const cardOf = async (payer: SoftwarePayer) => {
    const [card] = await payer.cards()
    if (card === undefined) throw new Error('a card is kept')
    return card
  }
  const formerPasskey = async (payer: SoftwarePayer) => {
    const [passkey] = await payer.passkeys()
    if (passkey === undefined) throw new Error('a passkey is kept')
    return passkey.credentialId
  }
  const pays = async (payer: SoftwarePayer, amount = eur(1_00)) => {
    const answer = await payer.pays(await world.shop.asks(amount))
    return answer.ok ? answer.value.state : answer.problem.code
  }

  it('is got back by its code and the word of its cardholder at the bank, and pays again', async () => {
    const secret = await recovers()
    const nowMs = world.clock.nowMs()
    const recovered = { recoveredAtMs: nowMs, heldUntilMs: nowMs + recoveryHoldMs }
    expect(await phone.recovery(secret)).toEqual({ state: 'recovered', ...recovered })
    taken(await phone.signsIn())
    expect(await phone.recovered()).toEqual(recovered)
    const card = await cardOf(phone)
    expect([card.isFrozen, card.confirmation]).toEqual([true, undefined])
    taken(await phone.unfreezes(card.id))
    expect(await pays(phone)).toBe('captured')
    expect(await ada.signsIn()).toMatchObject(refusedFor('name-recovered'))
    expect(await phone.passkeys()).toHaveLength(1)
  })

  it('tells whoever still has a passkey of before when they pay, and takes it for no attack on the bill', async () => {
    await phone.recovery(await recovers())
    const bill = await world.shop.asks(eur(1_00))
    expect(await ada.pays(bill)).toMatchObject(refusedFor('name-recovered'))
    expect(await ada.sees(bill)).toMatchObject({ state: 'created', triesLeft: 5 })
    // In the name of somebody else it is nothing but a wrong passkey, and so is one that signs something else.
    const bob = await world.payer('bob')
    const { response } = await ada.signs(bill)
    expect(await bob.confirms(bill, { ...(await bob.signs(bill)), response })).toMatchObject(refused)
    const other = await ada.signs(await world.shop.asks(eur(1_00)))
    const swapped = { ...(await ada.signs(bill)), response: other.response }
    expect(await ada.confirms(bill, swapped)).toMatchObject(refused)
    expect(await ada.sees(bill)).toMatchObject({ triesLeft: 3 })
  })

  it('is nobody’s more than before by its code alone, or where the cardholder says no', async () => {
    const { secret, standing } = taken(await phone.recovers(code))
    expect(standing).toMatchObject({ state: 'pending', cards: [{ state: 'awaited' }] })
    expect(await phone.signsIn()).toMatchObject(refusedFor('passkey-unknown'))
    await world.bank.hears(linksOf(standing)[0] ?? '', null)
    expect(await phone.recovery(secret)).toEqual({ state: 'over' })
    expect(await phone.signsIn()).toMatchObject(refusedFor('passkey-unknown'))
    taken(await ada.signsIn())
    taken(await ada.unfreezes((await cardOf(ada)).id))
    expect(await pays(ada)).toBe('captured')
  })

  it('is got back though its device asks no more, and though the bank is out of reach for a while', async () => {
    world.withBank(unreachable)
    const { secret, standing } = taken(await phone.recovers(code))
    expect(standing).toMatchObject({ state: 'pending', cards: [{ state: 'unasked' }] })
    world.withBank(undisturbed)
    const asked = await phone.recovery(secret)
    await world.bank.hears(linksOf(asked)[0] ?? '', cardThat.pays)
    world.clock.advance(60_000)
    await world.tick()
    taken(await phone.signsIn())
  })

  it('is not got back by a link that is too old', async () => {
    const { secret, standing } = taken(await phone.recovers(code))
    world.clock.advance(30 * 60_000)
    await world.bank.hears(linksOf(standing)[0] ?? '', cardThat.pays)
    expect(await phone.recovery(secret)).toEqual({ state: 'over' })
    const again = await recovers(world.newcomer('ada'))
    expect(await phone.recovery(again)).toMatchObject({ state: 'recovered' })
  })

  it('is not got back by a wrong code, which looks the same for a name that nobody has', async () => {
    for (const [typed, name] of [
      [otherCode, 'ada'],
      ['nonsense', 'ada'],
      [code, 'nobody'],
      [code, 'no name at all'],
    ] as const) {
      expect(await phone.recovers(typed, name)).toMatchObject(refusedFor('recovery-refused'))
    }
    expect((await cardOf(ada)).isFrozen).toBe(false)
  })

  it('spends its code, which a new one takes the place of', async () => {
    const secret = await recovers()
    await phone.recovery(secret)
    expect(await world.newcomer('ada').recovers(code)).toMatchObject(refusedFor('recovery-refused'))
    taken(await phone.signsIn())
    expect(await phone.codeMadeAtMs()).toBeNull()
    const next = taken(await phone.makesRecoveryCode()).code
    expect(await world.newcomer('ada').recovers(next)).toMatchObject(refusedFor('name-held'))
    expect(await world.textsThatBeginWith(secret)).toBe(0)
  })

  it('is got back by the first of two, and by that one alone', async () => {
    const thief = world.newcomer('ada')
    const [mine, theirs] = [taken(await phone.recovers(code)), taken(await thief.recovers(code))]
    world.clock.advance(1_000)
    for (const { standing } of [mine, theirs]) await world.bank.hears(linksOf(standing)[0] ?? '', cardThat.pays)
    expect(await phone.recovery(theirs.secret)).toEqual({ state: 'over' })
    expect(await phone.recovery(mine.secret)).toMatchObject({ state: 'recovered' })
    taken(await phone.signsIn())
    expect(await thief.signsIn()).toMatchObject(refusedFor('passkey-unknown'))
  })

  it('brings back just the cards that were confirmed, each by itself', async () => {
    taken(await ada.addsCard(cardThat.paysToo))
    const { secret, standing } = taken(await phone.recovers(code))
    const [first, second] = linksOf(standing)
    await world.bank.hears(first ?? '', cardThat.pays)
    expect(await phone.recovery(secret)).toMatchObject({ state: 'recovered' })
    taken(await phone.signsIn())
    const waiting = (await phone.cards()).find(({ confirmation }) => confirmation !== undefined)
    if (waiting === undefined) throw new Error('a card waits for its holder')
    expect(waiting.confirmation).toMatchObject({ state: 'awaited', url: second })
    expect(await phone.unfreezes(waiting.id)).toMatchObject(refusedFor('card-unconfirmed'))
    await world.bank.hears(second ?? '', cardThat.paysToo)
    taken(await phone.withCard(waiting.id, 'standing'))
    taken(await phone.unfreezes(waiting.id))
    const bill = await world.shop.asks(eur(1_00))
    expect(taken(await phone.confirms(bill, await phone.signs(bill, { card: waiting.id }))).state).toBe('captured')
  })

  it('never brings back a card that was not confirmed in time, which is added anew', async () => {
    taken(await ada.addsCard(cardThat.paysToo))
    const { secret, standing } = taken(await phone.recovers(code))
    await world.bank.hears(linksOf(standing)[0] ?? '', cardThat.pays)
    await phone.recovery(secret)
    world.clock.advance(recoveryHoldMs)
    await world.tick()
    taken(await phone.signsIn())
    const lapsed = (await phone.cards()).find(({ confirmation }) => confirmation?.state === 'lapsed')
    if (lapsed === undefined) throw new Error('a card was not confirmed')
    expect(await phone.unfreezes(lapsed.id)).toMatchObject(refusedFor('card-unconfirmed'))
    taken(await phone.removes(lapsed.id))
    taken(await phone.addsCard(cardThat.paysToo))
    expect((await phone.cards()).map(({ confirmation }) => confirmation)).toEqual([undefined, undefined])
  })

  it('pays little for 72 hours; no limit is raised and the name is not closed meanwhile', async () => {
    await phone.recovery(await recovers())
    taken(await phone.signsIn())
    const { id } = await cardOf(phone)
    taken(await phone.unfreezes(id))
    expect(await phone.allowance(id)).toMatchObject({ limits: null, heldUntilMs: world.clock.nowMs() + recoveryHoldMs })
    expect(await pays(phone, eur(50_01))).toBe('declined')
    expect([await pays(phone, eur(50_00)), await pays(phone, eur(50_00))]).toEqual(['captured', 'captured'])
    expect(await pays(phone)).toBe('declined')
    const limits = { currency: 'EUR', perPaymentMinor: 20_00, perDayMinor: null, perMonthMinor: null } as const
    taken(await phone.limits(id, limits))
    expect(await phone.limits(id, { ...limits, perPaymentMinor: 30_00 })).toMatchObject(refusedFor('name-held'))
    expect(await phone.closesAccount()).toMatchObject(refusedFor('name-held'))
    expect(await phone.removes(id)).toMatchObject(refusedFor('name-held'))
    world.clock.advance(recoveryHoldMs)
    await world.tick()
    taken(await phone.signsIn())
    taken(await phone.limits(id, { ...limits, perPaymentMinor: 90_00 }))
    expect(await phone.recovered()).toBeNull()
    taken(await phone.closesAccount())
    expect(await world.rowsOf(['recovery'])).toEqual([0])
  })

  it('goes back to whoever had it, by one tap of a passkey of before, here and at the bank', async () => {
    const former = await formerPasskey(ada)
    const thief = phone
    await thief.recovery(await recovers(thief))
    taken(await thief.signsIn())
    const theirs = await formerPasskey(thief)
    world.clock.advance(recoveryHoldMs - 60_000)
    expect(await ada.signsIn()).toMatchObject(refusedFor('name-recovered'))
    const back = taken(await ada.undoesRecovery(former))
    expect([back.username, back.passkeys.length]).toEqual(['ada', 1])
    expect(await thief.signsIn()).toMatchObject(refusedFor('passkey-unknown'))
    expect(await thief.undoesRecovery(theirs)).toMatchObject(refusedFor('recovery-over'))
    taken(await ada.unfreezes((await cardOf(ada)).id))
    expect(await pays(ada, eur(60_00))).toBe('captured')
    expect(await pays(thief)).toBe('passkey-refused')
    expect(await ada.undoesRecovery(former)).toMatchObject(refusedFor('recovery-over'))
  })

  it.each([
    ['', true],
    [', and though the bank hears of it later', false],
  ])('goes back with every card, also with one that the recovery was still waiting for%s', async (_, isBankThere) => {
    taken(await ada.addsCard(cardThat.paysToo))
    const former = await formerPasskey(ada)
    const { secret, standing } = taken(await phone.recovers(code))
    await world.bank.hears(linksOf(standing)[0] ?? '', cardThat.pays)
    await phone.recovery(secret)
    world.clock.advance(31 * 60_000)
    if (isBankThere) {
      taken(await ada.undoesRecovery(former))
      expect((await ada.cards()).map(({ confirmation }) => confirmation)).toEqual([undefined, undefined])
    } else {
      world.withBank(unreachable)
      taken(await ada.undoesRecovery(former))
      world.withBank(undisturbed)
      world.clock.advance(60_000)
      await world.tick()
    }
    for (const { id } of await ada.cards()) taken(await ada.unfreezes(id))
    const bill = await world.shop.asks(eur(1_00))
    const second = (await ada.cards()).at(-1)?.id
    if (second === undefined) throw new Error('two cards are kept')
    expect(taken(await ada.confirms(bill, await ada.signs(bill, { card: second }))).state).toBe('captured')
  })

  it('goes back without the cards that were added meanwhile, here and at the bank', async () => {
    const former = await formerPasskey(ada)
    const own = await cardOf(ada)
    await phone.recovery(await recovers())
    taken(await phone.signsIn())
    world.clock.advance(60_000)
    const { cards } = taken(await phone.addsCard(cardThat.paysToo))
    expect(cards).toHaveLength(2)
    taken(await ada.undoesRecovery(former))
    expect((await ada.cards()).map(({ id }) => id)).toEqual([own.id])
    expect(world.asked.filter((path) => path === '/unbindings')).toHaveLength(1)
  })

  it('goes back without cards, though whoever had it has exchanged their passkey, or the bank has answered late', async () => {
    const former = await formerPasskey(ada)
    const own = await cardOf(ada)
    await phone.recovery(await recovers())
    taken(await phone.signsIn())
    world.clock.advance(60_000)
    taken(await phone.addsCard(cardThat.paysToo))
    const theirs = (await phone.passkeys())[0]?.thumbprint ?? ''
    const tablet = world.newcomer('ada')
    taken(await phone.addsPasskey(tablet.device))
    taken(await tablet.signsIn())
    taken(await tablet.removesPasskey(theirs))
    world.clock.advance(60_000)

    world.withBank(async (ask, request) => {
      const answer = await ask(request)
      if (request.url.endsWith('/enrolments')) {
        world.withBank(undisturbed)
        taken(await ada.undoesRecovery(former))
      }
      return answer
    })
    expect(await tablet.addsCard(cardThat.pays)).toMatchObject(refused)
    expect(taken(await ada.signsIn()).cards.map(({ id }) => id)).toEqual([own.id])
  })

  it.runIf(engine === 'sqlite')(
    'goes back without those cards also where they cannot be taken off at once',
    async () => {
      const former = await formerPasskey(ada)
      const own = await cardOf(ada)
      await phone.recovery(await recovers())
      taken(await phone.signsIn())
      world.clock.advance(60_000)
      taken(await phone.addsCard(cardThat.paysToo))
      world.database('cards', (db) =>
        db.exec("create trigger full_disk before delete on card begin select raise(abort, 'disk full'); end"),
      )
      expect(await ada.undoesRecovery(former)).toMatchObject(refusedFor('internal-error'))
      taken(await ada.signsIn())
      expect(await ada.cards()).toHaveLength(2)
      world.database('cards', (db) => db.exec('drop trigger full_disk'))
      await world.tick()
      expect((await ada.cards()).map(({ id }) => id)).toEqual([own.id])
      // What its owner adds afterwards stays.
      taken(await ada.addsCard(cardThat.paysToo))
      await world.tick()
      expect(await ada.cards()).toHaveLength(2)
    },
  )

  it('goes back also while the bank is out of reach, which is told later', async () => {
    const former = await formerPasskey(ada)
    await phone.recovery(await recovers())
    world.withBank(unreachable)
    taken(await ada.undoesRecovery(former))
    const signed = async () => (await world.textsIn('passkey_wish', 'binding_closed')).length
    expect(await signed()).toBe(1)
    world.withBank(undisturbed)
    world.clock.advance(60_000)
    await world.tick()
    expect(await signed()).toBe(0)
    taken(await ada.signsIn())
    taken(await ada.unfreezes((await cardOf(ada)).id))
    expect(await pays(ada)).toBe('captured')
  })

  it('does not go back by a passkey that the bank never heard of: it stays for one that the bank knows', async () => {
    const former = await formerPasskey(ada)
    const tablet = world.newcomer('ada')
    world.withBank(unreachable)
    taken(await ada.addsPasskey(tablet.device))
    const unheard = (await ada.passkeys()).find(({ credentialId }) => credentialId !== former)?.credentialId ?? ''
    world.withBank(undisturbed)
    await phone.recovery(await recovers())
    expect(await tablet.undoesRecovery(unheard)).toMatchObject(refusedFor('recovery-over'))
    taken(await ada.undoesRecovery(former))
    taken(await ada.unfreezes((await cardOf(ada)).id))
    expect(await pays(ada)).toBe('captured')
  })

  it('goes back with every way in, also a code that is being made at that very moment', async () => {
    const former = await formerPasskey(ada)
    await phone.recovery(await recovers())
    taken(await phone.signsIn())
    await Promise.all([phone.makesRecoveryCode(), ada.undoesRecovery(former)])
    taken(await ada.signsIn())
    expect(await ada.codeMadeAtMs()).toBeNull()
  })

  it('does not go back by another passkey than one of before, nor for another page', async () => {
    const former = await formerPasskey(ada)
    await phone.recovery(await recovers())
    const bob = await world.payer('bob')
    expect(await bob.undoesRecovery(await formerPasskey(bob))).toMatchObject(refusedFor('recovery-over'))
    expect(await bob.undoesRecovery(former)).toMatchObject({ ok: false })
    const evil = { origin: 'https://evil.example' }
    expect(await ada.undoesRecovery(former, evil)).toMatchObject(refusedFor('passkey-refused'))
    taken(await ada.undoesRecovery(former))
  })

  it('does not go back after 72 hours: the passkeys of before are gone for good, here and at the bank', async () => {
    const former = await formerPasskey(ada)
    await phone.recovery(await recovers())
    world.clock.advance(recoveryHoldMs)
    expect(await ada.undoesRecovery(former)).toMatchObject(refusedFor('recovery-over'))
    await world.tick()
    expect(await ada.signsIn()).toMatchObject(refusedFor('passkey-unknown'))
    expect(world.asked.filter((path) => path === '/revocations')).toHaveLength(1)
    taken(await phone.signsIn())
  })

  it('that has no card is got back by its code alone: there is nobody to ask, and nothing to be robbed of', async () => {
    const bob = world.newcomer('bob')
    taken(await bob.takesName())
    const bobs = taken(await bob.makesRecoveryCode()).code
    const former = await formerPasskey(bob)
    const next = world.newcomer('bob')
    expect(taken(await next.recovers(bobs)).standing).toMatchObject({ state: 'recovered' })
    taken(await next.signsIn())
    world.clock.advance(60_000)
    taken(await next.addsCard(cardThat.pays))
    expect(await pays(next, eur(50_01))).toBe('declined')
    expect(await pays(next, eur(50_00))).toBe('captured')
    taken(await bob.undoesRecovery(former))
    expect(await pays(next)).toBe('passkey-refused')
    expect(await bob.cards()).toEqual([])
  })

  it('is not taken by a payment server that was taken over: without the card the bank’s page gives it nothing', async () => {
    /** A passkey of its own, which it made itself. */
    const passkey = { credentialId: 'AAAA' as CredentialId, publicKey: 'pQECAyYgASFYIA', isBackupEligible: true }
    const card = await cardOf(ada)
    const { payer } = (await ada.signs(await world.shop.asks(eur(1_00)))).intent
    const reply = await world.bankHears.recover({
      recovery: identifier('recovery', new Uint8Array(16)),
      card: card.id,
      payer,
      passkey,
    })
    if (reply?.body.outcome !== 'recovery' || reply.body.confirmation === undefined)
      throw new Error('the bank did not ask')
    expect(await world.bank.hears(reply.body.confirmation.url, cardThat.paysToo)).toBe(422)
    expect(await pays(ada)).toBe('captured')
  })
})

it('a name is not taken by guessing its code as fast as one likes', async () => {
  const world = await openPaymentWorld({ config: { limits: { burst: 60, perMinute: 60 } } })
  const ada = await world.payer('ada')
  const { code } = taken(await ada.makesRecoveryCode())
  const stranger = world.newcomer('ada')
  for (let guess = 0; guess < 10; guess += 1) {
    expect(await stranger.recovers(otherCode)).toMatchObject(refusedFor('recovery-refused'))
  }
  expect(await stranger.recovers(code)).toMatchObject(refusedFor('too-many-requests'))
  await world.close()
})
