import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { type Fault, openWorld, type World } from '../support/world.ts'

const requestLost: Fault = async () => {
  throw new TypeError('connection refused')
}
const answerLost: Fault = async (ask, request) => {
  await ask(request)
  throw new TypeError('connection reset')
}
const answerOf =
  (make: (answer: string) => Response): Fault =>
  async (ask, request) =>
    make(await (await ask(request)).text())
const jose = { headers: { 'content-type': 'application/jose' } }

describe.each(['sqlite', 'postgres'] as const)('a missing answer of the bank, on %s', (engine) => {
  let world: World
  let ada: SoftwarePayer
  beforeEach(async () => {
    world = await openWorld(engine)
    ada = await world.payer('ada', { balance: eur(100_00) })
  })
  afterEach(() => world.close())

  const coffee = () => world.merchant('Bluebird Coffee')
  const whileBankIsAway = (exchanges: number, fault: Fault) => {
    for (let exchange = 0; exchange < exchanges; exchange += 1) world.faults.push(fault)
  }
  /** Lets time pass and the worker work, until nothing is open. */
  async function settles(bill: Awaited<ReturnType<ReturnType<typeof coffee>['asks']>>): Promise<string> {
    for (let minute = 0; minute < 30; minute += 1) {
      world.clock.advance(60_000)
      await world.payment.tick()
      const { state } = await ada.sees(bill)
      if (state !== 'unknown' && state !== 'approving') return state
    }
    return 'still open after half an hour'
  }

  it.each<[string, Fault]>([
    ['lost on its way back', answerLost],
    ['cut short', answerOf((answer) => new Response(answer.slice(0, 40), jose))],
    ['not of the bank', answerOf(() => new Response('<html>Bad gateway</html>', { status: 502 }))],
    [
      'changed on its way',
      answerOf(
        (answer) =>
          new Response(
            answer.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
            jose,
          ),
      ),
    ],
  ])('is asked for again: %s', async (_how, fault) => {
    whileBankIsAway(1, fault)
    const bill = await coffee().asks(eur(12_50))
    const first = outcomeOf(await ada.pays(bill))
    expect(['captured', 'unknown']).toContain(first)
    expect(first === 'captured' ? first : await settles(bill)).toBe('captured')
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('is called unknown while the bank is away, and settled when it is back', async () => {
    whileBankIsAway(3, answerLost)
    const bill = await coffee().asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    expect(await coffee().sees(bill)).toMatchObject({ state: 'unknown' })
    expect(await settles(bill)).toBe('captured')
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('never lets the payer pay again in the meantime', async () => {
    whileBankIsAway(6, answerLost)
    const bill = await coffee().asks(eur(12_50))
    const second = await ada.signs(bill)
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    expect(outcomeOf(await ada.confirms(bill, second))).toBe('payment-in-progress')
    expect(await settles(bill)).toBe('captured')
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('of a question that never arrived ends without money, however late the question comes', async () => {
    let late: Request | undefined
    world.faults.push(async (_ask, request) => {
      late = request.clone()
      throw new TypeError('timed out')
    })
    whileBankIsAway(1, requestLost)
    const bill = await coffee().asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    expect(['declined', 'voided']).toContain(await settles(bill))
    if (late !== undefined) await world.bank.receives(late)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })
})
