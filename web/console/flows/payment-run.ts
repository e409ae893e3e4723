/** One payment, all that happened to it, and what its merchant's people do about it. */
import type { ConsolePayment } from '../../../shared/wire/console-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import { isAnswerLost } from '../../flows/notice.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import { type Act, type ActEvent, type ActFlow, actFlow, bodyOf } from './act-flow.ts'
import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

export type PaymentFlow = {
  readonly seen: ConsolePayment | null
  /** Whether an event of it is on its way once more. */
  readonly isResent: boolean
  readonly notice: ConsoleNotice | null
}
export type PaymentEvent =
  | { type: 'read'; seen: ConsolePayment }
  | { type: 'resent' }
  | { type: 'failed'; notice: ConsoleNotice }

export function paymentFlow(state: PaymentFlow, event: PaymentEvent): PaymentFlow {
  switch (event.type) {
    case 'read':
      return { seen: event.seen, isResent: false, notice: null }
    case 'resent':
      return { ...state, isResent: true, notice: null }
    case 'failed':
      return { ...state, isResent: false, notice: event.notice }
  }
}

export type PaymentRun = {
  readonly flow: Flow<PaymentFlow, PaymentEvent>
  readonly act: Flow<ActFlow | null, ActEvent>
  read(): Promise<void>
  choose(act: Act): void
  /** Does what was chosen. */
  perform(): Promise<void>
  /** Has an event of it told again. */
  resend(event: string): Promise<void>
}

export function paymentRun(
  tools: { readonly client: Pick<ConsoleClient, 'payment' | 'act' | 'resend'>; readonly newKey: () => string },
  id: string,
  signedOut: () => void,
): PaymentRun {
  const { client, newKey } = tools
  const run = flow<PaymentFlow, PaymentEvent>(paymentFlow, { seen: null, isResent: false, notice: null })
  const act = flow<ActFlow | null, ActEvent>(actFlow, null)

  async function asked(work: () => Promise<PaymentEvent>): Promise<void> {
    try {
      run.send(await work())
    } catch (error) {
      const notice = consoleNoticeOf(error)
      if (notice === 'session-missing') signedOut()
      else run.send({ type: 'failed', notice })
    }
  }
  const read = () => asked(async () => ({ type: 'read', seen: await client.payment(id) }))

  return {
    flow: run,
    act,
    read,
    async resend(event) {
      const { seen } = run.now()
      if (seen === null) return
      await asked(async () => {
        await client.resend(event, seen.payment.mode)
        return { type: 'resent' }
      })
    },
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
