import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { engines, openRaceWorld, type RaceWorld, roundsOf, tally, times } from './race-world.ts'

const rounds = roundsOf(100)
const atOnce = 200
const allowed = 10
const part = eur(1_00)
const whole = eur(allowed * part.minor)
const expected = { done: allowed, exceeds: atOnce - allowed }

describe.each(engines)('a shop that asks two hundred times at once for a tenth of a payment, on %s', (engine) => {
  let world: RaceWorld
  let ada: SoftwarePayer
  beforeAll(async () => {
    world = await openRaceWorld(engine)
    ada = await world.payer('ada', eur(1_000_000_00))
  })
  afterAll(() => world.close())

  const outcomes = async (ask: () => ReturnType<RaceWorld['shop']['refunds']>): Promise<Record<string, number>> => {
    const answers = await Promise.all(times(atOnce, ask))
    return tally(answers.map((answer) => (answer.ok ? 'done' : answer.problem.code.replace(/^(capture|refund)-/, ''))))
  }

  it('captures ten, and gives back ten', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const bill = taken(await world.shop.creates(whole, { capture: 'manual' })).id
      taken(await ada.pays(bill))
      expect(await outcomes(() => world.shop.captures(bill, part.minor))).toEqual(expected)
      expect(await world.bank.takenBy(bill)).toBe(whole.minor)
      expect(await outcomes(() => world.shop.refunds(bill, part.minor))).toEqual(expected)
      expect(await world.bank.takenBy(bill)).toBe(0)
      const books = { state: 'refunded', capturedMinor: whole.minor, refundedMinor: whole.minor }
      expect(await world.shop.sees(bill)).toMatchObject(books)
      expect(await world.bank.bookingsOf(bill)).toHaveLength(2 * allowed)
    }
    expect(await world.bank.balanceOf(ada)).toBe(1_000_000_00)
    console.log(
      `captures and refunds, ${engine} (instances: ${world.instances}): ${rounds} rounds of ${atOnce} at once, ${allowed} of each`,
    )
  })
})
