import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { PaymentState } from '../../shared/payment.ts'
import type { MerchantPayment } from '../../shared/wire/merchant-api.ts'
import { type Answer, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { type Line, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const amountMinor = 10
const weekMs = 7 * 24 * 3_600_000

/** What a shop believes, in as few words as it can be said in. */
type Model = { captured: number; refunded: number; isHeld: boolean; end: 'voided' | 'expired' | null }
const fresh = (): Model => ({ captured: 0, refunded: 0, isHeld: true, end: null })

function stateOf({ captured, refunded, isHeld, end }: Model): PaymentState {
  if (isHeld) return 'authorized'
  if (captured === 0 && end !== null) return end
  return refunded > 0 ? 'refunded' : 'captured'
}

type Act =
  | { readonly does: 'capture' | 'refund'; readonly minor: number | undefined; readonly line: Disturbance }
  | { readonly does: 'void'; readonly line: Disturbance }
  | { readonly does: 'wait' }
type Disturbance = 'none' | 'lost-before' | 'lost-after'

/** @returns the problem that the act meets, or null where it changes the model */
function predict(model: Model, act: Act): string | null {
  const state = stateOf(model)
  switch (act.does) {
    case 'capture': {
      if (state === 'voided') return 'payment-settled'
      if (state === 'expired') return 'payment-expired'
      const left = model.isHeld ? amountMinor - model.captured : 0
      const minor = act.minor ?? left
      if (minor === 0 || minor > left) return 'capture-exceeds'
      model.captured += minor
      model.isHeld = model.captured < amountMinor
      return null
    }
    case 'refund': {
      if (state === 'voided' || state === 'expired') return 'payment-unpaid'
      const left = model.captured - model.refunded
      const minor = act.minor ?? left
      if (minor === 0 || minor > left) return 'refund-exceeds'
      model.refunded += minor
      return null
    }
    case 'void':
      if (state === 'voided') return null
      if (state === 'expired') return 'payment-expired'
      if (!model.isHeld) return 'payment-settled'
      Object.assign(model, { isHeld: false, end: 'voided' })
      return null
    case 'wait':
      if (model.isHeld) Object.assign(model, { isHeld: false, end: 'expired' })
      return null
  }
}

const disturbance = fc.constantFrom<Disturbance>('none', 'none', 'lost-before', 'lost-after')
const part = fc.option(fc.integer({ min: 1, max: amountMinor + 1 }), { nil: undefined, freq: 5 })
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ does: fc.constant('capture' as const), minor: part, line: disturbance }) },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('refund' as const), minor: part, line: disturbance }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('void' as const), line: disturbance }) },
    { weight: 1, arbitrary: fc.constant({ does: 'wait' as const }) },
  ),
  { minLength: 1, maxLength: 8 },
)

const lines: Record<Disturbance, Line> = {
  none: undisturbed,
  'lost-before': unreachable,
  'lost-after': async (ask, request) => {
    await ask(request)
    throw new TypeError('socket hang up')
  },
}

let world: PaymentWorld
let ada: SoftwarePayer
beforeAll(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
})
afterAll(() => world.close())

async function later(ms: number): Promise<void> {
  world.clock.advance(ms)
  await world.tick()
}

function perform(bill: PaymentId, act: Exclude<Act, { does: 'wait' }>): Promise<Answer<MerchantPayment>> {
  if (act.does === 'void') return world.shop.voids(bill)
  return act.does === 'capture' ? world.shop.captures(bill, act.minor) : world.shop.refunds(bill, act.minor)
}

/** @returns the problem it met */
async function runAct(bill: PaymentId, act: Act): Promise<string | null> {
  if (act.does === 'wait') {
    await later(weekMs)
    return null
  }
  world.withBank(lines[act.line])
  const answer = await perform(bill, act)
  world.withBank(undisturbed)
  await later(5_000)
  return answer.ok ? null : answer.problem.code
}

it('a payment is where its shop believes it to be, and so it is at the bank, whatever is asked and whatever gets lost', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (sequence) => {
      const bill = await world.shop.asks(eur(amountMinor), { capture: 'manual' })
      taken(await ada.pays(bill))
      const model = fresh()
      for (const act of sequence) {
        const expected = predict(model, act)
        expect(await runAct(bill, act)).toBe(expected)
        const payment = await world.shop.sees(bill)
        expect(payment).toMatchObject({
          state: stateOf(model),
          capturedMinor: model.captured,
          refundedMinor: model.refunded,
        })
        expect(payment).not.toHaveProperty('pending')
        expect(await world.bookedFor(bill)).toBe(model.captured - model.refunded)
      }
      expect((await world.reconciles()).differences).toEqual([])
    }),
    { numRuns: 50 },
  )
}, 120_000)
