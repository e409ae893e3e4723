/** What the simulator promises of its cards, in the words in which it promises. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestCard, testCards } from '../../server/bank/test-cards.ts'
import type { CardRecord } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { type DeclineReason, declineCodes, declineReasons } from '../../shared/decline.ts'
import { type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, engines, eur, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let payer: BankPayer
let record: CardRecord
/** Where the cardholder is asked; null where nobody asks. */
let confirmation: string | null

async function enrols(details: CardDetails): Promise<string> {
  payer = await bankPayer(world)
  const answer = await world.asks.enrol(await payer.enrolment(details))
  if (answer.outcome === 'refused') return answer.reason
  record = answer.record
  confirmation = answer.confirmation?.url ?? null
  return answer.outcome
}
const asksFor = async (minor: number) => world.asks.authorize(await payer.authorization(record, payer.bill(eur(minor))))
/** What each of these payments comes to, in one word. */
async function pays(...amountsMinor: number[]): Promise<string[]> {
  const words: string[] = []
  for (const minor of amountsMinor) {
    const answer = await asksFor(minor)
    words.push(answer.outcome === 'declined' ? answer.reason : answer.outcome)
  }
  return words
}
const account = async () => (await world.simulator.accountsBehind(payer.card))[0]
const saysYes = () =>
  world.http(new URL(confirmation ?? '').pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'said=yes',
  })

const typed = ({ number, brand }: TestCard, change: Partial<CardDetails> = {}): CardDetails => ({
  number,
  expiry: { month: 12, year: 2029 },
  name: 'GRACE HOPPER',
  code: brand === 'amex' ? '1234' : '123',
  ...change,
})

const paysAThousand = async () => {
  expect(await pays(999_99, 2, 1, 1)).toEqual(['approved', 'insufficient-funds', 'approved', 'insufficient-funds'])
  expect(await account()).toMatchObject({ kind: 'debit', balanceMinor: 0, availableMinor: 0 })
}
const declines = (reason: DeclineReason) => async () => {
  expect(await asksFor(1)).toMatchObject({ outcome: 'declined', reason, responseCode: declineCodes[reason] })
}

/** A promise that is worded anew has to be kept anew. */
const promises: Readonly<Record<string, (card: TestCard) => Promise<void>>> = {
  'Pays, from an account that starts with 1,000.': paysAThousand,
  'Pays, on a credit line of 1,000.': async () => {
    expect(await pays(999_99, 2, 1, 1)).toEqual(['approved', 'insufficient-funds', 'approved', 'insufficient-funds'])
    expect(await account()).toMatchObject({ kind: 'credit', balanceMinor: -1_000_00, availableMinor: 0 })
  },
  'Pays until its account, which starts with 10, is empty.': async () => {
    expect(await pays(10_01, 6_00, 4_00, 1)).toEqual([
      'insufficient-funds',
      'approved',
      'approved',
      'insufficient-funds',
    ])
  },
  'Is accepted only in the name of Ada Lovelace; then it pays.': async (card) => {
    expect(await enrols(typed(card, { name: 'ADA KING' }))).toBe('invalid-card')
    expect(await enrols(typed(card, { name: 'ada lovelace' }))).toBe('enrolled')
    await paysAThousand()
  },
  'Pays up to 50 at a time; above it the bank’s own limit declines.': async () => {
    expect(await pays(50_01, 50_00, 50_00)).toEqual(['limit-exceeded', 'approved', 'approved'])
  },
  'Pays once its holder has said yes on the bank’s own page.': async () => {
    expect(await pays(1)).toEqual(['not-permitted'])
    await saysYes()
    await paysAThousand()
  },
  'Declines: there is not enough money.': declines('insufficient-funds'),
  'Declines without a reason.': declines('do-not-honor'),
  'Declines: it was reported lost.': declines('lost-card'),
  'Declines: it was reported stolen.': declines('stolen-card'),
  'Declines: it has expired, whatever is typed.': declines('expired-card'),
  'Declines: the bank suspects fraud.': declines('suspected-fraud'),
}
const inTheNameOf = (card: TestCard) => typed(card, card.cardholder === undefined ? {} : { name: card.cardholder })

describe.each(engines)('the simulator, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(() => world.clock.set(morning))

  describe('keeps what it promises of the test card', () => {
    it.each(testCards)('$number: $does', async (card) => {
      expect(await enrols(inTheNameOf(card))).toBe('enrolled')
      const promise = promises[card.does]
      if (promise === undefined) throw new Error('nobody looks whether this promise is kept')
      await promise(card)
    })

    it.each(testCards)('$number: that it asks its holder only where it says so', async (card) => {
      await enrols(inTheNameOf(card))
      expect(confirmation !== null).toBe(card.asksCardholder === true)
    })

    it.each(testCards)('$number: that zeros are a wrong code', async (card) => {
      const code = card.brand === 'amex' ? '0000' : '000'
      expect(await enrols({ ...inTheNameOf(card), code })).toBe('wrong-code')
    })
  })

  describe('issues a card', () => {
    const issued = async (options: Parameters<BankWorld['simulator']['issue']>[2] = {}): Promise<CardDetails> => {
      const { account: _account, ...card } = await world.simulator.issue(100_00, 'EUR', options)
      return { ...card, name: 'GRACE HOPPER' }
    }

    it.each(declineReasons)('that is declined as it is told, with the code of ISO 8583: %s', async (reason) => {
      await enrols(await issued({ does: reason }))
      await declines(reason)()
    })

    it('whose holder is asked, as it is told', async () => {
      expect(await enrols(await issued({ asksCardholder: true }))).toBe('enrolled')
      expect(await pays(1)).toEqual(['not-permitted'])
      await saysYes()
      expect(await pays(100_00, 1)).toEqual(['approved', 'insufficient-funds'])
    })

    it('whose holder is not asked, where nothing is said of it', async () => {
      await enrols(await issued())
      expect([confirmation, await pays(100_00)]).toEqual([null, ['approved']])
    })
  })
})
