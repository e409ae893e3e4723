/** At the bank's own door, where it must hold whatever a payment server asks: parts of one payment, many of them at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CardRecord } from '../../shared/card.ts'
import { type BankPayer, bankPayer } from '../bank/bank-payer.ts'
import { type BankWorld, engines, eur, openBankWorld } from '../bank/bank-world.ts'
import { roundsOf, tally, times } from './race-world.ts'

const rounds = roundsOf(100)
const atOnce = 200
const allowed = 10
const part = eur(1_00)
const whole = eur(allowed * part.minor)

describe.each(engines)('ten parts of a payment, two hundred times at once, on %s', (engine) => {
  let world: BankWorld
  let ada: BankPayer
  let record: CardRecord
  beforeAll(async () => {
    world = await openBankWorld(engine)
    ada = await bankPayer(world)
    const { number, expiry, code } = await world.simulator.issue(rounds * whole.minor)
    record = await ada.enrols({ number, expiry, code, name: 'ADA LOVELACE' })
  })
  afterAll(() => world.close())

  async function authorized(capture: 'automatic' | 'manual'): Promise<string> {
    const answer = await world.asks.authorize(await ada.authorization(record, ada.bill(whole), { capture }))
    expect(answer).toMatchObject({ outcome: 'approved' })
    return answer.reference
  }
  const left = async () => (await world.simulator.accountsBehind(ada.card)).map(({ availableMinor }) => availableMinor)
  const takenSoFar = async () =>
    (await world.simulator.accountsOfPayee(ada.payee.id)).map(({ balanceMinor }) => balanceMinor)
  const expected = { done: allowed, 'invalid-amount': atOnce - allowed }

  it('are refunded ten times', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const reference = await authorized('automatic')
      const refund = (name: number) => world.asks.refund({ reference, name: `refund-${name}`, amount: part })
      const answers = await Promise.all(times(atOnce, refund))
      expect(tally(answers.map((answer) => (answer.outcome === 'refunded' ? 'done' : answer.reason)))).toEqual(expected)
      expect(await takenSoFar()).toEqual([0])
    }
    expect(await left()).toEqual([rounds * whole.minor])
    console.log(`refunds, ${engine}: ${rounds} rounds of ${atOnce} at once, ${allowed} given in each`)
  })

  it('are captured ten times', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const reference = await authorized('manual')
      const capture = (name: number) =>
        world.asks.capture({ reference, name: `capture-${name}`, amount: part, isFinal: false })
      const answers = await Promise.all(times(atOnce, capture))
      const outcomes = tally(answers.map((answer) => (answer.outcome === 'captured' ? 'done' : answer.reason)))
      expect(outcomes).toEqual(expected)
      expect(await takenSoFar()).toEqual([(round + 1) * whole.minor])
    }
    expect(await left()).toEqual([0])
    console.log(`captures, ${engine}: ${rounds} rounds of ${atOnce} at once, ${allowed} taken in each`)
  })
})
