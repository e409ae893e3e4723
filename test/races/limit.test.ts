/** At the bank's own door: a limit that the payer signed holds, whatever a payment server lets pass. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { SetLimitIntent } from '../../shared/intent.ts'
import { type BankPayer, bankPayer } from '../bank/bank-payer.ts'
import { type BankWorld, engines, eur, openBankWorld } from '../bank/bank-world.ts'
import { roundsOf, tally, times } from './race-world.ts'

const rounds = roundsOf(100)
const atOnce = 200
const allowed = 10
const price = eur(1_00)

describe.each(engines)('a daily limit of ten payments, on %s', (engine) => {
  let world: BankWorld
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())

  async function limitedCard(): Promise<{ ada: BankPayer; record: CardRecord }> {
    const ada = await bankPayer(world)
    const { number, expiry, code } = await world.simulator.issue(atOnce * price.minor)
    const record = await ada.enrols({ number, expiry, code, name: 'ADA LOVELACE' })
    const { card, payer } = ada
    const perDayMinor = allowed * price.minor
    const intent: SetLimitIntent = {
      v: 1,
      purpose: 'set-limit',
      nonce: base64url(world.random(32)),
      notAfter: world.clock.nowMs() + 300_000,
      card,
      payer,
      change: 1,
      limits: { currency: price.currency, perPaymentMinor: null, perDayMinor, perMonthMinor: null },
    }
    const evidence = { intent, assertion: await ada.sign(intent) }
    expect(await world.asks.limit({ card, payer, record, evidence })).toMatchObject({ outcome: 'limited' })
    return { ada, record }
  }

  it('lets ten of two hundred pass that come at once, taken at once or set aside', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { ada, record } = await limitedCard()
      const capture = (index: number) => (index % 2 === 0 ? 'automatic' : 'manual')
      const bodies = await Promise.all(
        times(atOnce, (index) => ada.authorization(record, ada.bill(price), { capture: capture(index) })),
      )
      const answers = await Promise.all(bodies.map((body) => world.asks.authorize(body)))
      const outcomes = tally(answers.map((answer) => (answer.outcome === 'declined' ? answer.reason : answer.outcome)))
      expect(outcomes).toEqual({ approved: allowed, 'limit-exceeded': atOnce - allowed })
      const left = (await world.simulator.accountsBehind(ada.card)).map(({ availableMinor }) => availableMinor)
      expect(left).toEqual([(atOnce - allowed) * price.minor])
    }
    console.log(`daily limit, ${engine}: ${rounds} rounds of ${atOnce} at once, ${allowed} approved in each`)
  })
})
