import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { systemRandom } from '../../server/runtime/room.ts'
import type { MerchantId, PaymentId } from '../../shared/identifiers.ts'
import { challengeOf } from '../../shared/intent.ts'
import { merchantPaymentSchema } from '../../shared/wire/merchant-api.ts'
import { billSchema, payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { bankDriver } from '../support/bank.ts'
import { type Http, readAnswer, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { type Connections, connections } from './connection.ts'
import type { Rooms } from './rooms.ts'

/** Of every payment. */
const amount = eur(4_20)
const balance = eur(1_000_000_00)
/** Enrolments and bills are made so many at a time. */
const preparedAtOnce = 8

/** A stretch of payments, all alike. */
export type Stretch = {
  readonly concurrency: number
  readonly payments: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly serverCpuMicros: number
}

/** Payers, a merchant and the bank's books, over real sockets. */
export function load(rooms: Rooms) {
  const { payment, bank, merchant } = rooms
  const bankOrigin = `http://127.0.0.1:${bank.port}`
  // Payers' pages and names of theirs are at an origin that only their browsers know.
  const atPayment: Http = (request) =>
    fetch(new Request(new URL(new URL(request.url).pathname, `http://127.0.0.1:${payment.port}`), request))
  const books = bankDriver(fetch, bankOrigin)

  async function enrolled(index: number): Promise<SoftwarePayer> {
    const payer = softwarePayer({
      username: `payer-${index}`,
      http: atPayment,
      origin: payment.origin,
      rpId: payment.rpId,
      random: systemRandom,
    })
    taken(await payer.takesName())
    taken(await payer.addsCard(await books.issuesCard(balance)))
    return payer
  }

  const bill = (merchantDesk: Connections, index: number) =>
    merchantDesk.post(
      '/v1/payments',
      merchantPaymentSchema,
      {
        amount,
        reference: `order-${index}`,
        successUrl: `${merchant.origin}/orders/${index}`,
        cancelUrl: `${merchant.origin}/orders/${index}`,
      },
      { authorization: `Bearer ${merchant.apiKey}`, 'idempotency-key': randomUUID() },
    )

  /** What a payer's page asks of the payment server. @returns ms waited for its two answers */
  async function pay(line: Connections, payer: SoftwarePayer, id: PaymentId): Promise<Paid> {
    const { username, device } = payer
    const asked = await line.post(`/api/payments/${id}/intent`, payIntentAnswer, { username })
    const { intent } = asked.value
    const response = device.get({ challenge: await challengeOf(intent) })
    const confirmation = { username, intent, response }
    const answered = await line.post(`/api/payments/${id}/confirmation`, billSchema, confirmation)
    if (answered.value.state !== 'captured') throw new Error(`a payment ended ${answered.value.state}`)
    return { payee: intent.payee.id, waitedMs: asked.tookMs + answered.tookMs }
  }

  return {
    enrol: (count: number): Promise<SoftwarePayer[]> =>
      inLanes(
        preparedAtOnce,
        Array.from({ length: count }, (_, index) => index),
        enrolled,
      ),

    async bills(count: number): Promise<PaymentId[]> {
      const merchantDesk = connections(payment.port, {}, preparedAtOnce)
      const indices = Array.from({ length: count }, (_, index) => index)
      const made = await inLanes(preparedAtOnce, indices, (index) => bill(merchantDesk, index))
      merchantDesk.close()
      return made.map(({ value }) => value.id)
    },

    /** Pays all the bills, each by the next payer, so many at a time. */
    async pays(payers: readonly SoftwarePayer[], bills: readonly PaymentId[], concurrency: number) {
      const headers = { origin: payment.origin, 'sec-fetch-site': 'same-origin' }
      const line = connections(payment.port, headers, concurrency)
      const cpuBefore = await rooms.cpuMicros()
      const startedAtMs = performance.now()
      const paid = await inLanes(concurrency, bills, (id, index) => {
        const payer = payers[index % payers.length]
        if (payer === undefined) throw new RangeError('nobody to pay')
        return pay(line, payer, id)
      })
      const tookMs = performance.now() - startedAtMs
      const cpuMicros = (await rooms.cpuMicros()) - cpuBefore
      line.close()
      const waits = paid.map(({ waitedMs }) => waitedMs).sort((left, right) => left - right)
      const stretch: Stretch = {
        concurrency,
        payments: paid.length,
        perSecond: (paid.length * 1000) / tookMs,
        p50Ms: quantile(waits, 0.5),
        p99Ms: quantile(waits, 0.99),
        serverCpuMicros: cpuMicros / paid.length,
      }
      return { stretch, payees: new Set(paid.map(({ payee }) => payee)) }
    },

    /**
     * Compares the bank's books with what was paid.
     * @throws {Error} where they differ
     */
    async checkBooks(payees: ReadonlySet<MerchantId>, payments: number): Promise<string> {
      const balances = await Promise.all([...payees].map((payee) => balanceOfPayee(bankOrigin, payee)))
      const takenMinor = balances.reduce((sum, minor) => sum + minor, 0)
      const { sumsToZero } = await books.check()
      const sum = `${payments} payments × ${amount.minor} = ${payments * amount.minor}; the bank's books: ${takenMinor}`
      if (takenMinor !== payments * amount.minor || !sumsToZero) throw new Error(`Money went astray: ${sum}`)
      return `${sum}, and every booking sums to zero`
    },
  }
}

type Paid = { readonly payee: MerchantId; readonly waitedMs: number }

const payeeSchema = z.object({ accounts: z.array(z.object({ balanceMinor: z.int() })) })

async function balanceOfPayee(bankOrigin: string, payee: MerchantId): Promise<number> {
  const { accounts } = taken(await readAnswer(await fetch(`${bankOrigin}/simulator/payees/${payee}`), payeeSchema))
  return accounts.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)
}

/** So many at a time, never more and never fewer while there is work. @returns in the order of the work */
async function inLanes<T, R>(count: number, work: readonly T[], act: (item: T, index: number) => Promise<R>) {
  const results: R[] = []
  const queue = work.entries()
  async function lane(): Promise<void> {
    for (const [index, item] of queue) results[index] = await act(item, index)
  }
  await Promise.all(Array.from({ length: count }, lane))
  return results
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
