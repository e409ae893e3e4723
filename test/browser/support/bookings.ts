import { z } from 'zod'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { type Currency, formatMoney, parseCurrency } from '../../../shared/money.ts'
import { nodeFetch } from './node-fetch.ts'

const currencySchema = z.string().transform(parseCurrency)
const transactionsSchema = z.object({
  transactions: z.array(
    z.object({
      kind: z.string(),
      postings: z.array(z.object({ account: z.string(), label: z.string(), minor: z.int(), currency: currencySchema })),
    }),
  ),
})
const accountSchema = z.object({ balanceMinor: z.int() })

/**
 * What the bank's books say of a payment, for people: one line a posting, with the balance after it.
 * @param bank the bank's origin
 */
export async function bookingsOf(bank: string, payment: PaymentId): Promise<string[]> {
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await nodeFetch(new URL(`/simulator/${path}`, bank))).json())
  const { transactions } = await read(`postings?payment=${payment}`, transactionsSchema)
  const lines = transactions.flatMap(({ kind, postings }) =>
    postings.map(async ({ account, label, minor, currency }) => {
      const { balanceMinor } = await read(`accounts/${account}`, accountSchema)
      return `${kind}: ${label} ${signed(minor, currency)}, balance ${signed(balanceMinor, currency)}`
    }),
  )
  return lines.length === 0 ? ['no money moved'] : Promise.all(lines)
}

const signed = (minor: number, currency: Currency): string =>
  `${minor < 0 ? '−' : ''}${formatMoney({ minor: Math.abs(minor), currency }, 'en')}`
