import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import {
  type DeliveryAttempt,
  deliveryAttemptsSchema,
  eventsSchema,
  type PaymentEvents,
  type WebhookEndpoint,
  webhookEndpointSchema,
} from '../../shared/wire/events-api.ts'
import {
  type CreatePaymentRequest,
  type MerchantPayment,
  type MerchantPayments,
  merchantPaymentSchema,
  merchantPaymentsSchema,
} from '../../shared/wire/merchant-api.ts'
import { type Answer, type Http, readAnswer, taken } from './http.ts'

export type Amount = { minor: number; currency: Currency }
export const eur = (minor: number): Amount => ({ minor, currency: 'EUR' })

/** A shop's server: asks for money and asks what became of it, with its API key. */
export function softwareMerchant(options: { http: Http; origin: string; apiKey: string; shopOrigin: string }) {
  const { http, origin, apiKey, shopOrigin } = options

  async function send(method: string, path: string, body?: object, idempotencyKey: string = randomUUID()) {
    const headers = new Headers({ authorization: `Bearer ${apiKey}` })
    if (method === 'POST') {
      headers.set('idempotency-key', idempotencyKey)
      headers.set('content-type', 'application/json')
    }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    return readAnswer(await http(new Request(new URL(path, origin), init)), merchantPaymentSchema)
  }

  /** Anything else the merchant API has. @param body absent: it is looked at, and not changed */
  async function calls<T>(
    schema: z.ZodType<T>,
    path: string,
    body?: object,
    idempotencyKey: string = randomUUID(),
  ): Promise<Answer<T>> {
    const headers = new Headers({ authorization: `Bearer ${apiKey}` })
    if (body === undefined) return readAnswer(await http(new Request(new URL(path, origin), { headers })), schema)
    headers.set('idempotency-key', idempotencyKey)
    headers.set('content-type', 'application/json')
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return readAnswer(await http(new Request(new URL(path, origin), init)), schema)
  }

  const bill = (amount: Amount, details: Partial<CreatePaymentRequest> = {}): CreatePaymentRequest => ({
    amount,
    reference: 'order-1',
    successUrl: `${shopOrigin}/orders/1`,
    cancelUrl: `${shopOrigin}/orders/1`,
    ...details,
  })

  return {
    creates: (
      amount: Amount,
      details: Partial<CreatePaymentRequest> = {},
      idempotencyKey?: string,
    ): Promise<Answer<MerchantPayment>> => send('POST', '/v1/payments', bill(amount, details), idempotencyKey),
    /** For stories in which asking is taken for granted. */
    asks: async (amount: Amount, details: Partial<CreatePaymentRequest> = {}): Promise<PaymentId> =>
      taken(await send('POST', '/v1/payments', bill(amount, details))).id,
    sees: async (payment: PaymentId): Promise<MerchantPayment> => taken(await send('GET', `/v1/payments/${payment}`)),
    /** @param query such as `state=created&limit=2` */
    lists: async (query = ''): Promise<Answer<MerchantPayments>> => {
      const headers = { authorization: `Bearer ${apiKey}` }
      const request = new Request(new URL(`/v1/payments?${query}`, origin), { headers })
      return readAnswer(await http(request), merchantPaymentsSchema)
    },
    cancels: (payment: PaymentId): Promise<Answer<MerchantPayment>> =>
      send('POST', `/v1/payments/${payment}/cancel`, {}),
    /** @param minor all that is left, where it is not said */
    captures: (payment: PaymentId, minor?: number, idempotencyKey?: string): Promise<Answer<MerchantPayment>> =>
      send('POST', `/v1/payments/${payment}/capture`, { amountMinor: minor }, idempotencyKey),
    refunds: (payment: PaymentId, minor?: number, idempotencyKey?: string): Promise<Answer<MerchantPayment>> =>
      send('POST', `/v1/payments/${payment}/refund`, { amountMinor: minor, reason: 'Cold.' }, idempotencyKey),
    calls,
    hasEndpoint: async (url: string): Promise<WebhookEndpoint> =>
      taken(await calls(webhookEndpointSchema, '/v1/webhook-endpoints', { url })),
    hasEvents: async (query = ''): Promise<PaymentEvents> => taken(await calls(eventsSchema, `/v1/events?${query}`)),
    attemptsAt: async ({ id }: WebhookEndpoint): Promise<readonly DeliveryAttempt[]> =>
      taken(await calls(deliveryAttemptsSchema, `/v1/webhook-endpoints/${id}/attempts`)).attempts,
    voids: (payment: PaymentId, idempotencyKey?: string): Promise<Answer<MerchantPayment>> =>
      send('POST', `/v1/payments/${payment}/void`, {}, idempotencyKey),
  }
}
export type SoftwareMerchant = ReturnType<typeof softwareMerchant>
