import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, undisturbed, unreachable } from './payment-world.ts'

const refusalsMax = 5
const hourMs = 60 * 60_000

let world: PaymentWorld
let eve: SoftwarePayer
beforeEach(async () => {
  world = await openPaymentWorld()
  eve = world.newcomer('eve')
  taken(await eve.takesName())
})
afterEach(() => world.close())

describe('somebody who tries cards', () => {
  async function adds(card: CardDetails): Promise<string> {
    const answer = await eve.addsCard(card)
    return answer.ok ? 'added' : answer.problem.code
  }
  const guesses = () => adds(cardThat.hasAnotherCode)
  async function usesUpTheirTries(): Promise<void> {
    for (let refusal = 1; refusal <= refusalsMax; refusal += 1) expect(await guesses()).toBe('card-refused')
  }

  it('may be wrong five times, and then learns nothing more for an hour: not even that they are right', async () => {
    await usesUpTheirTries()
    const asked = world.asked.length
    expect(await guesses()).toBe('too-many-requests')
    expect(await adds(cardThat.pays)).toBe('too-many-requests')
    expect(world.asked).toHaveLength(asked)
    world.clock.advance(hourMs)
    taken(await eve.signsIn())
    expect(taken(await eve.addsCard(cardThat.pays)).cards).toHaveLength(1)
  })

  it('is not asked about more often at the bank by trying all at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, guesses))
    expect(outcomes.filter((outcome) => outcome === 'card-refused')).toHaveLength(refusalsMax)
    expect(outcomes.filter((outcome) => outcome === 'too-many-requests')).toHaveLength(20 - refusalsMax)
  })

  it('learns nothing more in a checkout either', async () => {
    await usesUpTheirTries()
    const bill = await world.shop.asks(eur(12_50))
    const answer = await eve.confirms(bill, await eve.signs(bill, { newCard: cardThat.pays }))
    expect(outcomeOf(answer)).toBe('too-many-requests')
  })

  it('slows nobody else down', async () => {
    await usesUpTheirTries()
    expect(taken(await (await world.payer('ada')).signsIn()).cards).toHaveLength(1)
  })

  it('is not taken for one because the bank was away, or because they have many cards', async () => {
    world.withBank(unreachable)
    for (let tries = 0; tries <= refusalsMax; tries += 1) expect(await guesses()).toBe('bank-unreachable')
    world.withBank(undisturbed)
    for (let cards = 0; cards <= refusalsMax; cards += 1) taken(await eve.addsCard(cardThat.pays))
  })
})
