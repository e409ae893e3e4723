/** The bank lets the payment server down in every way it knows, a hundred payments each; the money is right in the end. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MisbehaviourName, misbehaviourNames } from '../../server/bank/misbehave.ts'
import { sealHashOf } from '../../shared/card.ts'
import type { CardId, PaymentId } from '../../shared/identifiers.ts'
import type { BankOperation } from '../../shared/wire/bank-api.ts'
import { addCardIntentAnswer, type Payer, payerSchema } from '../../shared/wire/payment-api.ts'
import {
  bankIssuer,
  cardThat,
  type Line,
  openPaymentWorld,
  type PaymentWorld,
  undisturbed,
} from '../payment/payment-world.ts'
import { bankDriver } from '../support/bank.ts'
import { type Answer, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'

/** How many meet each misbehaviour: payments, parts of what follows a payment, and cards. */
const stories = [
  { engine: 'sqlite', payments: 100, parts: 10, cards: 2 },
  { engine: 'postgres', payments: 4, parts: 2, cards: 1 },
] as const

const price = eur(12_50)
const minutesMax = 60
/** In these the bank never hears of what it was asked. */
const unheard: readonly MisbehaviourName[] = ['ignore', 'error-before', 'reset-before']

/** In these it says nothing, for so long that whoever asked hangs up. */
const silent: readonly MisbehaviourName[] = ['answer-late', 'answer-never', 'ignore', 'book-after-hang-up']
/** In real time. */
const patienceMs = 250

const switches = new URL('/simulator/misbehaviours', bankIssuer)

const hangingUp: Line = async (ask, request) => {
  const hangUp = new AbortController()
  const { promise: impatience, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    hangUp.abort()
    reject(new TypeError('the payment server hung up'))
  }, patienceMs)
  try {
    return await Promise.race([ask(new Request(request, { signal: hangUp.signal })), impatience])
  } finally {
    clearTimeout(timer)
  }
}

