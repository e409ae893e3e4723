import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { engines, openRaceWorld, type RaceWorld, roundsOf, tally, times } from './race-world.ts'

const rounds = roundsOf(200)
const atOnce = 50
/** How many different confirmations the fifty are: one sent fifty times, fifty sent once each, and between. */
const mixes = [1, 2, 5, 10, 25, 50]
const price = eur(1_00)

describe.each(engines)('a bill confirmed many times at once, on %s', (engine) => {
  let world: RaceWorld
  let ada: SoftwarePayer
  beforeAll(async () => {
    world = await openRaceWorld(engine)
    ada = await world.payer('ada', eur(1_000_000_00))
  })
  afterAll(() => world.close())

  it('is booked once', async () => {
    const met: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const bill = await world.shop.asks(price)
      const signed = await Promise.all(times(mixes[round % mixes.length] ?? 1, () => ada.signs(bill)))
      const taps = times(atOnce, (index) => signed[index % signed.length] ?? signed[0])
      const answers = await Promise.all(taps.flatMap((tap) => (tap === undefined ? [] : [ada.confirms(bill, tap)])))
      const outcomes = answers.map(outcomeOf)
      met.push(...outcomes)
      expect(outcomes).toHaveLength(atOnce)
      expect(outcomes).toContain('captured')
      expect(await world.bank.bookingsOf(bill)).toEqual([{ kind: 'capture', minor: price.minor }])
      expect(await world.shop.sees(bill)).toMatchObject({ state: 'captured', capturedMinor: price.minor })
    }
    const counts = tally(met)
    // Nobody is told that it failed for a reason that it did not.
    expect(Object.keys(counts).filter((outcome) => !harmless.includes(outcome))).toEqual([])
    expect(await world.bank.balanceOf(ada)).toBe(1_000_000_00 - rounds * price.minor)
    console.log(`double tap, ${engine} (instances: ${world.instances}): ${rounds} rounds of ${atOnce} at once`, counts)
  })
})

const harmless = ['captured', 'payment-in-progress', 'payment-settled', 'intent-consumed']
