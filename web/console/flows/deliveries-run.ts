/** What became of each try to tell one endpoint what happened. */
import type { ConsoleAttempts } from '../../../shared/wire/console-api.ts'
import type { DeliveryAttempt } from '../../../shared/wire/events-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import type { ConsoleNotice } from './console-notice.ts'
import { oneAtATime } from './one-at-a-time.ts'

export type DeliveriesFlow = {
  readonly attempts: readonly DeliveryAttempt[] | null
  /** The event that is on its way once more. */
  readonly resent: string | null
  readonly isBusy: boolean
  readonly notice: ConsoleNotice | null
}
export type DeliveriesEvent =
  | ({ type: 'read' } & ConsoleAttempts)
  | { type: 'asking' }
  | { type: 'resent'; event: string }
  | { type: 'failed'; notice: ConsoleNotice }

const first: DeliveriesFlow = { attempts: null, resent: null, isBusy: false, notice: null }

function deliveriesFlow(state: DeliveriesFlow, event: DeliveriesEvent): DeliveriesFlow {
  switch (event.type) {
    case 'read':
      return { ...state, attempts: event.attempts, isBusy: false }
    case 'asking':
      return { ...state, resent: null, isBusy: true, notice: null }
    case 'resent':
      return { ...state, resent: event.event, isBusy: false }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice }
  }
}

export type DeliveriesRun = {
  readonly flow: Flow<DeliveriesFlow, DeliveriesEvent>
  read(): Promise<void>
  resend(event: string, mode: KeyMode): Promise<void>
}

export function deliveriesRun(
  client: Pick<ConsoleClient, 'attempts' | 'resend'>,
  id: string,
  signedOut: () => void,
): DeliveriesRun {
  const run = flow(deliveriesFlow, first)
  const { send } = run
  const asked = oneAtATime(run, signedOut)
  return {
    flow: run,
    read: () => asked(async () => send({ type: 'read', ...(await client.attempts(id)) })),
    resend: (event, mode) =>
      asked(async () => {
        await client.resend(event, mode)
        send({ type: 'resent', event })
      }),
  }
}
