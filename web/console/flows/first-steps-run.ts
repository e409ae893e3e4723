/** What a new merchant has still to do before the first order is paid. */
import type { ConsoleFirstSteps } from '../../../shared/wire/console-api.ts'
import type { DeviceStorage } from '../../doors/device-storage.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import type { ConsoleNotice } from './console-notice.ts'
import { oneAtATime } from './one-at-a-time.ts'

export type FirstStepsFlow = {
  readonly steps: ConsoleFirstSteps | null
  /** Whether anybody has to see them: something is left to do, or was when they came, and nobody has put them away. */
  readonly isShown: boolean
  /** Where the test order that was made just now is paid. */
  readonly billUrl: string | null
  readonly isBusy: boolean
  readonly notice: ConsoleNotice | null
}
type FirstStepsEvent =
  | { type: 'read'; steps: ConsoleFirstSteps }
  | { type: 'asking' }
  | { type: 'ordered'; billUrl: string }
  | { type: 'put-away' }
  | { type: 'failed'; notice: ConsoleNotice }

const isLeft = ({ hasKey, webhook, paid }: ConsoleFirstSteps): boolean =>
  !hasKey || webhook !== 'hears' || paid === null

function firstStepsFlow(state: FirstStepsFlow, event: FirstStepsEvent): FirstStepsFlow {
  switch (event.type) {
    case 'read': {
      const isShown = state.steps === null ? state.isShown && isLeft(event.steps) : state.isShown
      return { ...state, steps: event.steps, isShown, isBusy: false }
    }
    case 'asking':
      return { ...state, isBusy: true, notice: null }
    case 'ordered':
      return { ...state, billUrl: event.billUrl, isBusy: false }
    case 'put-away':
      return { ...state, isShown: false }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice }
  }
}

export type FirstStepsRun = {
  readonly flow: Flow<FirstStepsFlow, FirstStepsEvent>
  read(): Promise<void>
  /** A bill that whoever looks can pay as a shopper would. */
  order(): Promise<void>
  /** For good, on this device. */
  putAway(): void
}

const storageKey = 'moniker.console.first-steps'
const away = 'away'

type FirstStepsTools = {
  readonly client: Pick<ConsoleClient, 'firstSteps' | 'testOrder'>
  readonly storage: DeviceStorage
  readonly newKey: () => string
}

export function firstStepsRun({ client, storage, newKey }: FirstStepsTools, signedOut: () => void): FirstStepsRun {
  const isShown = storage.getItem(storageKey) !== away
  const run = flow(firstStepsFlow, { steps: null, isShown, billUrl: null, isBusy: false, notice: null })
  const { now, send } = run
  const asked = oneAtATime(run, signedOut)
  return {
    flow: run,
    read: async () => {
      if (now().isShown) await asked(async () => send({ type: 'read', steps: await client.firstSteps() }))
    },
    order: () => asked(async () => send({ type: 'ordered', billUrl: (await client.testOrder(newKey())).url })),
    putAway() {
      storage.setItem(storageKey, away)
      send({ type: 'put-away' })
    },
  }
}
