import {
  type CreatePaymentRequest,
  type MerchantPayment,
  merchantPaymentSchema,
} from '../../shared/wire/merchant-api.ts'
import { type Answer, readAnswer } from '../support/http.ts'
import { payOrigin } from './prepared.ts'
import { attempt, type Order, type Ordered, type OrderKind, type Shop, type Stage } from './stage.ts'

const attemptsMax = 4

/** A shop's server: asks again under the same key until it is answered, as the API's documentation tells it to. */
export function shopkeeper(stage: Stage, shop: Shop) {
  const { dice, scheduler, notes } = stage

  async function ask(method: string, path: string, key: string, body?: object): Promise<Answer<MerchantPayment>> {
    const headers = new Headers({ authorization: `Bearer ${shop.apiKey}` })
    if (method === 'POST') {
      headers.set('idempotency-key', key)
      headers.set('content-type', 'application/json')
    }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    return readAnswer(await stage.http(new Request(new URL(path, payOrigin), init)), merchantPaymentSchema)
  }

  function heard(answer: Answer<MerchantPayment> | null): void {
    if (!answer?.ok) return
    const { id, state, amount } = answer.value
    notes.told.push({ who: shop.name, payment: id, state, minor: amount.minor })
  }

  async function insist(path: string, key: string, body: object): Promise<Answer<MerchantPayment> | null> {
    for (let tries = 0; tries < attemptsMax; tries += 1) {
      const answer = await attempt(() => ask('POST', path, key, body))
      heard(answer)
      if (answer !== null && isFinal(answer)) return answer
      await scheduler.sleep(dice.between(100, 8_000))
    }
    return null
  }

  return {
    async sells(reference: string, minor: number, capture: 'automatic' | 'manual'): Promise<Order | null> {
      const bill: CreatePaymentRequest = {
        amount: { minor, currency: 'EUR' },
        reference,
        successUrl: `${shop.origin}/orders/1`,
        cancelUrl: `${shop.origin}/orders/1`,
        capture,
        expiresInSeconds: dice.pick([60, 60, 120, 600]),
      }
      const created = await insist('/v1/payments', `create-${reference}`, bill)
      if (!created?.ok) return null
      const { id, expiresAtMs } = created.value
      return { shop, payment: id, minor, expiresAtMs }
    },

    /** @returns null where no answer came */
    async looksAt({ payment }: Order): Promise<MerchantPayment['state'] | null> {
      const answer = await attempt(() => ask('GET', `/v1/payments/${payment}`, ''))
      heard(answer)
      return answer?.ok ? answer.value.state : null
    },

    async cancels({ payment }: Order): Promise<void> {
      await insist(`/v1/payments/${payment}/cancel`, `cancel-${payment}`, {})
    },

    /** @param key names the order: however often it is sent, it is carried out once */
    async orders(kind: OrderKind, { payment, minor: most }: Order, key: string): Promise<void> {
      const minor = kind === 'void' || dice.chance(0.2) ? null : dice.pick([most, dice.between(1, most)])
      const path = `/v1/payments/${payment}/${kind}`
      const body = minor === null ? {} : { amountMinor: minor }
      const answers = await Promise.all([insist(path, key, body), dice.chance(0.2) ? insist(path, key, body) : null])
      notes.ordered.push({ kind, payment, minor, outcome: outcomeOf(answers) })
    },
  }
}

export type Shopkeeper = ReturnType<typeof shopkeeper>

/** A refusal by the payment server leaves the key free, so that an earlier copy of the order may still be carried out. */
function outcomeOf(answers: readonly (Answer<MerchantPayment> | null)[]): Ordered['outcome'] {
  if (answers.some((answer) => answer?.ok)) return 'done'
  const isRefused = answers.some((answer) => answer?.ok === false && answer.problem.code === 'bank-declined')
  return isRefused ? 'refused' : 'unknown'
}

const notYet: readonly string[] = ['idempotency-key-in-use', 'payment-in-progress']

/** Whether asking again could bring another answer: something broke, or is under way. */
const isFinal = (answer: Answer<MerchantPayment>): boolean =>
  answer.ok ? answer.value.pending === undefined : answer.problem.status < 500 && !notYet.includes(answer.problem.code)
