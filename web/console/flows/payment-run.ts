/** One payment, all that happened to it, and what its merchant's people do about it. */
import type { ConsolePayment } from '../../../shared/wire/console-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import { isAnswerLost } from '../../flows/notice.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import { type Act, type ActEvent, type ActFlow, actFlow, bodyOf } from './act-flow.ts'
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

export type PaymentRun = {
  readonly flow: Flow<PaymentFlow, PaymentEvent>
  readonly act: Flow<ActFlow | null, ActEvent>
  read(): Promise<void>
  choose(act: Act): void
  /** Does what was chosen. */
  perform(): Promise<void>
}

export function paymentRun(
  tools: { readonly client: Pick<ConsoleClient, 'payment' | 'act'>; readonly newKey: () => string },
  id: string,
  signedOut: () => void,
): PaymentRun {
  const { client, newKey } = tools
  const run = flow<PaymentFlow, PaymentEvent>(paymentFlow, { seen: null, notice: null })
  const act = flow<ActFlow | null, ActEvent>(actFlow, null)

  async function read(): Promise<void> {
    try {
      run.send({ type: 'read', seen: await client.payment(id) })
    } catch (error) {
      const notice = consoleNoticeOf(error)
      if (notice === 'session-missing') signedOut()
      else run.send({ type: 'failed', notice })
    }
  }

  return {
    flow: run,
    act,
    read,
    choose: (chosen) => act.send({ type: 'chosen', act: chosen, key: newKey() }),
    async perform() {
      const [state, { seen }] = [act.now(), run.now()]
      if (state === null || state.isBusy || seen === null) return
      const body = bodyOf(state, seen.payment)
      if (body === null) return act.send({ type: 'malformed' })
      act.send({ type: 'asking' })
      try {
        await client.act(id, state.act, body)
        act.send({ type: 'closed' })
      } catch (error) {
        const notice = consoleNoticeOf(error)
        if (notice === 'session-missing') return signedOut()
        act.send({ type: 'failed', notice, key: isAnswerLost(error) ? state.key : newKey() })
      }
      await read()
    },
  }
}
