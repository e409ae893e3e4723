import { type Moniker, type PaymentEvent, readWebhook, type WebhookEndpoint } from '../../shared/sdk/index.ts'
import type { Tools } from '../runtime/room.ts'
import type { OrderStore } from './order-store.ts'

/** Hears from the payment server what became of payments, also where nobody's browser ever came back. */
export function ears(url: string, orders: OrderStore, { webhookEndpoints }: Moniker, { clock, log }: Tools) {
  let endpoint: WebhookEndpoint | null = null
  let nextAskingAtMs = 0

  /** Where it was told to stop, it is told to begin again. Not as often as strangers like who send rubbish. */
  async function listen(): Promise<void> {
    if (clock.nowMs() < nextAskingAtMs) return
    nextAskingAtMs = clock.nowMs() + (endpoint === null ? 5_000 : 60_000)
    try {
      const known = await webhookEndpoints.create({ url })
      endpoint = known.state === 'enabled' ? known : await webhookEndpoints.enable(known.id)
    } catch (error) {
      log.warn('webhook-endpoint-refused', { error })
    }
  }

  type Delivered = { readonly body: string; readonly headers: Headers }
  const read = async (delivered: Delivered): Promise<PaymentEvent | null> =>
    endpoint && readWebhook(delivered, endpoint.keys.publicKey, clock.nowMs()).catch(() => null)

  return {
    /** Says where to tell, until that is known. */
    listen: async (): Promise<void> => (endpoint === null ? listen() : undefined),

    /** @returns a status for whoever sent it. It may be told again: a ticket that is there stays the only one. */
    async hear(delivered: Delivered): Promise<204 | 400 | 503> {
      if (endpoint === null) return 503 // it comes again
      let event = await read(delivered)
      if (event === null) await listen() // somebody may have changed the keys
      event ??= await read(delivered)
      if (event === null) return 400
      const order = event.type === 'payment.captured' ? await orders.find(event.payment.reference) : undefined
      if (order !== undefined && order.payment === event.payment.id) await orders.makeTicket(order.id)
      return 204
    },
  }
}
export type Ears = ReturnType<typeof ears>
