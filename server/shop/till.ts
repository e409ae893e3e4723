import {
  type CreatePaymentRequest,
  type MerchantPayment,
  merchantPaymentSchema,
} from '../../shared/wire/merchant-api.ts'
import type { Peer } from '../runtime/peer.ts'
import type { Log } from '../runtime/room.ts'

/** Only the path reaches the payment server; where it is, the peer knows. */
const anyHost = 'https://payment.invalid'

/** The merchant API as a shop needs it. Null: the payment server cannot be reached, or would not. */
export function till(apiKey: string, payment: Peer, log: Log) {
  async function ask(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
  ): Promise<MerchantPayment | null> {
    try {
      const headers = { ...init.headers, authorization: `Bearer ${apiKey}` }
      const response = await payment(new Request(new URL(path, anyHost), { ...init, headers }))
      if (response.ok) return merchantPaymentSchema.parse(await response.json())
      log.warn('payment-server-refused', { status: response.status })
    } catch (error) {
      log.warn('payment-server-silent', { error })
    }
    return null
  }
  return {
    see: (id: string) => ask(`/v1/payments/${id}`, {}),
    /** @param key the same key asks for the same payment, so an answer that was lost on the way is asked for again */
    charge: (key: string, asked: CreatePaymentRequest) =>
      ask('/v1/payments', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(asked),
      }),
  }
}
export type Till = ReturnType<typeof till>
