import { type Moniker, type PaymentEvent, readWebhook, type WebhookEndpoint } from '../../shared/sdk/index.ts'
import type { Clock, Log } from '../runtime/room.ts'
import type { OrderStore } from './order-store.ts'

/** What came to the webhook; a status for whoever sent it. */
export type Hear = (delivered: { body: string; headers: Headers }) => Promise<204 | 400 | 503>

/** Hears from the payment server what became of payments, also where nobody's browser ever came back. */
export function ears(tools: { url: string; client: Moniker; orders: OrderStore; clock: Clock; log: Log }) {
  const { url, client, orders, clock, log } = tools
  let endpoint: WebhookEndpoint | null = null

  /** It may be told again: a ticket that is there stays the only one. */
  async function act({ type, payment }: PaymentEvent): Promise<void> {
    const order = type === 'payment.captured' ? await orders.find(payment.reference) : undefined
    if (order?.payment === payment.id) await orders.makeTicket(order.id)
  }

  return {
    /** Says where to tell, until that is known. */
    async listen(): Promise<void> {
      if (endpoint !== null) return
      endpoint = await client.webhookEndpoints.create({ url }).catch(() => null)
      if (endpoint !== null) log.info('webhook-endpoint-ready')
    },

    hear: (async ({ body, headers }) => {
      if (endpoint === null) return 503 // it comes again
      const { publicKey } = endpoint.keys
      const event = await readWebhook({ body, headers }, publicKey, clock.nowMs()).catch(() => null)
      if (event === null) return 400
      await act(event)
      return 204
    }) satisfies Hear,
  }
}
