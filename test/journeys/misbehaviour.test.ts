/** The bank lets the payment server down in every way it knows, a hundred payments each; the money is right in the end. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MisbehaviourName, misbehaviourNames } from '../../server/bank/misbehave.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { BankOperation } from '../../shared/wire/bank-api.ts'
import { bankIssuer, type Line, openPaymentWorld, type PaymentWorld } from '../payment/payment-world.ts'
import { bankDriver } from '../support/bank.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'

const price = eur(12_50)
const payments = 100
/** Of a misbehaviour in what follows a payment. */
const parts = 20
/** How long the payment server waits for an answer, in real time; then whoever asked hangs up. */
const answerWithinMs = 500
const paidAtOnce = 50
const minutesMax = 60
/** In these the bank never hears of what it was asked. */
const unheard: readonly MisbehaviourName[] = ['ignore', 'error-before', 'reset-before']

const switches = new URL('/simulator/misbehaviours', bankIssuer)

const hangingUp: Line = async (ask, request) => {
  const hangUp = new AbortController()
  const timer = setTimeout(() => hangUp.abort(), answerWithinMs)
  try {
    return await ask(new Request(request, { signal: hangUp.signal }))
  } finally {
    clearTimeout(timer)
  }
}

let world: PaymentWorld
let ada: SoftwarePayer
beforeAll(async () => {
  world = await openPaymentWorld({ bankAnswersWithinMs: answerWithinMs })
  world.withBank(hangingUp)
  const bank = bankDriver(world.bankReceives, bankIssuer)
  ada = await world.payer('ada', await bank.issuesCard(eur(1_000_000_00)))
})
afterAll(() => world.close())
beforeEach(() => world.bankReceives(new Request(switches, { method: 'DELETE' })))

/** The next so many exchanges, of one operation or, after the first ones, of any that asks what became of them. */
async function misbehaves(what: MisbehaviourName, operation: BankOperation, times: number): Promise<void> {
  for (const order of [
    { what, operation, times },
    { what, operation: 'inquire', times: times / 2 },
  ]) {
    const headers = { 'content-type': 'application/json' }
    const asked = new Request(switches, { method: 'POST', headers, body: JSON.stringify(order) })
    expect((await world.bankReceives(asked)).status).toBe(201)
  }
}

const bills = (count: number, capture: 'automatic' | 'manual' = 'automatic'): Promise<PaymentId[]> =>
  Promise.all(Array.from({ length: count }, () => world.shop.asks(price, { capture })))
const eachOf = (ids: readonly PaymentId[], act: (id: PaymentId) => Promise<unknown>) => Promise.all(ids.map(act))

/** Lets time pass and the worker work until nothing waits for the bank. @returns what became of each payment */
async function settled(ids: readonly PaymentId[]) {
  const isOpen = ({ state, pending }: Awaited<ReturnType<typeof world.shop.sees>>) =>
    state === 'approving' || state === 'unknown' || pending !== undefined
  for (let minute = 0; minute < minutesMax; minute += 1) {
    const seen = await Promise.all(ids.map((id) => world.shop.sees(id)))
    if (!seen.some(isOpen)) return seen
    world.clock.advance(60_000)
    for (let turn = 0; turn < ids.length / 20; turn += 1) await world.tick() // so many are asked about at a time
  }
  throw new Error('something is open after an hour')
}

describe('told to misbehave, the bank still books what was signed, once', { timeout: 120_000 }, () => {
  it.each(misbehaviourNames)('a payment: %s', async (what) => {
    const ids = await bills(payments)
    const signed = await Promise.all(ids.map(async (id) => ({ id, confirmation: await ada.signs(id) })))
    await misbehaves(what, 'authorize', payments)
    for (let first = 0; first < payments; first += paidAtOnce) {
      const some = signed.slice(first, first + paidAtOnce)
      await Promise.all(some.map(async ({ id, confirmation }) => taken(await ada.confirms(id, confirmation))))
    }
    const isPaid = !unheard.includes(what)
    for (const seen of await settled(ids)) {
      expect(seen).toMatchObject({ state: isPaid ? 'captured' : 'declined', capturedMinor: isPaid ? price.minor : 0 })
      expect(await world.bookedFor(seen.id)).toBe(seen.capturedMinor)
    }
  })

  it.each(misbehaviourNames)('a capture, and a refund: %s', async (what) => {
    const ids = await bills(parts, 'manual')
    await eachOf(ids, async (id) => taken(await ada.pays(id)))
    await settled(ids)
    await misbehaves(what, 'capture', parts)
    await eachOf(ids, async (id) => taken(await world.shop.captures(id)))
    for (const seen of await settled(ids)) {
      expect(seen).toMatchObject({ state: 'captured', capturedMinor: price.minor })
      expect(await world.bookedFor(seen.id)).toBe(price.minor)
    }
    await misbehaves(what, 'refund', parts)
    await eachOf(ids, async (id) => taken(await world.shop.refunds(id)))
    for (const seen of await settled(ids)) {
      expect(seen).toMatchObject({ state: 'refunded', refundedMinor: price.minor })
      expect(await world.bookedFor(seen.id)).toBe(0)
    }
  })
})
