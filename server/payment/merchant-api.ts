import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import type { PaymentId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import {
  captureRequest,
  createPaymentRequest,
  type MerchantPayments,
  refundRequest,
  voidRequest,
} from '../../shared/wire/merchant-api.ts'
import { limitHeaders } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { Clock } from '../runtime/room.ts'
import type { ApiKeyStore, Caller } from './api-key-store.ts'
import type { AskOnce } from './ask-once.ts'
import { toMerchantPayment } from './bill.ts'
import type { Cancel } from './cancel.ts'
import type { Expiry } from './expire.ts'
import type { Idempotency } from './idempotency.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { ListPayments } from './list-payments.ts'
import { asks, idempotencyKeyOf, type MerchantEnvironment, queryOf } from './merchant-request.ts'
import { isUnanswered, type Operation } from './operation-record.ts'
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
  readonly cancel: Cancel
  readonly listPayments: ListPayments
  readonly askOnce: AskOnce
  readonly pseudonyms: Pseudonyms
}

const json = { 'content-type': 'application/json' }
/** A merchant writes for all its customers: as much as so many callers may. */
const callersOfMerchant = 100
const nothing = z.strictObject({})
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
  async function act<S extends z.ZodType>(
    context: Context<MerchantEnvironment>,
    what: string,
    schema: S,
    work: (id: PaymentId, asked: z.output<S>, key: string) => Promise<{ status: 200 | 202; payment: Payment }>,
  ): Promise<Response> {
    const merchant = context.get('merchant')
    const key = idempotencyKeyOf(context.req.header('idempotency-key'))
    const asked = await readJson(context.req.raw, schema)
    const { id } = own(await bills.current(idOf(context)), merchant)
    const keyed = { merchant: merchant.id, route: `POST /v1/payments/${id}/${what}`, key, body: JSON.stringify(asked) }
    const { status, body } = await idempotency.once(keyed, async () => {
      const done = await work(id, asked, key)
      return { status: done.status, body: toJson(done.payment) }
    })
    return context.body(body, status, json)
  }

  /** @throws {Problem} `bank-declined` */
  async function outcomeOf(operation: Operation) {
    const { payment, state, declineReason } = operation
    if (state === 'refused') throw new Problem('bank-declined', { detail: `The bank's reason: ${declineReason}.` })
    return { status: isUnanswered(operation) ? 202 : 200, payment: await bills.current(payment) } as const
  }

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
    .post('/payments/:id/cancel', asks('payments'), (context) =>
      act(context, 'cancel', nothing, async (id) => ({
        status: 200,
        payment: await acts.cancel(id, 'merchant-canceled'),
      })),
    )
    .post('/payments/:id/capture', asks('payments'), (context) =>
      act(context, 'capture', captureRequest, async (id, asked, key) =>
        outcomeOf(await acts.askOnce(id, key, { kind: 'capture', ...asked })),
      ),
    )
    .post('/payments/:id/refund', asks('payments'), (context) =>
      act(context, 'refund', refundRequest, async (id, asked, key) =>
        outcomeOf(await acts.askOnce(id, key, { kind: 'refund', ...asked })),
      ),
    )
    .post('/payments/:id/void', asks('payments'), (context) =>
      act(context, 'void', voidRequest, async (id, _asked, key) => {
        const payment = await bills.current(id)
        if (payment.state === 'voided') return { status: 200, payment }
        return outcomeOf(await acts.askOnce(id, key, { kind: 'void' }))
      }),
    )
}
