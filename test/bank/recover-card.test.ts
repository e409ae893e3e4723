import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { identifier, type RecoveryId } from '../../shared/identifiers.ts'
import type { SetLimitIntent, UndoRecoveryIntent } from '../../shared/intent.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import type { BankAnswer } from '../../shared/wire/bank-api.ts'
import { withWrongCode } from '../support/bank.ts'
import { type BankPayer, bankPayer, type TestPasskey } from './bank-payer.ts'
import { type BankWorld, engines, eur, morning, openBankWorld } from './bank-world.ts'
import { pageOf, saysOfRecovery } from './recovery-page.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
let paper: CardDetails
let found: TestPasskey
let recovery: RecoveryId

describe.each(engines)('a card whose passkeys are all lost, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    paper = await issued(1_000_00)
    record = await ada.enrols(paper)
    found = await ada.anotherPasskey()
    recovery = identifier('recovery', world.random(16))
  })

  async function issued(minor: number): Promise<CardDetails> {
    const { number, expiry, code } = await world.simulator.issue(minor)
    return { number, expiry, code, name: 'ADA LOVELACE' }
  }
  const asks = (id = recovery, passkey = found, card = ada.card): Promise<BankAnswer<'recover'>> =>
    world.asks.recover({ recovery: id, card, payer: ada.payer, passkey: passkey.passkey })
  const says = (asked: BankAnswer<'recover'>, shown: CardDetails | null = paper) => saysOfRecovery(world, asked, shown)
  const stateOf = async (id = recovery, passkey = found) => {
    const asked = await asks(id, passkey)
    return asked.outcome === 'recovery' ? asked.state : asked.reason
  }
  /** What the bank answers to a payment that this passkey has signed. */
  async function pays(passkey: Pick<TestPasskey, 'sign'>, minor = 1_00): Promise<string> {
    const intent = ada.bill(eur(minor))
    const evidence = { intent, assertion: await passkey.sign(intent) }
    const answer = await world.asks.authorize(await ada.authorization(record, intent, { evidence }))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }
  const fresh = () => ({ v: 1, nonce: base64url(world.random(32)), notAfter: world.clock.nowMs() + 300_000 }) as const
  async function undoes(signer: Pick<TestPasskey, 'sign'>, change: Partial<UndoRecoveryIntent> = {}) {
    const intent: UndoRecoveryIntent = { ...fresh(), purpose: 'undo-recovery', payer: ada.payer, recovery, ...change }
    const evidence = { intent, assertion: await signer.sign(intent) }
    return (await world.asks.undo({ recovery, payer: ada.payer, evidence })).outcome
  }
  async function limits(signer: TestPasskey, change: number, perPaymentMinor: number) {
    const asked = { currency: 'EUR', perPaymentMinor, perDayMinor: null, perMonthMinor: null } as const
    const { card, payer } = ada
    const intent: SetLimitIntent = { ...fresh(), purpose: 'set-limit', card, payer, change, limits: asked }
    const evidence = { intent, assertion: await signer.sign(intent) }
    return (await world.asks.limit({ card, payer, record, evidence })).outcome
  }

  it('goes to a new passkey once its holder has said yes on the page of the bank, and the old ones lose it', async () => {
    const asked = await asks()
    expect(asked).toMatchObject({ outcome: 'recovery', state: 'awaited', recoveredAtMs: null })
    expect(await asks()).toEqual(asked)
    expect([await pays(found), await pays(ada)]).toEqual(['evidence-refused', 'approved'])
    expect((await says(asked)).status).toBe(303)
    expect(await asks()).toMatchObject({ state: 'confirmed', recoveredAtMs: morning })
    expect([await pays(found), await pays(ada)]).toEqual(['approved', 'evidence-refused'])
  })

  it('is asked about on a page that says what is being done', async () => {
    const asked = await asks()
    const page = await (await world.http(pageOf(asked))).text()
    for (const said of [
      'a new passkey takes over this card, and the old ones lose it',
      found.thumbprint.slice(0, 12),
    ]) {
      expect(page).toContain(said)
    }
    await says(asked)
    expect(await (await world.http(pageOf(asked))).text()).toContain('The new passkey has your card')
    expect((await world.http('/recoveries/nowhere')).status).toBe(404)
  })

  it('stays where it is after a no, and the link works once', async () => {
    const asked = await asks()
    await says(asked, null)
    await says(asked)
    expect(await stateOf()).toBe('denied')
    expect([await pays(found), await pays(ada)]).toEqual(['evidence-refused', 'approved'])
  })

  it('stays where it is after half an hour', async () => {
    const asked = await asks()
    world.clock.advance(30 * 60_000)
    await says(asked)
    expect(await stateOf()).toBe('lapsed')
    expect(await pays(ada)).toBe('approved')
  })

  it('goes to nobody who cannot show it: a payment server that follows the link itself gets nothing', async () => {
    const asked = await asks()
    const other: CardDetails = await issued(1_00)
    expect(
      (
        await world.http(pageOf(asked), {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'said=yes',
        })
      ).status,
    ).toBe(400)
    expect((await says(asked, other)).status).toBe(422)
    expect((await says(asked, withWrongCode(paper))).status).toBe(422)
    const expiry = { month: 1, year: paper.expiry.year + 1 }
    expect((await says(asked, { ...paper, expiry })).status).toBe(422)
    expect((await saysOfRecovery(world, asked, paper, { origin: 'https://evil.example' })).status).toBe(403)
    expect([await stateOf(), await pays(found)]).toEqual(['awaited', 'evidence-refused'])
    await says(asked)
    expect(await pays(found)).toBe('approved')
  })

  it('is over once it was shown wrongly five times, and codes are tried nowhere else either', async () => {
    const asked = await asks()
    for (let guess = 0; guess < 5; guess += 1) await says(asked, withWrongCode(paper))
    await says(asked)
    expect(await stateOf()).toBe('lapsed')
    const next = identifier('recovery', world.random(16))
    expect((await says(await asks(next))).status).toBe(422)
    expect(await pays(ada)).toBe('approved')
  })

  it('is asked about for its own payer and payment server alone, and for the passkey that it was first', async () => {
    const bob = await bankPayer(world)
    const { card } = ada
    expect(await world.asks.recover({ recovery, card, payer: bob.payer, passkey: found.passkey })).toMatchObject({
      outcome: 'refused',
    })
    expect(await world.otherAsks.recover({ recovery, card, payer: ada.payer, passkey: found.passkey })).toMatchObject({
      outcome: 'refused',
    })
    await asks()
    expect(await stateOf(recovery, await ada.anotherPasskey())).toBe('not-permitted')
    await world.asks.unbind({ card })
    expect(await stateOf()).toBe('invalid-card')
  })

  it('is over once its payer has taken it off meanwhile, and takes no other card from them', async () => {
    const other = await bankPayer(world, { person: ada.person })
    const otherRecord = await other.enrols(await issued(10_00))
    const asked = await asks()
    await world.asks.unbind({ card: ada.card })
    await says(asked)
    expect(await stateOf()).toBe('invalid-card')
    expect((await world.asks.authorize(await other.authorization(otherRecord, other.bill(eur(1_00))))).outcome).toBe(
      'approved',
    )
  })

  it('goes to the first of two who want it, and no third one can ask meanwhile', async () => {
    const [second, third] = [identifier('recovery', world.random(16)), identifier('recovery', world.random(16))]
    const thief = await ada.anotherPasskey()
    const [asked, also] = [await asks(), await asks(second, thief)]
    world.clock.advance(1_000)
    await Promise.all([says(asked), says(also)])
    expect([await pays(found), await pays(thief)].sort()).toEqual(['approved', 'evidence-refused'])
    expect(await stateOf(third, thief)).toBe('not-permitted')
  })

  it('brings no other card along: each is asked about by itself', async () => {
    const other = await bankPayer(world, { person: ada.person })
    const otherPaper = await issued(10_00)
    const otherRecord = await other.enrols(otherPaper)
    const paysOther = async ({ sign }: Pick<TestPasskey, 'sign'>) => {
      const intent = other.bill(eur(1_00))
      const evidence = { intent, assertion: await sign(intent) }
      return (await world.asks.authorize(await other.authorization(otherRecord, intent, { evidence }))).outcome
    }
    const also = await asks(recovery, found, other.card)
    await says(await asks())
    expect([await paysOther(found), await paysOther(ada)]).toEqual(['declined', 'declined'])
    world.clock.advance(1_000)
    await says(also, otherPaper)
    expect([await paysOther(found), await paysOther(ada)]).toEqual(['approved', 'declined'])
    expect(await asks(recovery, found, other.card)).toMatchObject({ state: 'confirmed', recoveredAtMs: morning })
  })

  it('pays little for 72 hours, and no limit of it is raised meanwhile', async () => {
    await limits({ ...found, sign: ada.sign }, 1, 200_00)
    await says(await asks())
    expect(await pays(found, 50_01)).toBe('limit-exceeded')
    expect([await pays(found, 50_00), await pays(found, 50_00)]).toEqual(['approved', 'approved'])
    expect(await pays(found)).toBe('limit-exceeded')
    expect([await limits(found, 2, 300_00), await limits(found, 3, 150_00)]).toEqual(['refused', 'limited'])
    world.clock.advance(recoveryHoldMs)
    expect(await pays(found, 150_00)).toBe('approved')
    expect(await limits(found, 4, 300_00)).toBe('limited')
  })

  it('is given back by a passkey of before, and what has come since pays nothing any more', async () => {
    await says(await asks())
    world.clock.advance(recoveryHoldMs - 1)
    expect(await undoes(found)).toBe('refused')
    expect(await undoes(ada, { recovery: identifier('recovery', world.random(16)) })).toBe('refused')
    expect(await undoes(ada)).toBe('undone')
    expect(await undoes(ada)).toBe('undone')
    expect([await pays(found), await pays(ada, 60_00)]).toEqual(['evidence-refused', 'approved'])
    expect(await stateOf()).toBe('confirmed')
    const next = identifier('recovery', world.random(16))
    expect(await stateOf(next, await ada.anotherPasskey())).toBe('awaited')
  })

  it('is given back no more after 72 hours', async () => {
    await says(await asks())
    world.clock.advance(recoveryHoldMs)
    expect(await undoes(ada)).toBe('refused')
    expect([await pays(found), await pays(ada)]).toEqual(['approved', 'evidence-refused'])
  })

  it('is given back where that was signed in time, and heard up to a day later', async () => {
    await says(await asks())
    const notAfter = world.clock.nowMs() + recoveryHoldMs
    world.clock.advance(recoveryHoldMs + 24 * 60 * 60_000)
    expect(await undoes(ada, { notAfter })).toBe('refused')
    world.clock.advance(-1)
    expect(await undoes(ada, { notAfter })).toBe('undone')
    expect([await pays(found), await pays(ada)]).toEqual(['evidence-refused', 'approved'])
  })

  it('is not given back where no cardholder has let it go', async () => {
    await asks()
    expect(await undoes(ada)).toBe('absent')
  })

  it('is asked about also where it is a test card, which asks nothing else', async () => {
    const number = parseCardNumber('4111111111111111')
    const tester = await bankPayer(world)
    const testCard = { ...paper, number, code: '123' }
    const testRecord = await tester.enrols(testCard)
    const asked = await world.asks.recover({ recovery, card: tester.card, payer: tester.payer, passkey: found.passkey })
    const paysBy = async () => {
      const intent = tester.bill(eur(1_00))
      const evidence = { intent, assertion: await found.sign(intent) }
      return (await world.asks.authorize(await tester.authorization(testRecord, intent, { evidence }))).outcome
    }
    expect(await paysBy()).toBe('declined')
    await says(asked, testCard)
    expect(await paysBy()).toBe('approved')
  })
})
