/** A bill that one screen shows and a phone pays. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import {
  type Handoff,
  handedOffSchema,
  handoffAnswer,
  handoffProgressSchema,
  matchAnswer,
} from '../../shared/wire/handoff-api.ts'
import { browserTab, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { coffee, openPaymentWorld, type PaymentWorld, tellsOutward, walletOrigin } from './payment-world.ts'

const problem = (code: string) => ({ ok: false, problem: { code } })
const minutes = (count: number) => count * 60_000

let world: PaymentWorld
let ada: SoftwarePayer
let bill: PaymentId
let shown: Handoff

describe.each(['sqlite', 'postgres'] as const)('a bill that is handed to a phone, on %s', (engine) => {
  beforeAll(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    bill = await world.shop.asks(eur(3_80))
    shown = taken(await begins())
  })

  const tab = () => browserTab(world.http, walletOrigin)
  const begins = (payment = bill) => tab().post(`/api/payments/${payment}/handoff`, handoffAnswer, {})
  const progress = (handle = shown.handle) => tab().get(`/api/handoffs/${handle}`, handoffProgressSchema)
  const looks = (secret = shown.secret) => tab().post('/api/handoffs/look', handedOffSchema, { secret })
  const says = (number: number, secret = shown.secret) =>
    tab().post('/api/handoffs/match', matchAnswer, { secret, number })
  const another = (number: number) => (number === 99 ? 10 : number + 1)

  it('tells the phone who asks for how much, but not which payment it is before the number is said', async () => {
    expect(taken(await looks())).toEqual({
      payee: { name: coffee.name, origin: coffee.origin },
      amount: eur(3_80),
      reference: expect.any(String),
    })
    expect(taken(await says(shown.number))).toEqual({ payment: bill })
  })

  it('tells the first screen how far it is, and of the payment its state alone', async () => {
    expect(taken(await progress())).toEqual({ state: 'open', payment: 'created' })
    taken(await says(shown.number))
    expect(taken(await progress())).toEqual({ state: 'matched', payment: 'created' })
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    expect(taken(await progress())).toEqual({ state: 'matched', payment: 'captured' })
  })

  it('ends with a wrong number, also for whoever knows the right one by then', async () => {
    expect(await says(another(shown.number))).toMatchObject(problem('handoff-refused'))
    expect(await says(shown.number)).toMatchObject(problem('handoff-over'))
    expect(await looks()).toMatchObject(problem('handoff-over'))
    expect(taken(await progress())).toEqual({ state: 'refused', payment: 'created' })
  })

  it('takes one number of many that are said at once', async () => {
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, index) => says(10 + index)))
    const over = guesses.filter((guess) => !guess.ok && guess.problem.code === 'handoff-over')
    expect(over).toHaveLength(19)
  })

  it('is of one phone: a second one that follows the same link is too late', async () => {
    taken(await says(shown.number))
    expect(await looks()).toMatchObject(problem('handoff-over'))
    expect(await says(shown.number)).toMatchObject(problem('handoff-over'))
  })

  it('is over after five minutes', async () => {
    expect(shown.expiresAtMs - shown.nowMs).toBe(minutes(5))
    world.clock.advance(minutes(5))
    expect(await looks()).toMatchObject(problem('handoff-over'))
    expect(await says(shown.number)).toMatchObject(problem('handoff-over'))
    expect(taken(await progress())).toEqual({ state: 'over', payment: 'created' })
  })

  it('is never longer than the payment', async () => {
    world.clock.advance(minutes(28))
    const late = taken(await begins())
    expect(late.expiresAtMs - late.nowMs).toBe(minutes(2))
    world.clock.advance(minutes(2))
    expect(await begins()).toMatchObject(problem('payment-expired'))
    expect(taken(await progress(late.handle))).toEqual({ state: 'over', payment: 'expired' })
  })

  it('is begun five times for a payment and no oftener, also where many begin at once', async () => {
    const more = await Promise.all(Array.from({ length: 10 }, () => begins()))
    expect(more.filter(({ ok }) => ok)).toHaveLength(4)
    for (const answer of more) if (!answer.ok) expect(answer).toMatchObject(problem('handoffs-too-many'))
    taken(await begins(await world.shop.asks(eur(3_80))))
  })

  it('is begun for what can still be paid', async () => {
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    expect(await begins()).toMatchObject(problem('payment-settled'))
    expect(await begins('pay_AAAAAAAAAAAAAAAAAAAAAA' as PaymentId)).toMatchObject(problem('payment-unknown'))
  })

  it('keeps its two secrets apart, and neither of them in the database', async () => {
    expect(await progress(shown.secret)).toMatchObject(problem('handoff-over'))
    expect(await looks(shown.handle)).toMatchObject(problem('handoff-over'))
    expect(await progress('guessed')).toMatchObject(problem('handoff-over'))
    expect(await world.textsThatBeginWith(shown.secret)).toBe(0)
    expect(await world.textsThatBeginWith(shown.handle)).toBe(0)
  })

  describe('and told about on a line', () => {
    const listens = async (handle = shown.handle) => listening(await tab().downloads(`/api/handoffs/${handle}/events`))

    it('at once, and whenever something changes, until nothing more can follow', async () => {
      const line = await listens()
      expect(await line.next()).toEqual({ state: 'open', payment: 'created' })
      await world.tells()
      taken(await says(shown.number))
      await world.tells()
      expect(await line.next()).toEqual({ state: 'matched', payment: 'created' })
      expect(outcomeOf(await ada.pays(bill))).toBe('captured')
      await world.tells()
      expect(await line.next()).toEqual({ state: 'matched', payment: 'captured' })
      expect(await line.next()).toBeNull()
    })

    it('by a process that the phone does not speak to', async () => {
      const other = await world.open()
      const line = listening(await other.fetch(new Request(`${walletOrigin}/api/handoffs/${shown.handle}/events`)))
      await line.next()
      taken(await says(shown.number))
      await tellsOutward(other)
      expect(await line.next()).toEqual({ state: 'matched', payment: 'created' })
      await other.close()
      expect(await line.next()).toBeNull()
    })

    it('every fifteen seconds, so that nobody takes the line for dead', async () => {
      const line = await listens()
      const first = await line.next()
      world.clock.advance(15_000)
      await world.tells()
      expect(await line.next()).toEqual(first)
      await line.leaves()
    })

    it('on two lines at most', async () => {
      const lines = [await listens(), await listens()]
      expect(await progressOnLine()).toMatchObject(problem('too-many-requests'))
      for (const line of lines) await line.leaves()
      await (await listens()).leaves()
    })
    const progressOnLine = () => tab().get(`/api/handoffs/${shown.handle}/events`, handoffProgressSchema)

    it('not to whoever has no handle', async () => {
      const path = `/api/handoffs/${'A'.repeat(22)}/events`
      expect(await tab().get(path, handoffProgressSchema)).toMatchObject(problem('handoff-over'))
    })

    it('through proxies that would hold it back, and kept by nobody', async () => {
      const response = await tab().downloads(`/api/handoffs/${shown.handle}/events`)
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      expect(response.headers.get('x-accel-buffering')).toBe('no')
      expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
      await response.body?.cancel()
    })

    it('no longer than the process has: who stops it does not wait', async () => {
      const line = await listens()
      await line.next()
      await world.tells({ aborted: true })
      expect(await line.next()).toBeNull()
      const another = await listens()
      await another.next()
      await world.restarts()
      expect(await another.next()).toBeNull()
    })
  })

  it('is the same after a restart, and forgotten an hour after it ended', async () => {
    await world.restarts()
    expect(taken(await progress())).toEqual({ state: 'open', payment: 'created' })
    world.clock.advance(minutes(64))
    await world.sweeps()
    expect(await progress()).toMatchObject(problem('handoff-over'))
  })
})

/** What a browser hears of server-sent events (HTML §9.2), one after the other. */
function listening(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  return {
    /** @returns null where the line has ended */
    async next(): Promise<unknown> {
      while (!heard.includes('\n\n')) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) return null
        heard += value
      }
      const end = heard.indexOf('\n\n')
      const message = heard.slice(0, end)
      heard = heard.slice(end + 2)
      return JSON.parse(message.replace(/^data: /, ''))
    },
    leaves: async () => reader?.cancel(),
  }
}
