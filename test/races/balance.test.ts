import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { engines, openRaceWorld, type RaceWorld, roundsOf, tally } from './race-world.ts'

const rounds = roundsOf(100)
const atOnce = 200
const allowed = 10
const price = eur(1_00)

describe.each(engines)('an account with money for ten payments, on %s', (engine) => {
  let world: RaceWorld
  beforeAll(async () => {
    world = await openRaceWorld(engine)
  })
  afterAll(() => world.close())

  it('pays ten of two hundred that are confirmed at once', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const ada = await world.payer(`ada-${round}`, eur(allowed * price.minor))
      const bills = await world.bills(atOnce, price)
      const signed = await Promise.all(bills.map(async (bill) => ({ bill, tap: await ada.signs(bill) })))
      const answers = await Promise.all(signed.map(({ bill, tap }) => ada.confirms(bill, tap)))
      expect(tally(answers.map(outcomeOf))).toEqual({ captured: allowed, declined: atOnce - allowed })
      expect(await world.bank.balanceOf(ada)).toBe(0)
    }
    expect(await world.bank.check()).toEqual({ sumsToZero: true, transactions: rounds * (1 + allowed) })
    console.log(
      `balance, ${engine} (instances: ${world.instances}): ${rounds} rounds of ${atOnce} at once, ${allowed} paid in each`,
    )
  })
})
