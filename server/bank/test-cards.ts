import type { CardBrand } from '../../shared/card.ts'
import { brandOf, type CardNumber, parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'

/** A number anybody may use with the simulator. Any expiry to come, any name, any code of the right length but zeros. */
export type TestCard = {
  readonly number: CardNumber
  readonly brand: CardBrand
  /** One sentence for people. */
  readonly does: string
  readonly kind: 'debit' | 'credit'
  /** What a new account behind it starts with, or for credit may go below zero. Whole units of any currency. */
  readonly openingMajor: number
  /** What every payment with it is answered. */
  readonly declines?: DeclineReason
  /** The most that the bank lets one payment take. Whole units of any currency. */
  readonly limitMajor?: number
  /** Whether the bank asks the cardholder, on its own page, before it pays. */
  readonly asksCardholder?: true
  /** The only name it is accepted with. */
  readonly cardholder?: string
}

const openingMajor = 1_000

function testCard(number: string, does: string, more: Partial<TestCard> = {}): TestCard {
  const parsed = parseCardNumber(number)
  return { number: parsed, brand: brandOf(parsed), does, kind: 'debit', openingMajor, ...more }
}

const declined = (number: string, reason: DeclineReason, does: string) => testCard(number, does, { declines: reason })

export const testCards: readonly TestCard[] = [
  testCard('4111111111111111', 'Pays, from an account that starts with 1,000.'),
  testCard('5555555555554444', 'Pays, from an account that starts with 1,000.'),
  testCard('378282246310005', 'Pays, on a credit line of 1,000.', { kind: 'credit' }),
  testCard('6200000000000005', 'Pays, from an account that starts with 1,000.'),
  testCard('3566002020360505', 'Pays, from an account that starts with 1,000.'),
  testCard('4000056655665556', 'Pays until its account, which starts with 10, is empty.', { openingMajor: 10 }),
  testCard('4012888888881881', 'Is accepted only in the name of Ada Lovelace; then it pays.', {
    cardholder: 'Ada Lovelace',
  }),
  testCard('4000000000006975', 'Pays up to 50 at a time; above it the bank’s own limit declines.', { limitMajor: 50 }),
  testCard('4000002500003155', 'Pays once its holder has said yes on the bank’s own page.', { asksCardholder: true }),
  declined('4000000000009995', 'insufficient-funds', 'Declines: there is not enough money.'),
  declined('4000000000000002', 'do-not-honor', 'Declines without a reason.'),
  declined('4000000000009987', 'lost-card', 'Declines: it was reported lost.'),
  declined('4000000000009979', 'stolen-card', 'Declines: it was reported stolen.'),
  declined('4000000000000069', 'expired-card', 'Declines: it has expired, whatever is typed.'),
  declined('4100000000000019', 'suspected-fraud', 'Declines: the bank suspects fraud.'),
]

export const findTestCard = (number: CardNumber): TestCard | undefined =>
  testCards.find((card) => card.number === number)

/** Codes that a test card is refused with, so that a wrong code can be tried. */
export const isWrongTestCode = (code: string): boolean => /^0+$/.test(code)
