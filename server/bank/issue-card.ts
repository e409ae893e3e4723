import { base64url } from '../../shared/bytes.ts'
import { type CardNumber, faceOf, parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import type { Currency } from '../../shared/money.ts'
import { passesLuhn } from '../../shared/script/luhn.ts'
import type { RandomBytes } from '../runtime/room.ts'
import type { Bank } from './bank.ts'
import { numberHash, openFunded, printedCodeHash } from './known-card.ts'
import { encryptForOneself } from './own-jwe.ts'

type IssueRequest = {
  /** Debit: what the account starts with. Credit: how far it may go below zero. */
  readonly balance: { readonly minor: number; readonly currency: Currency }
  readonly kind: 'debit' | 'credit'
  /** The cardholder's: the card is accepted in no other. Absent: in any. */
  readonly name?: string | undefined
  /** What every payment with it is to be answered; absent: whatever its account allows. */
  readonly does?: DeclineReason | undefined
  /** Whether the bank asks the cardholder, on its own page, before the card pays. */
  readonly asksCardholder: boolean
}
type IssuedCard = {
  readonly number: CardNumber
  readonly expiry: { readonly month: number; readonly year: number }
  readonly code: string
  readonly account: string
}

const yearsValid = 4

/** Makes a card with an account of its own. Its number and code are told here once, and then known to the cardholder alone. */
export async function issueCard(bank: Bank, request: IssueRequest): Promise<IssuedCard> {
  const nowMs = bank.clock.nowMs()
  const number = newNumber(bank.random)
  const expiry = { month: 12, year: new Date(nowMs).getUTCFullYear() + yearsValid }
  const code = digits(bank.random, 3)
  const holder = `cardholder_${base64url(bank.random(16))}`
  const { brand, last4 } = faceOf(number)
  const { minor, currency } = request.balance
  const account = await bank.database.inTransaction(async (transaction) => {
    await transaction
      .insertInto('issued_card')
      .values({
        number_hash: numberHash(bank, number),
        number_encrypted: encryptForOneself('moniker-number+jwe', number, bank.keys.records, bank.random),
        brand,
        last4,
        expiry_month: expiry.month,
        expiry_year: expiry.year,
        code_hash: printedCodeHash(bank, number, code),
        holder,
        name: request.name ?? null,
        does: request.does ?? null,
        asks_cardholder: request.asksCardholder ? 1 : 0,
        issued_at_ms: nowMs,
      })
      .execute()
    return openFunded(bank, transaction, {
      holder,
      kind: request.kind,
      currency,
      label: `Card •••• ${last4}`,
      creditLineMinor: request.kind === 'credit' ? minor : 0,
      openingMinor: request.kind === 'credit' ? 0 : minor,
    })
  })
  return { number, expiry, code, account }
}

// 4999 99: of Visa's range, and not one of the test cards'.
const issuerIdentification = '499999'

/** Sixteen digits, the last of which makes them pass ISO/IEC 7812-1 Annex B. Nine random ones: two cards do not meet. */
function newNumber(random: RandomBytes): CardNumber {
  const body = issuerIdentification + digits(random, 9)
  const checkDigit = [...'0123456789'].find((digit) => passesLuhn(body + digit)) ?? ''
  return parseCardNumber(body + checkDigit)
}

/** Bytes above 249 are drawn again, so that every digit is as likely as another. */
function digits(random: RandomBytes, count: number): string {
  let drawn = ''
  while (drawn.length < count) {
    drawn += [...random(count)].flatMap((byte) => (byte < 250 ? [String(byte % 10)] : [])).join('')
  }
  return drawn.slice(0, count)
}
