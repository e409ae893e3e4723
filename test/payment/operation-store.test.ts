import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { MerchantPayment } from '../../shared/wire/merchant-api.ts'
import { type Answer, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf as payerOutcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { type Line, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
const weekMs = 7 * 24 * 3_600_000

const stateOr = (answer: Answer<MerchantPayment>) => (answer.ok ? answer.value.state : answer.problem.code)
const sums = ({ state, capturedMinor, refundedMinor }: MerchantPayment) => [state, capturedMinor, refundedMinor]

async function paid(minor: number, capture: 'automatic' | 'manual'): Promise<PaymentId> {
  const bill = await world.shop.asks(eur(minor), { capture })
  const outcome = payerOutcomeOf(await ada.pays(bill))
  expect(outcome).toBe(capture === 'manual' ? 'authorized' : 'captured')
  return bill
}
const held = () => paid(10_00, 'manual')
const seen = async (payment: PaymentId) => sums(await world.shop.sees(payment))

/** The bank does what it is asked, and its answer is lost. */
const answerLost: Line = async (ask, request) => {
  await ask(request)
  throw new TypeError('socket hang up')
}

async function later(ms: number): Promise<void> {
  world.clock.advance(ms)
  await world.tick()
}

describe.each(['sqlite', 'postgres'] as const)(
  'what is asked about an approved payment, on %s',
  { timeout: 20_000 },
  (engine) => {
    beforeAll(async () => {
      world = await openPaymentWorld({ engine })
      ada = await world.payer('ada')
    })
    afterAll(() => world.close())
    beforeEach(() => world.withBank(undisturbed))
    afterEach(async () => {
      expect(await world.bank.check()).toMatchObject({ sumsToZero: true })
    })

    describe('a capture', () => {
      it('takes all that was set aside', async () => {
        const bill = await held()
        expect(await world.shop.sees(bill)).toMatchObject({ captureBeforeMs: world.clock.nowMs() + weekMs })
        const payment = taken(await world.shop.captures(bill))
        expect(payment).toMatchObject({ state: 'captured', capturedMinor: 10_00 })
        expect(payment).not.toHaveProperty('pending')
        expect(payment).not.toHaveProperty('captureBeforeMs')
        expect(await world.bookedFor(bill)).toBe(10_00)
      })

      it('takes a part, and another, and the rest', async () => {
        const bill = await held()
        expect(sums(taken(await world.shop.captures(bill, 3_00)))).toEqual(['authorized', 3_00, 0])
        expect(sums(taken(await world.shop.captures(bill, 3_00)))).toEqual(['authorized', 6_00, 0])
        expect(stateOr(await world.shop.captures(bill, 4_01))).toBe('capture-exceeds')
        expect(sums(taken(await world.shop.captures(bill)))).toEqual(['captured', 10_00, 0])
        expect(stateOr(await world.shop.captures(bill, 1))).toBe('capture-exceeds')
        expect(stateOr(await world.shop.captures(bill))).toBe('capture-exceeds')
        expect(await world.bookedFor(bill)).toBe(10_00)
      })

      it('never takes more than was set aside, however many ask at once', async () => {
        const bill = await held()
        const answers = await Promise.all(Array.from({ length: 30 }, () => world.shop.captures(bill, 1_00)))
        expect(answers.filter(({ ok }) => ok)).toHaveLength(10)
        for (const answer of answers) if (!answer.ok) expect(answer.problem.code).toBe('capture-exceeds')
        expect(await seen(bill)).toEqual(['captured', 10_00, 0])
        expect(await world.bookedFor(bill)).toBe(10_00)
      })

      it('is made once for one Idempotency-Key', async () => {
        const bill = await held()
        const first = taken(await world.shop.captures(bill, 3_00, 'parcel-1'))
        expect(taken(await world.shop.captures(bill, 3_00, 'parcel-1'))).toEqual(first)
        expect(stateOr(await world.shop.captures(bill, 4_00, 'parcel-1'))).toBe('idempotency-key-reused')
        expect(await world.bookedFor(bill)).toBe(3_00)
        // The same key at another payment, or for another act, is another request.
        const other = await held()
        expect(sums(taken(await world.shop.captures(other, 3_00, 'parcel-1')))).toEqual(['authorized', 3_00, 0])
        expect(sums(taken(await world.shop.refunds(other, 3_00, 'parcel-1')))).toEqual(['authorized', 3_00, 3_00])
      })

      it('is of a payment that is authorized', async () => {
        const unpaid = await world.shop.asks(eur(10_00), { capture: 'manual' })
        expect(stateOr(await world.shop.captures(unpaid))).toBe('payment-unpaid')
        expect(stateOr(await world.shop.captures(await paid(10_00, 'automatic')))).toBe('capture-exceeds')
        taken(await world.shop.cancels(unpaid))
        expect(stateOr(await world.shop.captures(unpaid))).toBe('payment-settled')
      })

      it.each([
        ['another merchant', (bill: PaymentId) => world.otherShop.captures(bill), 'payment-unknown'],
        ['nothing', (bill: PaymentId) => world.shop.captures(bill, 0), 'body-malformed'],
        ['less than nothing', (bill: PaymentId) => world.shop.captures(bill, -1), 'body-malformed'],
        ['half a cent', (bill: PaymentId) => world.shop.captures(bill, 0.5), 'body-malformed'],
      ])('is refused to %s', async (_what, ask, code) => {
        const bill = await held()
        expect(stateOr(await ask(bill))).toBe(code)
        expect(await seen(bill)).toEqual(['authorized', 0, 0])
      })

      it('that the bank declines moves nothing, and gives back the room it had taken', async () => {
        const bill = await held()
        // The bank has let go of it behind our back.
        expect(await world.bankHears.void(`${bill}.1`)).toMatchObject({ body: { outcome: 'voided' } })
        expect(await world.shop.captures(bill, 3_00, 'one')).toMatchObject({
          problem: { code: 'bank-declined', detail: "The bank's reason: not-permitted." },
        })
        expect(stateOr(await world.shop.captures(bill, 3_00, 'one'))).toBe('bank-declined')
        expect(await world.shop.sees(bill)).toMatchObject({ state: 'authorized', capturedMinor: 0 })
        expect(await world.shop.sees(bill)).not.toHaveProperty('pending')
      })
    })

    describe('a void', () => {
      it('lets go of all that was set aside', async () => {
        const bill = await held()
        expect(sums(taken(await world.shop.voids(bill)))).toEqual(['voided', 0, 0])
        expect(sums(taken(await world.shop.voids(bill)))).toEqual(['voided', 0, 0])
        expect(stateOr(await world.shop.captures(bill))).toBe('payment-settled')
        expect(stateOr(await world.shop.refunds(bill))).toBe('payment-unpaid')
        expect(await world.bookedFor(bill)).toBe(0)
      })

      it('leaves what was captured', async () => {
        const bill = await held()
        taken(await world.shop.captures(bill, 3_00))
        expect(sums(taken(await world.shop.voids(bill)))).toEqual(['captured', 3_00, 0])
        expect(stateOr(await world.shop.captures(bill, 1))).toBe('capture-exceeds')
        expect(sums(taken(await world.shop.refunds(bill)))).toEqual(['refunded', 3_00, 3_00])
        expect(await world.bookedFor(bill)).toBe(0)
      })

      it('is not for what nobody paid, or what was captured', async () => {
        expect(stateOr(await world.shop.voids(await world.shop.asks(eur(10_00))))).toBe('payment-unpaid')
        expect(stateOr(await world.shop.voids(await paid(10_00, 'automatic')))).toBe('payment-settled')
        expect(stateOr(await world.otherShop.voids(await held()))).toBe('payment-unknown')
      })

      it('and a capture at once leave what the bank has', async () => {
        for (let round = 0; round < 5; round += 1) {
          const bill = await held()
          await Promise.all([world.shop.captures(bill, 4_00), world.shop.voids(bill), world.shop.captures(bill, 6_00)])
          const [state, captured] = await seen(bill)
          expect(await world.bookedFor(bill)).toBe(captured)
          expect(['voided', 'captured', 'authorized']).toContain(state)
        }
      })
    })

    describe('a refund', () => {
      it('gives back all, or a part', async () => {
        const bill = await paid(10_00, 'automatic')
        expect(sums(taken(await world.shop.refunds(bill, 4_00)))).toEqual(['refunded', 10_00, 4_00])
        expect(stateOr(await world.shop.refunds(bill, 6_01))).toBe('refund-exceeds')
        expect(sums(taken(await world.shop.refunds(bill)))).toEqual(['refunded', 10_00, 10_00])
        expect(stateOr(await world.shop.refunds(bill))).toBe('refund-exceeds')
        expect(await world.bookedFor(bill)).toBe(0)
      })

      it('gives back what several captures have taken, and no more', async () => {
        const bill = await held()
        expect(stateOr(await world.shop.refunds(bill, 1))).toBe('refund-exceeds')
        taken(await world.shop.captures(bill, 2_00))
        taken(await world.shop.captures(bill, 3_00))
        expect(stateOr(await world.shop.refunds(bill, 5_01))).toBe('refund-exceeds')
        expect(sums(taken(await world.shop.refunds(bill, 4_00)))).toEqual(['authorized', 5_00, 4_00])
        expect(sums(taken(await world.shop.captures(bill)))).toEqual(['refunded', 10_00, 4_00])
        expect(sums(taken(await world.shop.refunds(bill)))).toEqual(['refunded', 10_00, 10_00])
        expect(await world.bookedFor(bill)).toBe(0)
      })

      it('never gives back more than was captured, however many ask at once', async () => {
        const bill = await paid(10_00, 'automatic')
        const answers = await Promise.all(Array.from({ length: 30 }, () => world.shop.refunds(bill, 3_00)))
        expect(answers.filter(({ ok }) => ok)).toHaveLength(3)
        for (const answer of answers) if (!answer.ok) expect(answer.problem.code).toBe('refund-exceeds')
        expect(await world.bookedFor(bill)).toBe(1_00)
      })

      it('is not for what nobody paid, nor for another merchant', async () => {
        const unpaid = await world.shop.asks(eur(10_00))
        expect(stateOr(await world.shop.refunds(unpaid))).toBe('payment-unpaid')
        expect(stateOr(await world.otherShop.refunds(await paid(1, 'automatic')))).toBe('payment-unknown')
      })
    })

    describe('an authorization', () => {
      it('expires when nobody captures it in time', async () => {
        const bill = await held()
        await later(weekMs - 1)
        expect(await seen(bill)).toEqual(['authorized', 0, 0])
        world.clock.advance(1)
        expect(stateOr(await world.shop.captures(bill))).toBe('payment-expired')
        await world.tick()
        expect(await seen(bill)).toEqual(['expired', 0, 0])
        expect(stateOr(await world.shop.captures(bill))).toBe('payment-expired')
        expect(stateOr(await world.shop.voids(bill))).toBe('payment-expired')
      })

      it('of which a part was captured is captured when the rest expires', async () => {
        const bill = await held()
        taken(await world.shop.captures(bill, 3_00))
        taken(await world.shop.refunds(bill, 1_00))
        await later(weekMs)
        expect(await seen(bill)).toEqual(['refunded', 3_00, 1_00])
        expect(await world.bookedFor(bill)).toBe(2_00)
      })

      it('that the bank does not answer about expires when it does', async () => {
        const bill = await held()
        world.withBank(unreachable)
        await later(weekMs)
        expect(await world.shop.sees(bill)).toMatchObject({ state: 'authorized', pending: { void: true } })
        world.withBank(undisturbed)
        await later(300_000)
        expect(await seen(bill)).toEqual(['expired', 0, 0])
      })
    })

    const losses: [string, Line][] = [
      ['before it reaches the bank', unreachable],
      ['after the bank has done it', answerLost],
    ]
    const asks: [string, () => Promise<PaymentId>, (bill: PaymentId) => Promise<Answer<MerchantPayment>>, unknown[]][] =
      [
        ['capture', held, (bill) => world.shop.captures(bill, 4_00, 'key'), ['authorized', 4_00, 0]],
        ['void', held, (bill) => world.shop.voids(bill, 'key'), ['voided', 0, 0]],
        [
          'refund',
          () => paid(10_00, 'automatic'),
          (bill) => world.shop.refunds(bill, 4_00, 'key'),
          ['refunded', 10_00, 4_00],
        ],
      ]
    describe.each(losses)('what is lost %s', (_where, line) => {
      it.each(asks)('once: the %s is asked for again at once', async (_what, prepared, ask, expected) => {
        const bill = await prepared()
        let isFirst = true
        world.withBank((toBank, request) => {
          const disturbance = isFirst ? line : undisturbed
          isFirst = false
          return disturbance(toBank, request)
        })
        expect(sums(taken(await ask(bill)))).toEqual(expected)
        expect(await world.bookedFor(bill)).toBe(Number(expected[1]) - Number(expected[2]))
      })

      it.each(asks)(
        'for long: the %s is pending, and settled when the bank is back',
        async (what, prepared, ask, expected) => {
          const bill = await prepared()
          const [before] = await seen(bill)
          world.withBank(line)
          const pending = {
            captureMinor: what === 'capture' ? 4_00 : 0,
            refundMinor: what === 'refund' ? 4_00 : 0,
            void: what === 'void',
          }
          expect(taken(await ask(bill))).toMatchObject({ state: before, pending })
          await later(10_000)
          // Asked for again, it is the same one, and still pending.
          expect(taken(await ask(bill))).toMatchObject({ state: before, pending })
          world.withBank(undisturbed)
          await later(300_000)
          expect(await seen(bill)).toEqual(expected)
          expect(sums(taken(await ask(bill)))).toEqual(expected)
          expect(await world.bookedFor(bill)).toBe(Number(expected[1]) - Number(expected[2]))
        },
      )

      it.each(asks)(
        'and the process killed: another one settles the %s, however often the shop asks',
        async (_what, prepared, ask, expected) => {
          const bill = await prepared()
          const reached = Promise.withResolvers<void>()
          const release = Promise.withResolvers<void>()
          world.withBank(async (toBank, request) => {
            const outcome = await line(toBank, request).catch((error: unknown) => error)
            reached.resolve()
            await release.promise
            throw outcome
          })
          const killed = ask(bill)
          await reached.promise
          world.withBank(undisturbed)
          // What the first process holds, nobody else touches until it is taken for dead.
          const another = await world.open()
          world.clock.advance(29_999)
          const askedSoFar = world.asked.length
          await another.tick()
          expect(world.asked.length).toBe(askedSoFar)
          world.clock.advance(1)
          await another.tick()
          await another.close()
          expect(await seen(bill)).toEqual(expected)
          release.resolve()
          expect(sums(taken(await killed))).toEqual(expected)
          expect(sums(taken(await ask(bill)))).toEqual(expected)
          expect(await world.bookedFor(bill)).toBe(Number(expected[1]) - Number(expected[2]))
        },
      )
    })

    describe('two workers at once', () => {
      it('ask the bank once for each of many operations, and settle each', async () => {
        const bills = await Promise.all(Array.from({ length: 6 }, held))
        world.withBank(unreachable)
        for (const bill of bills) taken(await world.shop.captures(bill, 1_00))
        world.withBank(undisturbed)
        const others = await Promise.all([world.open(), world.open()])
        world.clock.advance(60_000)
        const askedSoFar = world.asked.length
        await Promise.all([world.tick(), ...others.map((room) => room.tick())])
        await Promise.all(others.map((room) => room.close()))
        expect(world.asked.length - askedSoFar).toBe(bills.length)
        for (const bill of bills) {
          expect(await seen(bill)).toEqual(['authorized', 1_00, 0])
          expect(await world.bookedFor(bill)).toBe(1_00)
        }
      })

      // Two of them on one SQLite file would have to be two processes: in one, who waits for a lock keeps its holder waiting.
      it.runIf(engine === 'postgres')('let go of an expired authorization once', async () => {
        for (let round = 0; round < 3; round += 1) await later(weekMs) // those of earlier tests
        const bill = await held()
        const other = await world.open()
        world.clock.advance(weekMs)
        const askedSoFar = world.asked.length
        await Promise.all([world.tick(), other.tick()])
        await other.close()
        expect(world.asked.slice(askedSoFar)).toEqual(['/voids'])
        expect(await seen(bill)).toEqual(['expired', 0, 0])
      })
    })

    it('is asked again ever less often while the bank is silent', async () => {
      const bill = await held()
      world.withBank(unreachable)
      taken(await world.shop.captures(bill))
      const askedSoFar = world.asked.length
      for (let seconds = 0; seconds < 600; seconds += 5) await later(5_000)
      expect(world.asked.length - askedSoFar).toBeLessThan(12)
      world.withBank(undisturbed)
      await later(300_000)
      expect(await seen(bill)).toEqual(['captured', 10_00, 0])
    })
  },
)
