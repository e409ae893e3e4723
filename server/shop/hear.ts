import { type Moniker, type PaymentEvent, readWebhook, type WebhookEndpoint } from '../../shared/sdk/index.ts'
import type { Clock, Log } from '../runtime/room.ts'
import type { OrderStore } from './order-store.ts'

const asksEveryMs = 60_000
const asksFirstEveryMs = 5_000

/** What came to the webhook; a status for whoever sent it. */
export type Hear = (delivered: { body: string; headers: Headers }) => Promise<204 | 400 | 503>

/** Hears from the payment server what became of payments, also where nobody's browser ever came back. */
export function ears(tools: { url: string; client: Moniker; orders: OrderStore; clock: Clock; log: Log }) {
  const { url, client, orders, clock, log } = tools
  let endpoint: WebhookEndpoint | null = null
  let nextAskingAtMs = 0

  /** It may be told again: a ticket that is there stays the only one. */
  async function act({ type, payment }: PaymentEvent): Promise<void> {
    const order = type === 'payment.captured' ? await orders.find(payment.reference) : undefined
    if (order?.payment === payment.id) await orders.makeTicket(order.id)
  }

  /** Where it was told to stop, it is told to begin again: the shop is here. */
  async function standing(): Promise<WebhookEndpoint> {
    const known = await client.webhookEndpoints.create({ url })
    return known.state === 'enabled' ? known : client.webhookEndpoints.enable(known.id)
  }

  /** Somebody may have changed the keys: they are asked for again, and not by everybody who sends rubbish as often as they like. */
  async function listen(): Promise<void> {
    if (clock.nowMs() < nextAskingAtMs) return
    nextAskingAtMs = clock.nowMs() + (endpoint === null ? asksFirstEveryMs : asksEveryMs)
    try {
      endpoint = await standing()
      log.info('webhook-endpoint-ready')
    } catch (error) {
      log.warn('webhook-endpoint-refused', { error })
    }
  }

  const read = (delivered: { body: string; headers: Headers }): Promise<PaymentEvent | null> =>
    endpoint === null
      ? Promise.resolve(null)
      : readWebhook(delivered, endpoint.keys.publicKey, clock.nowMs()).catch(() => null)

  return {
    /** Says where to tell, until that is known. */
    listen: async (): Promise<void> => (endpoint === null ? listen() : undefined),

    hear: (async (delivered) => {
      if (endpoint === null) return 503 // it comes again
      let event = await read(delivered)
      if (event === null) {
        await listen()
        event = await read(delivered)
      }
      if (event === null) return 400
      await act(event)
      return 204
    }) satisfies Hear,
  }
}
