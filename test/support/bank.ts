import { z } from 'zod'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import type { CardId, PaymentId } from '../../shared/identifiers.ts'
import { type Http, readAnswer, taken } from './http.ts'
import type { Amount } from './merchant.ts'
import type { SoftwarePayer } from './payer.ts'

const issuedSchema = z.object({
  number: z.string().transform(parseCardNumber),
  expiry: z.object({ month: z.int(), year: z.int() }),
  code: z.string(),
  account: z.string(),
})
const accountSchema = z.object({
  kind: z.string(),
  currency: z.string(),
  balanceMinor: z.int(),
  availableMinor: z.int(),
})
const enrolmentSchema = z.object({ accounts: z.array(accountSchema), isFrozen: z.boolean(), isBound: z.boolean() })
const postingsSchema = z.object({
  transactions: z.array(
    z.object({ kind: z.string(), postings: z.array(z.object({ kind: z.string(), minor: z.int() })) }),
  ),
})
const checkSchema = z.object({ sumsToZero: z.boolean(), transactions: z.int() })

/** Looks into the bank through the simulator's own door, as its console does. */
export function bankDriver(http: Http, origin: string) {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    taken(await readAnswer(await http(new Request(new URL(path, origin))), schema))

  /** Every transaction of the bank's books that is about this payment, and what its payee got by it. Minor units. */
  async function bookingsOf(payment: PaymentId): Promise<{ kind: string; minor: number }[]> {
    const { transactions } = await get(`/simulator/postings?payment=${payment}`, postingsSchema)
    const toPayee = (postings: z.output<typeof postingsSchema>['transactions'][number]['postings']) =>
      postings.filter(({ kind }) => kind === 'payee').reduce((sum, { minor }) => sum + minor, 0)
    return transactions.map(({ kind, postings }) => ({ kind, minor: toPayee(postings) }))
  }

  return {
    /** Hands a request to the bank as it came, whoever sent it. */
    receives: http,

    /** A new card with money of its own. @param does what every payment with it is answered */
    async issuesCard(balance: Amount, does?: DeclineReason): Promise<CardDetails> {
      const request = new Request(new URL('/simulator/cards', origin), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ balance, kind: 'debit', does }),
      })
      const { number, expiry, code } = taken(await readAnswer(await http(request), issuedSchema))
      return { number, expiry, code, name: 'ADA LOVELACE' }
    },

    /** What is left on the account behind the payer's first card. Minor units. */
    async balanceOf(payer: SoftwarePayer): Promise<number> {
      const [card] = await payer.cards()
      const { accounts } = await get(`/simulator/enrolments/${card?.id}`, enrolmentSchema)
      return accounts.reduce((sum, account) => sum + account.balanceMinor, 0)
    },

    /** How a card stands at the bank: whether it is frozen, and whether a passkey is bound to it. */
    async standingOf(card: CardId): Promise<{ isFrozen: boolean; isBound: boolean }> {
      const { isFrozen, isBound } = await get(`/simulator/enrolments/${card}`, enrolmentSchema)
      return { isFrozen, isBound }
    },

    /** What payees have got for this payment, by the bank's books. Minor units. */
    takenBy: async (payment: PaymentId): Promise<number> =>
      (await bookingsOf(payment)).reduce((sum, { minor }) => sum + minor, 0),

    bookingsOf,

    /** What a cardholder does on the page where the bank asks about a recovery. @param shown the card they have, or null for no */
    async hears(url: string, shown: CardDetails | null): Promise<number> {
      const page = new URL(new URL(url).pathname, origin)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return (await http(new Request(page, { method: 'POST', headers, body: typedOnPage(shown) }))).status
    },

    check: () => get('/simulator/check', checkSchema),
  }
}
export type BankDriver = ReturnType<typeof bankDriver>

/** The form of that page. */
export function typedOnPage(shown: CardDetails | null): string {
  if (shown === null) return 'said=no'
  const { number, expiry, code } = shown
  const typed = { said: 'yes', number, expiry: `${String(expiry.month).padStart(2, '0')}/${expiry.year}`, code }
  return new URLSearchParams(typed).toString()
}

/** The code that is not on the card. */
export const withWrongCode = (card: CardDetails): CardDetails => ({
  ...card,
  code: card.code === '111' ? '222' : '111',
})
