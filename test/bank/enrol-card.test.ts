import { compactDecrypt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { AddCardIntent } from '../../shared/intent.ts'
import { type BankPayer, bankPayer, type Enrolment, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer

describe.each(engines)('adding a card, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
  })

  const reasonOf = async (body: Enrolment): Promise<string> => {
    const answer = await world.asks.enrol(body)
    return answer.outcome === 'refused' ? answer.reason : answer.outcome
  }

  it('answers a record that only the bank can read, and the face that all may see', async () => {
    const answer = await world.asks.enrol(await ada.enrolment())
    expect(answer).toMatchObject({ outcome: 'enrolled', card: ada.card, face: { brand: 'visa', last4: '1111' } })
    expect(answer).toMatchObject({ standing: { change: 0, limits: null, pending: null } })
  })

  it('keeps no printed code: the record holds one that the bank minted', async () => {
    const record = await ada.enrols({ ...goodCard, gender: 'x' })
    const [key] = world.keys.records
    const { plaintext, protectedHeader } = await compactDecrypt(record, key?.key ?? new Uint8Array())
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: key?.id, typ: 'moniker-record+jwe' })
    const contents = JSON.parse(new TextDecoder().decode(plaintext))
    expect(contents).toMatchObject({ number: goodCard.number, name: goodCard.name, gender: 'x', payer: ada.payer })
    expect(contents.code).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  it('answers the same again, also long after the intent has expired', async () => {
    const body = await ada.enrolment()
    const first = await world.asks.enrol(body)
    world.clock.advance(3_600_000)
    expect(await world.asks.enrol(body)).toEqual(first)
  })

  it('decides once where the same card is sent many times at once', async () => {
    const body = await ada.enrolment()
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.asks.enrol(body)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('does not answer for a passkey that the seal was not made for, though the card was taken with others', async () => {
    const body = await ada.enrolment()
    await world.asks.enrol(body)
    const { passkey } = await ada.anotherPasskey()
    expect(await reasonOf({ ...body, passkeys: [...body.passkeys, passkey] })).toBe('evidence-refused')
    expect(await reasonOf(body)).toBe('enrolled')
  })

  it('takes no second card under the id of the first, nor another passkey for it', async () => {
    await ada.enrols()
    const mallory = await bankPayer(world)
    expect(await reasonOf(await ada.enrolment())).toBe('not-permitted') // sealed anew: another seal
    const stolen = await mallory.enrolment(goodCard, { card: ada.card, payer: ada.payer })
    expect(await reasonOf({ ...stolen, card: ada.card, payer: ada.payer })).toBe('not-permitted')
  })

  it('takes the first payment’s intent as agreement too, where it names the seal', async () => {
    const body = await ada.enrolment()
    const seal = await sealHashOf(body.sealed)
    const intent = ada.bill(undefined, { seal })
    expect(await reasonOf({ ...body, evidence: { intent, assertion: await ada.sign(intent) } })).toBe('enrolled')
  })

  it('is bound to no passkey that the cardholder’s own device did not seal it for', async () => {
    const mallory = await bankPayer(world)
    // A payment server that was taken over has the seal, and a passkey of its own that signs for it.
    const { sealed } = await ada.enrolment()
    const intent = { ...(await mallory.enrolment()).evidence.intent, seal: await sealHashOf(sealed) }
    const taken = {
      card: mallory.card,
      payer: mallory.payer,
      sealed,
      evidence: { intent, assertion: await mallory.sign(intent) },
    }
    expect(await reasonOf({ ...taken, passkeys: [mallory.passkey] })).toBe('evidence-refused')
    expect(await reasonOf({ ...taken, passkeys: [mallory.passkey, ada.passkey] })).toBe('evidence-refused')
    expect(await reasonOf({ ...taken, passkeys: [ada.passkey] })).toBe('evidence-refused')
  })

  it('is bound to every passkey that it was sealed for, and leaves out none', async () => {
    const tablet = await ada.anotherPasskey()
    const sealed = await ada.seal(goodCard, [ada.passkey, tablet.passkey])
    const body = await ada.enrolment()
    const intent = { ...body.evidence.intent, seal: await sealHashOf(sealed) }
    const sealedForBoth = { ...body, sealed, evidence: { intent, assertion: await ada.sign(intent) } }
    expect(await reasonOf(sealedForBoth)).toBe('evidence-refused')
    const answer = await world.asks.enrol({ ...sealedForBoth, passkeys: [tablet.passkey, ada.passkey] })
    if (answer.outcome !== 'enrolled') throw new Error(answer.reason)
    for (const sign of [ada.sign, tablet.sign]) {
      const bill = ada.bill()
      const evidence = { intent: bill, assertion: await sign(bill) }
      const paid = await world.asks.authorize(await ada.authorization(answer.record, bill, { evidence }))
      expect(paid.outcome).toBe('approved')
    }
  })

  describe('refuses evidence that', () => {
    const signed = async (change: Partial<AddCardIntent>) => ada.enrolment(goodCard, change)
    it.each<[string, () => Promise<Enrolment>]>([
      ['names another card', async () => signed({ card: (await bankPayer(world)).card })],
      ['names another payer', async () => signed({ payer: (await bankPayer(world)).payer })],
      ['names another seal', async () => signed({ seal: await sealHashOf(await ada.seal(goodCard)) })],
      ['is of a payment that names no seal', async () => withIntent(ada.bill())],
      ['has expired', async () => signed({ notAfter: world.clock.nowMs() })],
      ['would outlive five minutes by far', async () => signed({ notAfter: world.clock.nowMs() + 3_600_000 })],
      ['another passkey signed', async () => signedBy(await bankPayer(world))],
      ['was signed for something else', async () => signedOver(ada.bill())],
    ])('%s', async (_what, body) => {
      expect(await reasonOf(await body())).toBe('evidence-refused')
    })

    const withIntent = async (intent: Enrolment['evidence']['intent']): Promise<Enrolment> => ({
      ...(await ada.enrolment()),
      evidence: { intent, assertion: await ada.sign(intent) },
    })
    const signedBy = async (other: BankPayer): Promise<Enrolment> => {
      const body = await ada.enrolment()
      const assertion = { ...(await other.sign(body.evidence.intent)), credentialId: ada.passkey.credentialId }
      return { ...body, evidence: { ...body.evidence, assertion } }
    }
    const signedOver = async (other: Enrolment['evidence']['intent']): Promise<Enrolment> => {
      const body = await ada.enrolment()
      return { ...body, evidence: { ...body.evidence, assertion: await ada.sign(other) } }
    }

    it('refused nothing for good: the same card can be added afterwards', async () => {
      expect(await reasonOf(await signedBy(await bankPayer(world)))).toBe('evidence-refused')
      expect(await reasonOf(await ada.enrolment())).toBe('enrolled')
    })
  })

  describe('refuses a card', () => {
    it.each<[string, Partial<CardDetails>, string]>([
      ['that is not of this bank', { number: parseCardNumber('4242424242424242') }, 'invalid-card'],
      ['with a wrong code', { code: '000' }, 'wrong-code'],
      ['that has expired', { expiry: { month: 10, year: 2026 } }, 'expired-card'],
      ['in another name than its own', { number: parseCardNumber('4012888888881881'), name: 'BOB' }, 'invalid-card'],
    ])('%s', async (_what, change, reason) => {
      expect(await reasonOf(await ada.enrolment({ ...goodCard, ...change }))).toBe(reason)
    })

    it('that was sealed to a key of somebody else', async () => {
      const body = await ada.enrolment()
      const other = await openBankWorld('SQLite')
      const stranger = await bankPayer(other)
      const sealed: SealedCard = await stranger.seal(goodCard)
      await other.close()
      const intent = { ...body.evidence.intent, seal: await sealHashOf(sealed) }
      expect(await reasonOf({ ...body, sealed, evidence: { intent, assertion: await ada.sign(intent) } })).toBe(
        'invalid-card',
      )
    })

    it('with the same words when asked again', async () => {
      const body = await ada.enrolment({ ...goodCard, code: '000' })
      const first = await world.asks.enrol(body)
      world.clock.advance(3_600_000)
      expect(await world.asks.enrol(body)).toEqual(first)
    })
  })

  describe('an issued card', () => {
    it.each<[string, (card: CardDetails) => CardDetails, string]>([
      ['is accepted as it was issued', (card) => card, 'enrolled'],
      ['has one code', (card) => ({ ...card, code: card.code === '111' ? '112' : '111' }), 'wrong-code'],
      ['has one expiry', (card) => ({ ...card, expiry: { ...card.expiry, month: 11 } }), 'invalid-card'],
    ])('%s', async (_what, typed, outcome) => {
      const { account: _account, ...issued } = await world.simulator.issue(100_00)
      expect(await reasonOf(await ada.enrolment(typed({ ...issued, name: 'ADA' })))).toBe(outcome)
    })

    it.each([
      ['its own, in small letters too', 'Ada Lovelace', 'enrolled'],
      ['another', 'BOB', 'invalid-card'],
    ])('that was issued in a name is tried in %s', async (_whose, name, outcome) => {
      const { account: _account, ...issued } = await world.simulator.issue(100_00, 'EUR', { name: 'ADA LOVELACE' })
      expect(await reasonOf(await ada.enrolment({ ...issued, name }))).toBe(outcome)
    })
  })

  describe('an issued card that somebody guesses at', () => {
    type Typed = Pick<CardDetails, 'number' | 'expiry' | 'code'>
    const issue = async (): Promise<Typed> => {
      const { account: _account, ...issued } = await world.simulator.issue(100_00)
      return issued
    }
    const wrong = (card: Typed): Typed => ({ ...card, code: card.code === '111' ? '112' : '111' })
    /** Everybody who tries is another payer with another card id. */
    const tries = async (card: Typed): Promise<string> => {
      const stranger = await bankPayer(world)
      return reasonOf(await stranger.enrolment({ ...card, name: 'EVE' }))
    }
    const triesInTurn = async (cards: readonly Typed[]): Promise<string[]> => {
      const answers: string[] = []
      for (const card of cards) answers.push(await tries(card))
      return answers
    }

    it('is added by nobody for the day after five wrong tries, not even with the right code', async () => {
      const card = await issue()
      expect(await triesInTurn(Array(6).fill(wrong(card)))).toEqual([...Array(5).fill('wrong-code'), 'suspected-fraud'])
      expect(await tries(card)).toBe('suspected-fraud')
      expect(await tries(await issue())).toBe('enrolled')
    })

    it('can be added again when the day is over', async () => {
      const card = await issue()
      await triesInTurn(Array(5).fill(wrong(card)))
      world.clock.advance(24 * 3_600_000 - 1)
      expect(await tries(card)).toBe('suspected-fraud')
      world.clock.advance(1)
      expect(await tries(card)).toBe('enrolled')
    })

    it('is not the less guarded because somebody knew the code in between', async () => {
      const card = await issue()
      const four = Array(4).fill(wrong(card))
      expect((await triesInTurn([...four, card, wrong(card), wrong(card)])).slice(4)).toEqual([
        'enrolled',
        'wrong-code',
        'suspected-fraud',
      ])
    })

    it('has its expiry guarded as its code', async () => {
      const card = await issue()
      await triesInTurn(Array(5).fill({ ...card, expiry: { ...card.expiry, month: 11 } }))
      expect(await tries(card)).toBe('suspected-fraud')
    })

    it('is not tried more often by trying all at once', async () => {
      const card = await issue()
      const answers = await Promise.all(Array.from({ length: 12 }, () => tries(wrong(card))))
      expect(answers.filter((answer) => answer === 'wrong-code')).toHaveLength(5)
    })

    it('counts a wrong try once, however often it is sent', async () => {
      const card = await issue()
      const body = await ada.enrolment({ ...wrong(card), name: 'ADA' })
      const answers = await Promise.all(Array.from({ length: 8 }, () => reasonOf(body)))
      expect(answers).toEqual(Array(8).fill('wrong-code'))
      expect(await tries(card)).toBe('enrolled')
    })
  })

  it('guards no test card: there is nothing about it to guess, and everybody shares it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const stranger = await bankPayer(world)
      expect(await reasonOf(await stranger.enrolment({ ...goodCard, code: '000' }))).toBe('wrong-code')
    }
    expect(await reasonOf(await ada.enrolment())).toBe('enrolled')
  })

  it('knows test cards only where it is a simulator', async () => {
    const real = await openBankWorld(engine, false)
    const payer = await bankPayer(real)
    const answer = await real.asks.enrol(await payer.enrolment())
    expect(answer).toMatchObject({ outcome: 'refused', reason: 'invalid-card' })
    expect((await real.http('/simulator/check')).status).toBe(404)
    await real.close()
  })
})
