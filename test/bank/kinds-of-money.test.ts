/** The whole life of an authorization, on credit and in currencies without decimals and with three. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { SetLimitIntent } from '../../shared/intent.ts'
import { type Currency, money } from '../../shared/money.ts'
import { type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, balanced, engines, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
let account: string
/** Every test has a millisecond of its own, so that a statement of it tells nothing else. */
let nowMs = morning

const kinds = ['debit', 'credit'] as const
/** With one whole unit of each. */
const currencies: readonly [Currency, number][] = [
  ['JPY', 1],
  ['EUR', 100],
  ['KWD', 1_000],
]

describe.each(engines)('on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  afterEach(async () => expect(await world.simulator.check()).toMatchObject(balanced))

  describe.each(kinds)('a %s card', (kind) => {
    describe.each(currencies)('with 1,000 %s', (currency, unit) => {
      const all = 1_000 * unit
      /** What the account is at with nothing spent. */
      const untouched = kind === 'credit' ? 0 : all
      beforeEach(async () => {
        nowMs += 1
        world.clock.set(nowMs)
        ada = await bankPayer(world)
        const { account: made, ...issued } = await world.simulator.issue(all, currency, { kind })
        record = await ada.enrols({ ...issued, name: 'ADA LOVELACE' })
        account = made
      })

      const amount = (minor: number) => money(minor, currency)
      async function authorizes(minor: number, capture: 'manual' | 'automatic' = 'manual') {
        const body = await ada.authorization(record, ada.bill(amount(minor)), { capture })
        const answer = await world.asks.authorize(body)
        return { reference: body.reference, word: answer.outcome === 'declined' ? answer.reason : answer.outcome }
      }
      const held = async (minor: number): Promise<string> => (await authorizes(minor)).reference
      const takes = (reference: string, name: string, minor: number, isFinal = false) =>
        world.asks.capture({ reference, name, amount: amount(minor), isFinal })
      const standing = async () => {
        const { balanceMinor, heldMinor, availableMinor } = await world.simulator.account(account)
        return { spent: untouched - balanceMinor, held: heldMinor, available: availableMinor }
      }
      const gotByPayee = async () => {
        const accounts = await world.simulator.accountsOfPayee(ada.payee.id)
        return accounts.map(({ balanceMinor, ...of }) => [balanceMinor, of.currency])
      }

      it('sets aside all that it has, and not one minor unit more', async () => {
        expect((await authorizes(all + 1)).word).toBe('insufficient-funds')
        expect((await authorizes(all)).word).toBe('approved')
        expect((await authorizes(1)).word).toBe('insufficient-funds')
        expect(await standing()).toEqual({ spent: 0, held: all, available: 0 })
      })

      it('pays what is captured in parts, and gets back what is left and what is refunded', async () => {
        const reference = await held(all)
        expect(await takes(reference, 'first', 300 * unit + 1)).toMatchObject({ capturedMinor: 300 * unit + 1 })
        expect(await takes(reference, 'too-much', 700 * unit)).toMatchObject({ reason: 'invalid-amount' })
        expect(await takes(reference, 'last', 200 * unit, true)).toMatchObject({ capturedMinor: 500 * unit + 1 })
        expect(await standing()).toEqual({ spent: 500 * unit + 1, held: 0, available: 500 * unit - 1 })
        const refund = { reference, name: 'part', amount: amount(500 * unit) }
        expect(await world.asks.refund(refund)).toMatchObject({ refundedMinor: 500 * unit })
        expect(await standing()).toEqual({ spent: 1, held: 0, available: all - 1 })
        expect(await gotByPayee()).toEqual([[1, currency]])
      })

      it('has all of it again when it is voided, and less what was captured before', async () => {
        const [whole, part] = [await held(400 * unit), await held(600 * unit)]
        await takes(part, 'first', 1)
        expect(await world.asks.void({ reference: whole })).toMatchObject({ outcome: 'voided', capturedMinor: 0 })
        expect(await world.asks.void({ reference: part })).toMatchObject({ outcome: 'voided', capturedMinor: 1 })
        expect(await standing()).toEqual({ spent: 1, held: 0, available: all - 1 })
        expect((await authorizes(all)).word).toBe('insufficient-funds')
        expect((await authorizes(all - 1)).word).toBe('approved')
      })

      it('has all of it again when it is reversed', async () => {
        const { reference } = await authorizes(all, 'automatic')
        expect(await standing()).toEqual({ spent: all, held: 0, available: 0 })
        await world.asks.reverse({ reference })
        expect(await standing()).toEqual({ spent: 0, held: 0, available: all })
      })

      it('pays no more than its limits, to the minor unit', async () => {
        const limits = { currency, perPaymentMinor: 20 * unit, perDayMinor: 30 * unit, perMonthMinor: null }
        const fresh = { v: 1 as const, nonce: base64url(world.random(32)), notAfter: nowMs + 300_000 }
        const about = { card: ada.card, payer: ada.payer, change: 1 }
        const intent: SetLimitIntent = { ...fresh, purpose: 'set-limit', ...about, limits }
        const evidence = { intent, assertion: await ada.sign(intent) }
        expect(await world.asks.limit({ card: ada.card, payer: ada.payer, record, evidence })).toMatchObject({ limits })
        const words: string[] = []
        for (const minor of [20 * unit + 1, 20 * unit, 10 * unit + 1, 10 * unit, 1]) {
          words.push((await authorizes(minor, 'automatic')).word)
        }
        expect(words).toEqual(['limit-exceeded', 'approved', 'limit-exceeded', 'approved', 'limit-exceeded'])
      })

      it('is told of in a statement as it was booked', async () => {
        const reference = await held(5 * unit)
        await takes(reference, 'part', 3 * unit)
        await world.asks.refund({ reference, name: 'part', amount: amount(unit) })
        const { entries } = await world.asks.statement({ fromMs: nowMs, untilMs: nowMs + 1, after: null })
        expect(entries).toEqual([
          {
            reference,
            amount: amount(5 * unit),
            state: 'approved',
            capturedMinor: 3 * unit,
            refundedMinor: unit,
            heldMinor: 2 * unit,
            decidedAtMs: nowMs,
          },
        ])
      })
    })
  })
})
