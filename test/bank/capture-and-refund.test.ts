import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BankTables, bankMigrations } from '../../server/bank/schema.ts'
import { openDatabase } from '../../server/runtime/database.ts'
import type { CardRecord } from '../../shared/card.ts'
import { money } from '../../shared/money.ts'
import { type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, balanced, engines, eur, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
const weekMs = 7 * 24 * 3_600_000

describe.each(engines)('what was authorized, on %s', (engine) => {
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

  /** @returns the reference of 100.00 set aside */
  async function held(): Promise<string> {
    const body = await ada.authorization(record, ada.bill(eur(100_00)), { capture: 'manual' })
    await world.asks.authorize(body)
    return body.reference
  }
  async function paid(): Promise<string> {
    const body = await ada.authorization(record, ada.bill(eur(100_00)))
    await world.asks.authorize(body)
    return body.reference
  }
  const standing = async () => {
    const [account] = await world.simulator.accountsBehind(ada.card)
    // A test card's account is opened by the first payment.
    const { balanceMinor = 1_000_00, heldMinor = 0 } = account ?? {}
    return { spent: 1_000_00 - balanceMinor, held: heldMinor }
  }
  const take = (reference: string, name: string, minor: number, isFinal = false) =>
    world.asks.capture({ reference, name, amount: eur(minor), isFinal })
  const give = (reference: string, name: string, minor: number) =>
    world.asks.refund({ reference, name, amount: eur(minor) })

  describe('is captured', () => {
    it('whole', async () => {
      const reference = await held()
      expect(await take(reference, 'all', 100_00)).toEqual({
        outcome: 'captured',
        reference,
        name: 'all',
        amount: eur(100_00),
        payee: ada.payee.id,
        capturedMinor: 100_00,
        refundedMinor: 0,
      })
      expect(await standing()).toEqual({ spent: 100_00, held: 0 })
    })

    it('in parts, the rest of it staying set aside', async () => {
      const reference = await held()
      await take(reference, 'first', 30_00)
      expect(await standing()).toEqual({ spent: 30_00, held: 70_00 })
      expect(await take(reference, 'second', 20_00)).toMatchObject({ capturedMinor: 50_00 })
      expect(await standing()).toEqual({ spent: 50_00, held: 50_00 })
      expect(await world.asks.inquire({ reference })).toMatchObject({ outcome: 'approved', capturedMinor: 50_00 })
    })

    it('for the last time, which releases what is left', async () => {
      const reference = await held()
      await take(reference, 'only', 30_00, true)
      expect(await standing()).toEqual({ spent: 30_00, held: 0 })
      expect(await take(reference, 'more', 1)).toMatchObject({ outcome: 'declined', reason: 'not-permitted' })
    })

    it('once under one name, however often it is asked', async () => {
      const reference = await held()
      const answers = await Promise.all(Array.from({ length: 10 }, () => take(reference, 'once', 60_00)))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      expect(await standing()).toEqual({ spent: 60_00, held: 40_00 })
      await expect(take(reference, 'once', 40_00)).rejects.toMatchObject({ code: 'reference-reused' })
    })

    it.each([false, true])('under one name as the last part or not, and never both: %s at first', async (isFinal) => {
      const reference = await held()
      const first = await take(reference, 'a', 30_00, isFinal)
      await expect(take(reference, 'a', 30_00, !isFinal)).rejects.toMatchObject({ code: 'reference-reused' })
      expect(await take(reference, 'a', 30_00, isFinal)).toEqual(first)
      expect(await standing()).toEqual({ spent: 30_00, held: isFinal ? 0 : 70_00 })
    })

    it('never beyond the amount, however many take at once', async () => {
      const reference = await held()
      const answers = await Promise.all(Array.from({ length: 15 }, (_, part) => take(reference, `p${part}`, 10_00)))
      expect(answers.filter(({ outcome }) => outcome === 'captured')).toHaveLength(10)
      expect(await standing()).toEqual({ spent: 100_00, held: 0 })
    })

    it('not in another currency, nor where it was captured at once, was declined or is unknown', async () => {
      const foreign = { reference: await held(), name: 'x', amount: money(1, 'USD'), isFinal: false }
      expect(await world.asks.capture(foreign)).toMatchObject({ outcome: 'declined', reason: 'invalid-amount' })
      expect(await take(await paid(), 'x', 1)).toMatchObject({ outcome: 'declined' })
      expect(await take(`pay_${'A'.repeat(22)}.1`, 'x', 1)).toMatchObject({ reason: 'not-permitted' })
    })

    it('not by another payment server', async () => {
      const body = { reference: await held(), name: 'x', amount: eur(1), isFinal: false }
      expect(await world.otherAsks.capture(body)).toMatchObject({ outcome: 'declined', reason: 'not-permitted' })
      expect(await standing()).toEqual({ spent: 0, held: 100_00 })
    })
  })

  describe('is released', () => {
    it('by voiding it, once and for all', async () => {
      const reference = await held()
      const voided = { outcome: 'voided', reference, payee: ada.payee.id, capturedMinor: 0 }
      expect(await world.asks.void({ reference })).toEqual(voided)
      expect(await world.asks.void({ reference })).toEqual(voided)
      expect(await standing()).toEqual({ spent: 0, held: 0 })
      expect(await take(reference, 'late', 1)).toMatchObject({ outcome: 'declined', reason: 'not-permitted' })
    })

    it('by voiding what is left, which takes nothing back', async () => {
      const reference = await held()
      await take(reference, 'first', 30_00)
      expect(await world.asks.void({ reference })).toMatchObject({ outcome: 'voided', capturedMinor: 30_00 })
      expect(await standing()).toEqual({ spent: 30_00, held: 0 })
    })

    it('never where it was captured: that is a refund', async () => {
      expect(await world.asks.void({ reference: await paid() })).toMatchObject({ reason: 'not-permitted' })
    })

    it('when its week is over', async () => {
      const reference = await held()
      world.clock.advance(weekMs - 1)
      await world.tick()
      expect(await standing()).toEqual({ spent: 0, held: 100_00 })
      world.clock.advance(1)
      expect(await take(reference, 'late', 1)).toMatchObject({ outcome: 'declined', reason: 'not-permitted' })
      await world.tick()
      expect(await standing()).toEqual({ spent: 0, held: 0 })
    })

    it('when its week is over, also after one that cannot be let go of', async () => {
      await held()
      const [account] = await world.simulator.accountsBehind(ada.card)
      const spoilt = { payment_server: 'https://pay.example', reference: 'of no payment', account: account?.id ?? '' }
      const database = await openDatabase<BankTables>(world.databaseUrl, bankMigrations)
      await database.db
        .insertInto('hold')
        .values({ ...spoilt, amount_minor: 1, expires_at_ms: morning })
        .execute()
      await database.close()
      world.clock.advance(weekMs)
      await world.tick()
      expect(await standing()).toEqual({ spent: 0, held: 1 })
    })

    it('either to the payee or to the cardholder, where both ask at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const reference = await held()
        const [taken, voided] = await Promise.all([take(reference, 'all', 100_00), world.asks.void({ reference })])
        expect([taken.outcome, voided.outcome].sort().join()).toMatch(/^(captured,declined|declined,voided)$/)
      }
      expect((await standing()).held).toBe(0)
    })
  })

  describe('is refunded', () => {
    it('whole or in parts, never beyond what was captured', async () => {
      const reference = await paid()
      expect(await give(reference, 'first', 30_00)).toMatchObject({ outcome: 'refunded', refundedMinor: 30_00 })
      expect(await give(reference, 'too-much', 70_01)).toMatchObject({ outcome: 'declined', reason: 'invalid-amount' })
      expect(await give(reference, 'rest', 70_00)).toMatchObject({ outcome: 'refunded', refundedMinor: 100_00 })
      expect(await standing()).toEqual({ spent: 0, held: 0 })
    })

    it('once under one name, however often it is asked', async () => {
      const reference = await paid()
      const answers = await Promise.all(Array.from({ length: 10 }, () => give(reference, 'once', 60_00)))
      expect(answers.every(({ outcome }) => outcome === 'refunded')).toBe(true)
      expect(await standing()).toEqual({ spent: 40_00, held: 0 })
    })

    it('never beyond what was captured, however many give at once', async () => {
      const reference = await paid()
      const answers = await Promise.all(Array.from({ length: 15 }, (_, part) => give(reference, `p${part}`, 10_00)))
      expect(answers.filter(({ outcome }) => outcome === 'refunded')).toHaveLength(10)
      expect(await standing()).toEqual({ spent: 0, held: 0 })
    })

    it('not before it was captured', async () => {
      expect(await give(await held(), 'x', 1)).toMatchObject({ outcome: 'declined', reason: 'invalid-amount' })
    })

    it('and then reversed gives back the rest, and no cent twice', async () => {
      const reference = await paid()
      await give(reference, 'part', 30_00)
      await world.asks.reverse({ reference })
      expect(await standing()).toEqual({ spent: 0, held: 0 })
      expect(await give(reference, 'again', 1)).toMatchObject({ outcome: 'declined', reason: 'reversed' })
    })
  })

  it('adds up after any row of captures, refunds and voids', async () => {
    const fromMs = morning + 1_800_000
    world.clock.set(fromMs)
    const move = fc.record({ kind: fc.constantFrom('take', 'give', 'void'), minor: fc.integer({ min: 1, max: 60_00 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 8 }), async (moves) => {
        const before = await standing()
        const reference = await held()
        let [capturedMinor, refundedMinor, isOpen] = [0, 0, true]
        for (const [index, { kind, minor }] of moves.entries()) {
          if (kind === 'void') {
            await world.asks.void({ reference })
            isOpen = false
          } else if (kind === 'take') {
            const { outcome } = await take(reference, `m${index}`, minor)
            const fits = isOpen && capturedMinor + minor <= 100_00
            expect(outcome).toBe(fits ? 'captured' : 'declined')
            if (fits) capturedMinor += minor
          } else {
            const { outcome } = await give(reference, `m${index}`, minor)
            const fits = refundedMinor + minor <= capturedMinor
            expect(outcome).toBe(fits ? 'refunded' : 'declined')
            if (fits) refundedMinor += minor
          }
        }
        const { entries } = await world.asks.statement({ fromMs, untilMs: fromMs + 1, after: null })
        expect(entries.find((entry) => entry.reference === reference)).toMatchObject({
          capturedMinor,
          refundedMinor,
          heldMinor: isOpen ? 100_00 - capturedMinor : 0,
        })
        expect((await standing()).spent - before.spent).toBe(capturedMinor - refundedMinor)
        await world.asks.reverse({ reference })
        expect(await standing()).toEqual(before)
      }),
      { numRuns: 10 },
    )
  })
})
