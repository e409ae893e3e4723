import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closeRecord, openRecord } from '../../server/bank/card-record.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import { identifier } from '../../shared/identifiers.ts'
import { challengeOf, type PayIntent } from '../../shared/intent.ts'
import { type Currency, money } from '../../shared/money.ts'
import { passkeyThumbprint, signerOf } from '../../shared/passkey.ts'
import { twinOf } from '../support/authenticator.ts'
import { inDialog, otherThings, sameThings } from '../support/payment-dialog.ts'
import { type Authorization, type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, balanced, engines, eur, morning, openBankWorld, walletOrigin } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord

describe.each(engines)('asking for money, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    record = await ada.enrols()
  })
  afterEach(async () => {
    expect(await world.simulator.check()).toMatchObject(balanced)
  })

  /** What the bank says in one word: approved, or why not. */
  const wordOf = async (body: Authorization): Promise<string> => {
    const answer = await world.asks.authorize(body)
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }
  const balanceOf = async (payer = ada): Promise<number> => {
    const accounts = await world.simulator.accountsBehind(payer.card)
    return accounts.reduce((sum, account) => sum + account.balanceMinor, 0)
  }
  /** What the payee got. Before anybody paid, there is no account. */
  const takenMinor = async (): Promise<number> =>
    (await world.simulator.accountsOfPayee(ada.payee.id)).reduce((sum, account) => sum + account.balanceMinor, 0)

  it('moves the money that the payer signed for, from cardholder to payee', async () => {
    const body = await ada.authorization(record)
    const challenge = base64url(await challengeOf(body.evidence.intent))
    expect(await world.asks.authorize(body)).toEqual({
      outcome: 'approved',
      reference: body.reference,
      amount: eur(12_50),
      payee: ada.payee.id,
      capturedMinor: 12_50,
      approvalCode: expect.stringMatching(/^[0-9A-Z]{6}$/),
      responseCode: '00',
      bookedAtMs: world.clock.nowMs(),
      challenge,
      signer: await signerOf(await passkeyThumbprint(ada.passkey.publicKey), challenge),
      ceremony: 'webauthn.get',
      face: { brand: 'visa', last4: '1111' },
    })
    expect([await balanceOf(), await takenMinor()]).toEqual([1_000_00 - 12_50, 12_50])
    expect(await world.simulator.journalOf(body.payment)).toMatchObject([
      { kind: 'capture', reference: body.reference, postings: [{ minor: -12_50 }, { minor: 12_50 }] },
    ])
  })

  it('sets the money aside where it is to be captured by hand', async () => {
    const answer = await world.asks.authorize(await ada.authorization(record, ada.bill(), { capture: 'manual' }))
    expect(answer).toMatchObject({ outcome: 'approved', capturedMinor: 0 })
    const [account] = await world.simulator.accountsBehind(ada.card)
    expect(account).toMatchObject({ balanceMinor: 1_000_00, heldMinor: 12_50, availableMinor: 987_50 })
    expect(await takenMinor()).toBe(0)
  })

  it.each<[Currency, number]>([
    ['JPY', 1_000],
    ['KWD', 1_000_000],
    ['USD', 100_000],
  ])('opens a test card’s account in %s with 1,000 whole units', async (currency, openingMinor) => {
    expect(await wordOf(await ada.authorization(record, ada.bill(money(1, currency))))).toBe('approved')
    expect(await balanceOf()).toBe(openingMinor - 1)
  })

  it('gives people who share a test card’s number money of their own', async () => {
    const bob = await bankPayer(world)
    const bobs = await bob.enrols()
    expect(await wordOf(await ada.authorization(record, ada.bill(eur(900_00))))).toBe('approved')
    expect(await wordOf(await bob.authorization(bobs, bob.bill(eur(900_00))))).toBe('approved')
  })

  it('lets a credit card go below zero as far as its line, and no further', async () => {
    const { account, ...issued } = await world.simulator.issue(100_00, 'EUR', { kind: 'credit' })
    const bob = await bankPayer(world)
    const bobs = await bob.enrols({ ...issued, name: 'BOB' })
    expect(await wordOf(await bob.authorization(bobs, bob.bill(eur(100_00))))).toBe('approved')
    expect(await wordOf(await bob.authorization(bobs, bob.bill(eur(1))))).toBe('insufficient-funds')
    expect(await world.simulator.account(account)).toMatchObject({ balanceMinor: -100_00, availableMinor: 0 })
  })

  it('changes no money into another currency', async () => {
    const { account: _account, ...issued } = await world.simulator.issue(100_00, 'EUR')
    const bob = await bankPayer(world)
    const bobs = await bob.enrols({ ...issued, name: 'BOB' })
    expect(await wordOf(await bob.authorization(bobs, bob.bill(money(100, 'USD'))))).toBe('not-permitted')
  })

  describe('believes the payer alone: it refuses', () => {
    /** The payment server sends other than what the payer signed. */
    const forged = (change: Partial<PayIntent>) => async (): Promise<Authorization> => {
      const body = await ada.authorization(record)
      return { ...body, evidence: { ...body.evidence, intent: { ...body.evidence.intent, ...change } } }
    }
    const changed = (change: (body: Authorization) => Partial<Authorization>) => async (): Promise<Authorization> => {
      const body = await ada.authorization(record)
      return { ...body, ...change(body) }
    }

    it.each<[string, () => Promise<Authorization>]>([
      ['another amount', forged({ amount: eur(12_51) })],
      ['another currency', forged({ amount: money(12_50, 'USD') })],
      [
        'another payee',
        async () => forged({ payee: { ...ada.payee, id: identifier('merchant', world.random(16)) } })(),
      ],
      ['another name of the payee', async () => forged({ payee: { ...ada.payee, name: 'Mallory’s Coffee' } })()],
      ['another order', forged({ reference: 'order 2' })],
      ['another nonce', forged({ nonce: base64url(new Uint8Array(32)) })],
      ['a later end', async () => forged({ notAfter: world.clock.nowMs() + 299_000 })()],
      ['a seal that was not signed', forged({ seal: base64url(new Uint8Array(32)) })],
      ['another payment', async () => withOtherPayment()],
      ['an intent that names another payment', async () => forged({ payment: otherPayment() })()],
      ['an intent that names another payer', async () => forged({ payer: (await bankPayer(world)).payer })()],
      ['a reference of another payment', changed(() => ({ reference: `${otherPayment()}.1` }))],
      ['another card of the same payer', async () => withOtherCard()],
      ['a card that the intent does not name', async () => namedByNobody()],
      ['another payer', async () => ({ ...(await ada.authorization(record)), payer: (await bankPayer(world)).payer })],
      ['another payer’s record', async () => withOthersRecord()],
      ['a record changed by one byte', changed(() => ({ record: tampered(record) }))],
      ['a record that somebody else made', async () => withRecordOfAnotherBank()],
      ['a record bound to another passkey', async () => withRebound()],
      ['another passkey', async () => signedBySomebodyElse((assertion) => assertion)],
      [
        'another passkey under the pinned one’s name',
        async () => signedBySomebodyElse((assertion) => ({ ...assertion, credentialId: ada.passkey.credentialId })),
      ],
      ['a signature to sign in', async () => signedOver('sign-in')],
      ['a signature to add the card', async () => signedOver('add-card')],
      ['a signature for nobody’s presence', async () => withDeviation({ userPresent: false })],
      ['a signature without verification', async () => withDeviation({ userVerified: false })],
      ['a signature on another site’s page', async () => withDeviation({ origin: 'https://evil.example' })],
      ['a signature inside a frame', async () => withDeviation({ crossOrigin: true })],
      ['a signature of a payment dialog that it did not check', async () => withDeviation({ type: 'payment.get' })],
    ])('%s', async (_what, body) => {
      expect(await wordOf(await body())).toBe('evidence-refused')
      expect(await takenMinor()).toBe(0)
    })

    const otherPayment = () => identifier('payment', world.random(16))
    const withOtherPayment = async (): Promise<Authorization> => {
      const payment = otherPayment()
      const body = await ada.authorization(record)
      const intent = { ...body.evidence.intent, payment }
      return { ...body, payment, reference: `${payment}.1`, evidence: { ...body.evidence, intent } }
    }
    /** The same person and the same passkey, but the bill was signed for the other card. */
    const withOtherCard = async (): Promise<Authorization> => {
      const body = await ada.authorization(record)
      const card = identifier('card', world.random(16))
      return { ...body, evidence: { ...body.evidence, intent: { ...body.evidence.intent, card } } }
    }
    /** Signed for another card; what is sent names the record’s. */
    const namedByNobody = async (): Promise<Authorization> => {
      const signed = await ada.authorization(
        record,
        ada.bill(eur(12_50), { card: identifier('card', world.random(16)) }),
      )
      const intent = { ...signed.evidence.intent, card: ada.card }
      return { ...signed, evidence: { ...signed.evidence, intent } }
    }
    const withOthersRecord = async (): Promise<Authorization> => {
      const bob = await bankPayer(world)
      return ada.authorization(await bob.enrols())
    }
    const tampered = (whole: CardRecord): CardRecord => {
      const [header, key, nonce, ciphertext = '', tag] = whole.split('.')
      const other = ciphertext.startsWith('A') ? 'B' : 'A'
      return [header, key, nonce, other + ciphertext.slice(1), tag].join('.') as CardRecord
    }
    const contentsOf = (own: CardRecord) => {
      const contents = openRecord(own, world.keys.records)
      if (contents === null) throw new Error('the bank opens its own records')
      return contents
    }
    const withRecordOfAnotherBank = async (): Promise<Authorization> => {
      const keys = [{ ...makeSecret(world.random), id: world.keys.records[0]?.id ?? '' }]
      return ada.authorization(closeRecord(contentsOf(record), keys, world.random))
    }
    /** Even with the bank's own record key, a record is nothing without the passkey pinned when the card was added. */
    const withRebound = async (): Promise<Authorization> => {
      const rebound = { ...contentsOf(record), passkey: base64url(world.random(32)) }
      return ada.authorization(closeRecord(rebound, world.keys.records, world.random))
    }
    const signedBySomebodyElse = async (
      rename: (assertion: Authorization['evidence']['assertion']) => Authorization['evidence']['assertion'],
    ): Promise<Authorization> => {
      const mallory = await bankPayer(world)
      const body = await ada.authorization(record)
      const assertion = rename(await mallory.sign(body.evidence.intent))
      return { ...body, evidence: { ...body.evidence, assertion } }
    }
    const signedOver = async (purpose: 'sign-in' | 'add-card'): Promise<Authorization> => {
      const body = await ada.authorization(record)
      const { v, nonce, notAfter } = body.evidence.intent
      const assertion =
        purpose === 'sign-in'
          ? await ada.sign({ v, nonce, notAfter, purpose })
          : (await ada.enrolment()).evidence.assertion
      return { ...body, evidence: { ...body.evidence, assertion } }
    }
    const withDeviation = async (deviation: Parameters<BankPayer['sign']>[1]): Promise<Authorization> => {
      const body = await ada.authorization(record)
      const assertion = await ada.sign(body.evidence.intent, deviation)
      return { ...body, evidence: { ...body.evidence, assertion } }
    }

    it('an intent that has expired', async () => {
      const body = await ada.authorization(record)
      world.clock.set(body.evidence.intent.notAfter)
      expect(await wordOf(body)).toBe('evidence-refused')
    })

    it('an intent that would outlive five minutes by far', async () => {
      const intent = ada.bill(eur(12_50), { notAfter: world.clock.nowMs() + 3_600_000 })
      expect(await wordOf(await ada.authorization(record, intent))).toBe('evidence-refused')
    })

    it('evidence that was used, under a new reference', async () => {
      const body = await ada.authorization(record, ada.bill(eur(5_000_00)))
      expect(await wordOf(body)).toBe('insufficient-funds')
      expect(await wordOf({ ...body, reference: `${body.payment}.2` })).toBe('evidence-refused')
    })

    it('a record that was made for another payment server', async () => {
      const bill = ada.bill()
      const answer = await world.otherAsks.authorize(await ada.authorization(record, bill))
      expect(answer).toMatchObject({ outcome: 'declined', reason: 'evidence-refused' })
      expect(await wordOf(await ada.authorization(record, bill))).toBe('approved') // its own is not disturbed
    })
  })

  describe('signed in a dialog that the browser itself showed', () => {
    it.each(sameThings)('pays, %s, and the approval says how it was signed', async (_how, change) => {
      const body = await ada.dialogAuthorization(record, change)
      expect(await world.asks.authorize(body)).toMatchObject({ outcome: 'approved', ceremony: 'payment.get' })
      expect(await world.asks.inquire({ reference: body.reference })).toMatchObject({ ceremony: 'payment.get' })
      expect(await takenMinor()).toBe(12_50)
    })

    it.each(otherThings)('which showed %s, does not pay', async (_what, change) => {
      expect(await wordOf(await ada.dialogAuthorization(record, change))).toBe('evidence-refused')
      expect(await takenMinor()).toBe(0)
    })

    it('pays also over the payee’s page, where it shows nothing of the card', async () => {
      const body = await ada.shopPageAuthorization(record)
      expect(await world.asks.authorize(body)).toMatchObject({ outcome: 'approved', ceremony: 'payment.get' })
      expect(await takenMinor()).toBe(12_50)
    })

    it.each(otherThings)('over the payee’s page, which showed %s, does not pay', async (_what, change) => {
      expect(await wordOf(await ada.shopPageAuthorization(record, change))).toBe('evidence-refused')
      expect(await takenMinor()).toBe(0)
    })

    it('does not pay over the page of anybody else', async () => {
      for (const origin of ['https://evil.example', 'http://coffee.example', walletOrigin]) {
        expect(await wordOf(await ada.shopPageAuthorization(record, undefined, origin))).toBe('evidence-refused')
      }
    })

    it('does not pay where the payment server says that its page asked', async () => {
      const { evidence, ...body } = await ada.dialogAuthorization(record)
      const assertion = { ...evidence.assertion, ceremony: 'webauthn.get' as const }
      expect(await wordOf({ ...body, evidence: { ...evidence, assertion } })).toBe('evidence-refused')
    })

    it('adds no card: a dialog shows a payment and nothing else', async () => {
      const other = await bankPayer(world, ada)
      const { evidence, ...body } = await other.enrolment()
      const shown = { rpId: 'pay.example', topOrigin: walletOrigin }
      const assertion = await other.sign(evidence.intent, inDialog(shown))
      expect(await world.asks.enrol({ ...body, evidence: { ...evidence, assertion } })).toMatchObject({
        outcome: 'refused',
        reason: 'evidence-refused',
      })
    })
  })

  describe('says once what it says', () => {
    it('and again when asked again, also long after the intent has expired', async () => {
      const body = await ada.authorization(record)
      const first = await world.asks.authorize(body)
      world.clock.advance(3_600_000)
      expect(await world.asks.authorize(body)).toEqual(first)
      expect(await world.asks.inquire({ reference: body.reference })).toEqual(first)
      expect(await takenMinor()).toBe(12_50)
    })

    it('to one request a reference: another one under it is an error that names no outcome', async () => {
      const body = await ada.authorization(record)
      await world.asks.authorize(body)
      await expect(world.asks.authorize({ ...body, capture: 'manual' })).rejects.toMatchObject({
        code: 'reference-reused',
      })
    })

    it('and the twin of a signature moves no second cent', async () => {
      const body = await ada.authorization(record)
      await world.asks.authorize(body)
      const assertion = { ...body.evidence.assertion, signature: twinOf(body.evidence.assertion.signature) }
      const twin = { ...body, evidence: { ...body.evidence, assertion } }
      await expect(world.asks.authorize(twin)).rejects.toMatchObject({ code: 'reference-reused' })
      expect(await wordOf({ ...twin, reference: `${body.payment}.2` })).toBe('evidence-refused')
      expect(await takenMinor()).toBe(12_50)
    })

    it('also where the same request comes many times at once', async () => {
      const body = await ada.authorization(record)
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.asks.authorize(body)))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      expect(await takenMinor()).toBe(12_50)
    })
  })

  it('approves a payment once, however many tries the payer signed', async () => {
    const bill = ada.bill()
    const tries = [1, 2, 3, 4, 5].map((number) =>
      ada.authorization(record, { ...bill, nonce: base64url(world.random(32)) }, { number }),
    )
    const words = await Promise.all((await Promise.all(tries)).map(wordOf))
    expect(words.sort()).toEqual(['approved', ...Array.from({ length: 4 }, () => 'not-permitted')])
    expect(await takenMinor()).toBe(12_50)
  })

  it('approves another try after a decline', async () => {
    const { account: _account, ...issued } = await world.simulator.issue(10_00)
    const poor = await bankPayer(world)
    const poorRecord = await poor.enrols({ ...issued, name: 'POOR' })
    const bill = poor.bill()
    expect(await wordOf(await poor.authorization(poorRecord, bill))).toBe('insufficient-funds')
    const again = ada.bill(bill.amount, { payment: bill.payment })
    expect(await wordOf(await ada.authorization(record, again, { number: 2 }))).toBe('approved')
  })

  it.each(['automatic', 'manual'] as const)('spends no euro twice, captured %s', async (capture) => {
    const { account, ...issued } = await world.simulator.issue(100_00)
    const bob = await bankPayer(world)
    const bobs = await bob.enrols({ ...issued, name: 'BOB' })
    const bodies = await Promise.all(
      Array.from({ length: 25 }, () => bob.authorization(bobs, bob.bill(eur(10_00)), { capture })),
    )
    const words = await Promise.all(bodies.map(wordOf))
    expect(words.filter((word) => word === 'approved')).toHaveLength(10)
    expect(words.filter((word) => word === 'insufficient-funds')).toHaveLength(15)
    expect(await world.simulator.account(account)).toMatchObject({ availableMinor: 0 })
  })

  it('keeps to the limit that the cardholder set, in every currency', async () => {
    const bob = await bankPayer(world)
    const bobs = await bob.enrols({ ...goodCard, limit: eur(20_00) })
    expect(await wordOf(await bob.authorization(bobs, bob.bill(eur(20_01))))).toBe('limit-exceeded')
    expect(await wordOf(await bob.authorization(bobs, bob.bill(money(1, 'JPY'))))).toBe('limit-exceeded')
    expect(await wordOf(await bob.authorization(bobs, bob.bill(eur(20_00))))).toBe('approved')
  })

  it('declines a card that has expired since it was added', async () => {
    world.clock.set(Date.UTC(goodCard.expiry.year, goodCard.expiry.month, 1))
    expect(await wordOf(await ada.authorization(record))).toBe('expired-card')
  })
})
