import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { Problem } from '../../shared/problem.ts'
import { createPaymentRequest, type MerchantPayments } from '../../shared/wire/merchant-api.ts'
import { limitHeaders } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { Clock } from '../runtime/room.ts'
import { type ActOnce, type PaymentAct, paymentActs } from './act-on-payment.ts'
import type { ApiKeyStore, Caller } from './api-key-store.ts'
import { toMerchantPayment } from './bill.ts'
import type { Expiry } from './expire.ts'
import type { Idempotency } from './idempotency.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { ListPayments } from './list-payments.ts'
import { asks, idempotencyKeyOf, type MerchantEnvironment, queryOf } from './merchant-request.ts'
import { idOf, type Limits, noStore } from './payer-api.ts'
import type { Payment } from './payment-record.ts'
import type { RequestPayment } from './request.ts'
import { slowFailures } from './slow-failures.ts'
import { type WebhookApi, webhookApi } from './webhooks/webhook-api.ts'

export type MerchantApi = WebhookApi & {
  readonly origin: string
  readonly limits: Limits
  readonly clock: Clock
  readonly apiKeys: ApiKeyStore
  readonly idempotency: Idempotency
  readonly request: RequestPayment
  readonly bills: Expiry
  readonly actOnce: ActOnce
  readonly listPayments: ListPayments
  readonly pseudonyms: Pseudonyms
}

const json = { 'content-type': 'application/json' }
/** A merchant writes for all its customers: as much as so many callers may. */
const callersOfMerchant = 100
const bearerPattern = /^Bearer ([\x21-\x7e]{1,200})$/i

/** `shared/wire/merchant-api.ts`: what merchants' servers ask. */
export function merchantApi(acts: MerchantApi): Hono<MerchantEnvironment> {
  const { bills, clock, idempotency, limits, pseudonyms } = acts
  const limit = { burst: limits.burst * callersOfMerchant, perMinute: limits.perMinute * callersOfMerchant }
  // Apart, so that a shop which looks too often can still take money.
  const limited = { read: limitHeaders('read', limit, clock), write: limitHeaders('write', limit, clock) }
  const toMerchant = (payment: Payment) => toMerchantPayment(payment, acts.origin, pseudonyms)
  const toJson = (payment: Payment) => JSON.stringify(toMerchant(payment))

  const authenticated = createMiddleware<MerchantEnvironment>(async (context, next) => {
    const [, apiKey] = bearerPattern.exec(context.req.header('authorization') ?? '') ?? []
    if (apiKey === undefined) throw new Problem('api-key-refused')
    const merchant = await acts.apiKeys.callerWith(apiKey)
    limited[context.req.method === 'GET' ? 'read' : 'write'](context, merchant.id)
    context.set('merchant', merchant)
    await next()
  })

  /** Of strangers, only who guesses keys is slowed down. */
  const guessersSlowed = slowFailures(clock, { failuresMax: limits.burst, codes: ['api-key-refused'] })

  /** @throws {Problem} `payment-unknown`, also for another merchant's, or one of the other mode */
  function own(payment: Payment, { id, mode }: Caller): Payment {
    if (payment.payee.id !== id || payment.mode !== mode) throw new Problem('payment-unknown')
    return payment
  }

  /** One `POST` that does something to a payment of this merchant's, once for one key. */
  const act = (what: PaymentAct) =>
    new Hono<MerchantEnvironment>().post(`/payments/:id/${what}`, asks('payments'), async (context) => {
      const merchant = context.get('merchant')
      const key = idempotencyKeyOf(context.req.header('idempotency-key'))
      const asked = await readJson(context.req.raw, paymentActs[what])
      const { id } = own(await bills.current(idOf(context)), merchant)
      const { status, body } = await acts.actOnce({ merchant: merchant.id, id }, what, asked, key)
      return context.body(body, status, json)
    })

  return new Hono<MerchantEnvironment>()
    .use(noStore, guessersSlowed, authenticated)
    .route('/', webhookApi(acts))
    .post('/payments', asks('payments'), async (context) => {
      const merchant = context.get('merchant')
      const key = idempotencyKeyOf(context.req.header('idempotency-key'))
      const asked = await readJson(context.req.raw, createPaymentRequest)
      const keyed = {
        merchant: merchant.id,
        route: `${merchant.mode} POST /v1/payments`,
        key,
        body: JSON.stringify(asked),
      }
      const { status, body } = await idempotency.once(keyed, async () => ({
        status: 201,
        body: toJson(await acts.request(merchant, asked)),
      }))
      return context.body(body, status, json)
    })
    .get('/payments', asks('read'), async (context) => {
      const { payments, next } = await acts.listPayments(context.get('merchant'), queryOf(context.req.url))
      const page: MerchantPayments = { object: 'list', payments: payments.map(toMerchant), next }
      return context.body(JSON.stringify(page), 200, json)
    })
    .get('/payments/:id', asks('read'), async (context) => {
      const payment = own(await bills.current(idOf(context)), context.get('merchant'))
      return context.body(toJson(payment), 200, json)
    })
    .route('/', act('cancel'))
    .route('/', act('capture'))
    .route('/', act('refund'))
    .route('/', act('void'))
}
