import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import { type AddPasskeyIntent, challengeOf } from '../../shared/intent.ts'
import { signerOf } from '../../shared/passkey.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import { type BankPayer, bankPayer, type TestPasskey } from './bank-payer.ts'
import { type BankWorld, engines, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
let tablet: TestPasskey

describe.each(engines)('the passkeys of a card, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    record = await ada.enrols()
    tablet = await ada.anotherPasskey()
  })

  const intentFor = (thumbprint = tablet.thumbprint): AddPasskeyIntent => ({
    v: 1,
    purpose: 'add-passkey',
    nonce: base64url(world.random(32)),
    notAfter: world.clock.nowMs() + 300_000,
    payer: ada.payer,
    passkey: thumbprint,
  })
  async function binding(intent = intentFor(), sign = ada.sign): Promise<BankBody<'bind'>> {
    const evidence = { intent, assertion: await sign(intent) }
    return { card: ada.card, payer: ada.payer, record, passkey: tablet.passkey, evidence }
  }
  const binds = async (body: BankBody<'bind'>): Promise<string> => {
    const answer = await world.asks.bind(body)
    return answer.outcome === 'refused' ? answer.reason : answer.outcome
  }
  const paysBy = async ({ sign }: Pick<TestPasskey, 'sign'>): Promise<string> => {
    const bill = ada.bill()
    const evidence = { intent: bill, assertion: await sign(bill) }
    const answer = await world.asks.authorize(await ada.authorization(record, bill, { evidence }))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }

  it('pay, each of them, and no other', async () => {
    expect(await paysBy(tablet)).toBe('evidence-refused')
    expect(await world.asks.bind(await binding())).toEqual({
      outcome: 'bound',
      card: ada.card,
      passkey: tablet.thumbprint,
    })
    expect(await paysBy(tablet)).toBe('approved')
    expect(await paysBy(ada)).toBe('approved')
  })

  it('are named by what each of them signed: the approval says which one', async () => {
    await binds(await binding())
    const bill = ada.bill()
    const evidence = { intent: bill, assertion: await tablet.sign(bill) }
    const authorization = await ada.authorization(record, bill, { evidence })
    const challenge = base64url(await challengeOf(bill))
    const approved = { outcome: 'approved', signer: await signerOf(tablet.thumbprint, challenge) }
    expect(await world.asks.authorize(authorization)).toMatchObject(approved)
    expect(await world.asks.inquire({ reference: authorization.reference })).toMatchObject(approved)
  })

  it('vouch for each other: the second can bring in a third', async () => {
    await binds(await binding())
    const watch = await ada.anotherPasskey()
    const intent = intentFor(watch.thumbprint)
    const evidence = { intent, assertion: await tablet.sign(intent) }
    expect(await binds({ ...(await binding()), passkey: watch.passkey, evidence })).toBe('bound')
    expect(await paysBy(watch)).toBe('approved')
  })

  it('are bound however late the bank hears of it, and answered again when asked again', async () => {
    const body = await binding()
    world.clock.advance(24 * 60 * 60_000)
    const first = await world.asks.bind(body)
    expect(first.outcome).toBe('bound')
    expect(await world.asks.bind(body)).toEqual(first)
  })

  describe('are not added by evidence that', () => {
    it.each<[string, () => Promise<BankBody<'bind'>>]>([
      ['a stranger signed', async () => binding(intentFor(), tablet.sign)],
      ['names another passkey', async () => binding(intentFor((await ada.anotherPasskey()).thumbprint))],
      ['is of another payer', async () => binding({ ...intentFor(), payer: (await bankPayer(world)).payer })],
      [
        'is of another payer than the question',
        async () => ({ ...(await binding()), payer: (await bankPayer(world)).payer }),
      ],
      ['is of another card', async () => ({ ...(await binding()), card: (await bankPayer(world)).card })],
      [
        'comes with another payer’s record',
        async () => ({ ...(await binding()), record: await (await bankPayer(world)).enrols() }),
      ],
      ['was signed for something else', async () => signedOver()],
      ['is for another key under the same name', async () => withKeyOf(await ada.anotherPasskey())],
    ])('%s', async (_what, body) => {
      expect(await binds(await body())).toBe('evidence-refused')
      expect(await paysBy(tablet)).toBe('evidence-refused')
    })

    const signedOver = async (): Promise<BankBody<'bind'>> => {
      const body = await binding()
      return { ...body, evidence: { ...body.evidence, assertion: await ada.sign(ada.bill()) } }
    }
    const withKeyOf = async ({ passkey: { publicKey } }: TestPasskey): Promise<BankBody<'bind'>> => {
      const body = await binding()
      return { ...body, passkey: { ...body.passkey, publicKey } }
    }
  })

  describe('that its payer took away', () => {
    const revokes = ({ thumbprint }: TestPasskey, payer = ada.payer) =>
      world.asks.revoke({ payer, passkey: thumbprint })

    it('pay no more, and the others do', async () => {
      await binds(await binding())
      expect(await revokes(tablet)).toEqual({ outcome: 'revoked', passkey: tablet.thumbprint })
      expect(await revokes(tablet)).toEqual({ outcome: 'revoked', passkey: tablet.thumbprint })
      expect(await paysBy(tablet)).toBe('evidence-refused')
      expect(await paysBy(ada)).toBe('approved')
    })

    it('are not brought back by evidence of before', async () => {
      const body = await binding()
      await revokes(tablet)
      await binds(body)
      expect(await paysBy(tablet)).toBe('evidence-refused')
    })

    it('vouch for nobody any more', async () => {
      await binds(await binding())
      await revokes(tablet)
      const watch = await ada.anotherPasskey()
      const intent = intentFor(watch.thumbprint)
      const evidence = { intent, assertion: await tablet.sign(intent) }
      expect(await binds({ ...(await binding()), passkey: watch.passkey, evidence })).toBe('evidence-refused')
    })

    it('are another payer’s still, where that is what they are', async () => {
      await binds(await binding())
      await revokes(tablet, (await bankPayer(world)).payer)
      expect(await paysBy(tablet)).toBe('approved')
    })
  })
})
