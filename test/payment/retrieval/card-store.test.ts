import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bankWishStore } from '../../../server/payment/retrieval/bank-wish-store.ts'
import { type CardStore, cardStore } from '../../../server/payment/retrieval/card-store.ts'
import { base64url } from '../../../shared/bytes.ts'
import { type UnfreezeEvidence, unfreezeEvidenceSchema } from '../../../shared/evidence.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import { cardRecordSchema } from '../../../shared/wire/bank-api.ts'
import { engines, many, openStoreWorld, type StoreWorld } from '../store-world.ts'

const unknown = { code: 'card-unknown' }

describe.each(engines)('cards and what the bank must hear of them, on %s', (engine) => {
  let world: StoreWorld<'card'>
  let cards: CardStore
  let wishes: ReturnType<typeof bankWishStore>
  let ada: PayerId
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'card')
    cards = cardStore(world)
    wishes = bankWishStore(world.database.db, world.atRest, world.clock)
    ada = world.payerId()
  })
  afterEach(() => world.close())

  const recordOf = (card: CardId) => cardRecordSchema.parse(`header.${card}.nonce.text.tag`)
  async function kept(payer = ada, confirmation: { url: string; expiresAtMs: number } | null = null): Promise<CardId> {
    const id = world.cardId()
    await cards.keep(payer, { id, face: { brand: 'visa', last4: '1111' }, record: recordOf(id), confirmation })
    return id
  }
  const evidenceOf = (card: CardId, change: number): UnfreezeEvidence =>
    unfreezeEvidenceSchema.parse({
      intent: {
        v: 1,
        purpose: 'unfreeze-card',
        nonce: base64url(world.random(32)),
        notAfter: world.clock.nowMs(),
        card,
        payer: `pp_${base64url(world.random(16))}`,
        change,
      },
      assertion: {
        ceremony: 'webauthn.get',
        credentialId: 'AAAA',
        authenticatorData: 'AAAA',
        clientDataJSON: 'AAAA',
        signature: 'AAAA',
      },
    })

  describe('a card', () => {
    it('is opened by its payer, and found by nobody else', async () => {
      const id = await kept()
      const found = {
        id,
        face: { brand: 'visa', last4: '1111' },
        record: recordOf(id),
        isFrozen: false,
        isConfirmed: true,
      }
      expect(await cards.open(ada, id)).toEqual(found)
      expect(await cards.open(world.payerId(), id)).toBeNull()
      expect(await cards.open(ada, world.cardId())).toBeNull()
    })

    it('is closed in the database, and opens in no other card’s row', async () => {
      const [mine, other] = [await kept(), await kept()]
      const { db } = world.database
      const rows = await db.selectFrom('card').selectAll().where('id', '=', other).execute()
      expect(JSON.stringify(rows)).not.toContain(recordOf(other))
      await db
        .updateTable('card')
        .set({ record_closed: rows[0]?.record_closed ?? '' })
        .where('id', '=', mine)
        .execute()
      await expect(cards.open(ada, mine)).rejects.toThrow()
    })

    it('is kept once, however often the bank answers with it', async () => {
      const id = await kept()
      const again = {
        id,
        face: { brand: 'amex', last4: '0005' } as const,
        record: recordOf(world.cardId()),
        confirmation: null,
      }
      await cards.keep(ada, again)
      expect(await cards.cardsOf(ada)).toMatchObject([{ id, face: { brand: 'visa', last4: '1111' } }])
      expect((await cards.open(ada, id))?.record).toBe(recordOf(id))
    })

    it('has a place of its own, however many are added at the same time', async () => {
      const added = await many(6, () => kept())
      expect((await cards.idsOf(ada)).toSorted()).toEqual(added.toSorted())
      const { db } = world.database
      const numbers = await db.selectFrom('card').select('number').orderBy('number').execute()
      expect(numbers.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('comes first when it was chosen last, and not while it is frozen', async () => {
      const [first, second, third] = [await kept(), await kept(), await kept()]
      expect(await cards.idsOf(ada)).toEqual([first, second, third])
      await cards.prefer(ada, second)
      await cards.prefer(ada, third)
      expect(await cards.idsOf(ada)).toEqual([third, second, first])
      await cards.freeze(ada, third)
      expect(await cards.idsOf(ada)).toEqual([second, first, third])
    })

    it('is changed by its payer alone', async () => {
      const id = await kept()
      const eve = world.payerId()
      await expect(cards.prefer(eve, id)).rejects.toMatchObject(unknown)
      await expect(cards.name(eve, id, 'mine')).rejects.toMatchObject(unknown)
      await expect(cards.changesOf(eve, id)).rejects.toMatchObject(unknown)
      await expect(cards.remove(eve, id)).rejects.toMatchObject(unknown)
      await cards.freeze(eve, id)
      expect(await cards.cardsOf(ada)).toMatchObject([{ id, nickname: null, isFrozen: false }])
    })

    it('has a name, until it is taken away', async () => {
      const id = await kept()
      await cards.name(ada, id, '家 & rent')
      expect(await cards.cardsOf(ada)).toMatchObject([{ nickname: '家 & rent' }])
      await cards.name(ada, id, null)
      expect(await cards.cardsOf(ada)).toMatchObject([{ nickname: null }])
    })

    it('waits for its holder as long as the bank’s link works', async () => {
      const expiresAtMs = world.clock.nowMs() + 1_000
      const id = await kept(ada, { url: 'https://bank.example/link', expiresAtMs })
      const awaited = { state: 'awaited', url: 'https://bank.example/link', expiresAtMs }
      expect(await cards.cardsOf(ada)).toMatchObject([{ confirmation: awaited }])
      expect(await cards.open(ada, id)).toMatchObject({ isConfirmed: false })
      world.clock.set(expiresAtMs)
      expect(await cards.cardsOf(ada)).toMatchObject([{ confirmation: { state: 'lapsed' } }])
      await cards.keepConfirmation(ada, id, null)
      expect(await cards.cardsOf(ada)).toMatchObject([{ confirmation: null }])
    })

    it('that was removed stays removed, and can be added no more', async () => {
      const id = await kept()
      await cards.remove(ada, id)
      expect(await cards.open(ada, id)).toBeNull()
      await expect(cards.remove(ada, id)).rejects.toMatchObject(unknown)
      const again = { id, face: { brand: 'visa', last4: '1111' } as const, record: recordOf(id), confirmation: null }
      await expect(cards.keep(ada, again)).rejects.toMatchObject(unknown)
      expect(await wishes.ofCard(id)).toMatchObject([{ card: id, number: 1, kind: 'unbind', evidence: null }])
    })
  })

  describe('a wish', () => {
    it('is written down with each change, numbered, and once for many who want the same', async () => {
      const id = await kept()
      await many(5, () => cards.freeze(ada, id))
      const evidence = evidenceOf(id, 2)
      await many(5, () => cards.unfreeze(ada, id, evidence))
      expect(await cards.changesOf(ada, id)).toBe(2)
      expect(await wishes.ofCard(id)).toEqual([
        { card: id, number: 2, kind: 'unfreeze', askings: 0, evidence },
        { card: id, number: 1, kind: 'freeze', askings: 0, evidence: null },
      ])
      expect(await cards.cardsOf(ada)).toMatchObject([{ isFrozen: false, isToldToBank: false }])
    })

    it('holds the payer’s signature closed', async () => {
      const id = await kept()
      await cards.freeze(ada, id)
      const evidence = evidenceOf(id, 2)
      await cards.unfreeze(ada, id, evidence)
      const rows = await world.database.db.selectFrom('bank_wish').selectAll().execute()
      expect(JSON.stringify(rows)).not.toContain(evidence.intent.nonce)
    })

    it('is told by one of many who find it due, and again later where nobody answered', async () => {
      const id = await kept()
      await cards.freeze(ada, id)
      const [wish, ...more] = await wishes.due(10)
      expect(more).toEqual([])
      if (wish === undefined) throw new Error('a freeze is due at once')
      const laterMs = world.clock.nowMs() + 30_000
      const claims = await many(5, () => wishes.claim(wish, laterMs))
      expect(claims.filter((isMine) => isMine)).toHaveLength(1)
      expect(await wishes.due(10)).toEqual([])
      await wishes.putOff(wish, world.clock.nowMs() + 2_000)
      world.clock.advance(2_000)
      expect(await wishes.due(10)).toEqual([{ ...wish, askings: 1 }])
    })

    it('that somebody else has claimed meanwhile is not put off', async () => {
      await cards.freeze(ada, await kept())
      const [wish] = await wishes.due(1)
      if (wish === undefined) throw new Error('a freeze is due at once')
      await wishes.claim(wish, world.clock.nowMs())
      await wishes.claim({ ...wish, askings: 1 }, world.clock.nowMs() + 60_000)
      await wishes.putOff(wish, world.clock.nowMs())
      expect(await wishes.due(1)).toEqual([])
    })

    it('is told no more once the bank has answered', async () => {
      const id = await kept()
      await cards.freeze(ada, id)
      const [wish] = await wishes.due(1)
      if (wish === undefined) throw new Error('a freeze is due at once')
      await wishes.markAnswered(wish)
      expect([await wishes.due(1), await wishes.ofCard(id)]).toEqual([[], []])
      expect(await wishes.claim(wish, 0)).toBe(false)
      expect(await cards.cardsOf(ada)).toMatchObject([{ isFrozen: true, isToldToBank: true }])
    })

    it('of those that are due comes first that has waited longest, and so many at a time', async () => {
      const ids: CardId[] = []
      for (let count = 0; count < 3; count += 1) {
        const id = await kept()
        await cards.freeze(ada, id)
        ids.push(id)
        world.clock.advance(1)
      }
      expect((await wishes.due(2)).map(({ card }) => card)).toEqual(ids.slice(0, 2))
    })
  })
})
