/** One payment, and all that happened to it. */
import type { ConsolePayment } from '../../../shared/wire/console-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

export type PaymentFlow = { readonly seen: ConsolePayment | null; readonly notice: ConsoleNotice | null }
export type PaymentEvent = { type: 'read'; seen: ConsolePayment } | { type: 'failed'; notice: ConsoleNotice }

export function paymentFlow(state: PaymentFlow, event: PaymentEvent): PaymentFlow {
  switch (event.type) {
    case 'read':
      return { seen: event.seen, notice: null }
    case 'failed':
      return { ...state, notice: event.notice }
  }
}

export type PaymentRun = { readonly flow: Flow<PaymentFlow, PaymentEvent>; read(): Promise<void> }

export function paymentRun(client: Pick<ConsoleClient, 'payment'>, id: string, signedOut: () => void): PaymentRun {
  const run = flow<PaymentFlow, PaymentEvent>(paymentFlow, { seen: null, notice: null })
  return {
    flow: run,
    async read() {
      try {
        run.send({ type: 'read', seen: await client.payment(id) })
      } catch (error) {
        const notice = consoleNoticeOf(error)
        if (notice === 'session-missing') signedOut()
        else run.send({ type: 'failed', notice })
      }
    },
  }
}
