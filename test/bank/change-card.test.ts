import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRecord } from '../../server/bank/card-record.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { UnfreezeCardIntent } from '../../shared/intent.ts'
import { type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord

describe.each(engines)('a card that was added, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    record = await ada.enrols()
  })

  const pays = async (own = record): Promise<string> => {
    const answer = await world.asks.authorize(await ada.authorization(own))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }
  const freeze = (change: number) => world.asks.freeze({ card: ada.card, change, isFrozen: true })
  const unfreezing = (change: number): UnfreezeCardIntent => ({
    v: 1,
    purpose: 'unfreeze-card',
    nonce: base64url(world.random(32)),
    notAfter: world.clock.nowMs() + 300_000,
    card: ada.card,
    payer: ada.payer,
    change,
  })
  const unfreeze = async (change: number, intent = unfreezing(change), signer = ada) => {
    const evidence = { intent, assertion: await signer.sign(intent) }
    return world.asks.freeze({ card: ada.card, change, isFrozen: false, evidence })
  }

  describe('is frozen', () => {
    it('and pays again when it is not any more', async () => {
      expect(await freeze(1)).toEqual({ outcome: 'changed', card: ada.card, isFrozen: true })
      expect(await pays()).toBe('card-frozen')
      expect(await unfreeze(2)).toMatchObject({ isFrozen: false })
      expect(await pays()).toBe('approved')
    })

    it('by the latest change, not by the one that came last', async () => {
      await freeze(3)
      expect(await unfreeze(2)).toMatchObject({ isFrozen: true })
      expect(await pays()).toBe('card-frozen')
    })

    it('not by a change that was answered before', async () => {
      await freeze(1)
      await unfreeze(2)
      expect(await freeze(1)).toMatchObject({ isFrozen: false })
      await expect(unfreeze(1)).rejects.toMatchObject({ code: 'reference-reused' })
      expect(await pays()).toBe('approved')
    })

    it('until its payer’s passkey says otherwise, and by nobody else’s', async () => {
      await freeze(1)
      const mallory = await bankPayer(world)
      const evidence = { intent: unfreezing(2), assertion: await mallory.sign(unfreezing(2)) }
      const stolen = { ...evidence, assertion: { ...evidence.assertion, credentialId: ada.passkey.credentialId } }
      const answers = [
        await unfreeze(2, unfreezing(2), mallory),
        await world.asks.freeze({ card: ada.card, change: 2, isFrozen: false, evidence: stolen }),
      ]
      expect(answers).toMatchObject(Array(2).fill({ outcome: 'refused', reason: 'evidence-refused' }))
      expect(await pays()).toBe('card-frozen')
    })

    it.each<[string, (other: BankPayer) => Partial<UnfreezeCardIntent>]>([
      ['another change', () => ({ change: 3 })],
      ['another card', (other) => ({ card: other.card })],
      ['another payer', (other) => ({ payer: other.payer })],
    ])('until then, and not where the payer signed for %s', async (_what, deviation) => {
      await freeze(1)
      const intent = { ...unfreezing(2), ...deviation(await bankPayer(world)) }
      expect(await unfreeze(2, intent)).toMatchObject({ outcome: 'refused', reason: 'evidence-refused' })
      expect(await pays()).toBe('card-frozen')
    })

    it('and pays again also where the bank hears of it long after it was signed', async () => {
      await freeze(1)
      const intent = unfreezing(2)
      world.clock.advance(3_600_000)
      expect(await unfreeze(2, intent)).toMatchObject({ isFrozen: false })
    })

    it('not by another payment server', async () => {
      const answer = await world.otherAsks.freeze({ card: ada.card, change: 1, isFrozen: true })
      expect(answer).toMatchObject({ outcome: 'refused', reason: 'invalid-card' })
      expect(await pays()).toBe('approved')
    })

    it('and a refused card cannot be', async () => {
      const bob = await bankPayer(world)
      await world.asks.enrol(await bob.enrolment({ ...goodCard, code: '000' }))
      expect(await world.asks.freeze({ card: bob.card, change: 1, isFrozen: true })).toMatchObject({
        outcome: 'refused',
      })
    })
  })

  describe('loses its passkey', () => {
    it('for good', async () => {
      const body = await ada.authorization(record)
      const unbound = { outcome: 'unbound', card: ada.card }
      expect(await world.asks.unbind({ card: ada.card })).toEqual(unbound)
      expect(await world.asks.unbind({ card: ada.card })).toEqual(unbound)
      expect(await world.asks.authorize(body)).toMatchObject({ reason: 'evidence-refused' })
      await unfreeze(1)
      expect(await pays()).toBe('evidence-refused')
    })

    it('not at the word of another payment server', async () => {
      expect(await world.otherAsks.unbind({ card: ada.card })).toMatchObject({ outcome: 'refused' })
      expect(await pays()).toBe('approved')
    })
  })

  describe('has its record made anew', () => {
    it('which pays as the old one does', async () => {
      const answer = await world.asks.reseal({ card: ada.card, record })
      if (answer.outcome !== 'resealed') throw new Error(answer.reason)
      expect(answer.record).not.toBe(record)
      expect(openRecord(answer.record, world.keys.records)).toEqual(openRecord(record, world.keys.records))
      expect([await pays(answer.record), await pays()]).toEqual(['approved', 'approved'])
    })

    it('under the current key, after which the old one can be retired', async () => {
      const old = await openBankWorld(engine)
      const payer = await bankPayer(old)
      const oldRecord = await payer.enrols()
      const current = makeSecret()
      await old.reopen({ ...old.keys, records: [current, ...old.keys.records] })
      const answer = await old.asks.reseal({ card: payer.card, record: oldRecord })
      if (answer.outcome !== 'resealed') throw new Error(answer.reason)
      await old.reopen({ ...old.keys, records: [current] })
      expect(await old.asks.authorize(await payer.authorization(answer.record))).toMatchObject({ outcome: 'approved' })
      expect(await old.asks.authorize(await payer.authorization(oldRecord))).toMatchObject({
        reason: 'evidence-refused',
      })
      await old.close()
    })

    it('not for another card, nor for another payment server', async () => {
      const bob = await bankPayer(world)
      await bob.enrols()
      expect(await world.asks.reseal({ card: bob.card, record })).toMatchObject({ outcome: 'refused' })
      expect(await world.otherAsks.reseal({ card: ada.card, record })).toMatchObject({ outcome: 'refused' })
    })
  })
})