describe.each(stories)('told to misbehave, the bank on $engine', { timeout: 120_000 }, ({ engine, ...story }) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  let newcomers = 0
  beforeAll(async () => {
    world = await openPaymentWorld({ engine })
    const bank = bankDriver(world.bankReceives, bankIssuer)
    ada = await world.payer('ada', await bank.issuesCard(eur(1_000_000_00)))
  })
  afterAll(async () => {
    world.withBank(undisturbed)
    expect((await world.reconciles()).differences).toEqual([])
    await world.close()
  })
  beforeEach(async () => {
    world.withBank(undisturbed)
    await world.bankReceives(new Request(switches, { method: 'DELETE' }))
  })

  /** The next so many exchanges of one operation. */
  async function misbehaves(what: MisbehaviourName, operation: BankOperation, times: number): Promise<void> {
    world.withBank(silent.includes(what) ? hangingUp : undisturbed)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ what, operation, times })
    expect((await world.bankReceives(new Request(switches, { method: 'POST', headers, body }))).status).toBe(201)
  }

  const bills = (count: number, capture: 'automatic' | 'manual' = 'automatic'): Promise<PaymentId[]> =>
    Promise.all(Array.from({ length: count }, () => world.shop.asks(price, { capture })))
  const eachOf = (ids: readonly PaymentId[], act: (id: PaymentId) => Promise<unknown>) => Promise.all(ids.map(act))

  /** Lets time pass and the worker work until this is so. */
  async function untilIs(isSo: () => Promise<boolean>, ticksAMinute = 1): Promise<void> {
    for (let minute = 0; minute < minutesMax; minute += 1) {
      if (await isSo()) return
      world.clock.advance(60_000)
      for (let turn = 0; turn < ticksAMinute; turn += 1) await world.tick()
    }
    throw new Error('something is open after an hour')
  }

  /** Waits until nothing waits for the bank. @returns what became of each payment */
  async function settled(ids: readonly PaymentId[]) {
    type Seen = Awaited<ReturnType<typeof world.shop.sees>>
    const isOpen = ({ state, pending }: Seen) => state === 'approving' || state === 'unknown' || pending !== undefined
    const seen: Seen[] = []
    const areAll = async (): Promise<boolean> => {
      for (const id of ids.slice(seen.length)) {
        const payment = await world.shop.sees(id)
        if (isOpen(payment)) return false
        seen.push(payment)
      }
      return true
    }
    await untilIs(areAll, ids.length / 20) // so many are asked about at a time
    return seen
  }

  it.each(misbehaviourNames)('still books what was signed, once: %s', async (what) => {
    const ids = await bills(story.payments)
    const signed = await Promise.all(ids.map(async (id) => ({ id, confirmation: await ada.signs(id) })))
    await misbehaves(what, 'authorize', story.payments)
    // And, after the first ones, whatever asks what became of them.
    await misbehaves(what, 'inquire', story.payments / 2)
    await Promise.all(signed.map(async ({ id, confirmation }) => taken(await ada.confirms(id, confirmation))))
    const isPaid = !unheard.includes(what)
    for (const seen of await settled(ids)) {
      expect(seen).toMatchObject({ state: isPaid ? 'captured' : 'declined', capturedMinor: isPaid ? price.minor : 0 })
      expect(await world.bookedFor(seen.id)).toBe(seen.capturedMinor)
    }
  })

  it.each(misbehaviourNames)('still captures, refunds and lets go of what it was asked to, once: %s', async (what) => {
    const ids = await bills(2 * story.parts, 'manual')
    await eachOf(ids, async (id) => taken(await ada.pays(id)))
    await settled(ids)
    const [kept, letGo] = [ids.slice(0, story.parts), ids.slice(story.parts)]
    await misbehaves(what, 'capture', story.parts)
    await misbehaves(what, 'void', story.parts)
    await Promise.all([
      eachOf(kept, async (id) => taken(await world.shop.captures(id))),
      eachOf(letGo, async (id) => taken(await world.shop.voids(id))),
    ])
    for (const seen of await settled(letGo)) {
      expect(seen).toMatchObject({ state: 'voided', capturedMinor: 0 })
      expect(await world.bookedFor(seen.id)).toBe(0)
    }
    for (const seen of await settled(kept)) {
      expect(seen).toMatchObject({ state: 'captured', capturedMinor: price.minor })
      expect(await world.bookedFor(seen.id)).toBe(price.minor)
    }
    await misbehaves(what, 'refund', story.parts)
    await eachOf(kept, async (id) => taken(await world.shop.refunds(id)))
    for (const seen of await settled(kept)) {
      expect(seen).toMatchObject({ state: 'refunded', refundedMinor: price.minor })
      expect(await world.bookedFor(seen.id)).toBe(0)
    }
  })

  /** Somebody with a name, and a card that is sealed and not added yet. */
  async function newcomer() {
    newcomers += 1
    const payer = world.newcomer(`bob_${newcomers}`)
    taken(await payer.takesName())
    return { payer, sealed: await payer.seal(cardThat.pays) }
  }
  /** However often it is tried, it is the same seal. */
  async function addsCard({ payer, sealed }: Awaited<ReturnType<typeof newcomer>>): Promise<Answer<Payer>> {
    const seal = await sealHashOf(sealed)
    const { intent } = taken(await payer.tab.post('/api/cards/intent', addCardIntentAnswer, { seal }))
    return payer.tab.post('/api/cards', payerSchema, { intent, response: await payer.sign(intent), sealed })
  }
  const untilBankHas = (owners: readonly Owner[], expected: { isFrozen: boolean; isBound: boolean }) =>
    untilIs(async () => {
      const standings = await Promise.all(owners.map(({ card }) => world.bank.standingOf(card)))
      return standings.every(({ isFrozen, isBound }) => isFrozen === expected.isFrozen && isBound === expected.isBound)
    })

  it.each(misbehaviourNames)('still hears what becomes of a card: %s', async (what) => {
    const people = await Promise.all(Array.from({ length: 2 * story.cards }, newcomer))
    await misbehaves(what, 'enrol', people.length)
    for (const answer of await Promise.all(people.map(addsCard))) {
      expect(answer).toMatchObject({ problem: { code: 'bank-unreachable' } })
    }
    const owners: Owner[] = []
    for (const person of people) {
      await untilIs(async () => (await addsCard(person)).ok)
      const cards = await person.payer.cards()
      expect(cards).toHaveLength(1)
      owners.push(...cards.map(({ id }) => ({ payer: person.payer, card: id })))
    }

    const [stopping, leaving] = [owners.slice(0, story.cards), owners.slice(story.cards)]
    await misbehaves(what, 'freeze', stopping.length)
    await misbehaves(what, 'unbind', leaving.length)
    await Promise.all([
      ...stopping.map(async ({ payer, card }) => taken(await payer.withCard(card, 'freeze'))),
      ...leaving.map(async ({ payer, card }) => taken(await payer.removes(card))),
    ])
    await untilBankHas(stopping, { isFrozen: true, isBound: true })
    await untilBankHas(leaving, { isFrozen: false, isBound: false })

    await misbehaves(what, 'freeze', stopping.length)
    await Promise.all(stopping.map(async ({ payer, card }) => taken(await payer.unfreezes(card))))
    await untilBankHas(stopping, { isFrozen: false, isBound: true })
    for (const { payer } of stopping) {
      const bill = await world.shop.asks(price)
      taken(await payer.pays(bill))
      expect(await settled([bill])).toMatchObject([{ state: 'captured' }])
    }
  })
})

type Owner = { readonly payer: SoftwarePayer; readonly card: CardId }
