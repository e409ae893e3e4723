/** A merchant's payments, as their people look through them. */
import type { PaymentState } from '../../../shared/payment.ts'
import type { KeyMode, MerchantPayment, MerchantPayments } from '../../../shared/wire/merchant-api.ts'
import type { DeviceStorage } from '../../doors/device-storage.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import { type Sifter, sifter } from '../../flows/sifter.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

/** Which payments somebody wants to see. */
export type PaymentsSieve = { readonly mode: KeyMode; readonly search: string; readonly state: PaymentState | null }

export type PaymentsFlow = {
  readonly payments: readonly MerchantPayment[]
  readonly sieve: PaymentsSieve
  /** Where the next page begins; null where there is none. */
  readonly next: string | null
  readonly doing: 'reading' | 'reading-more' | 'nothing'
  readonly notice: ConsoleNotice | null
}
export type PaymentsEvent =
  | { type: 'reading'; sieve: PaymentsSieve }
  | ({ type: 'read' } & Pick<MerchantPayments, 'payments' | 'next'>)
  | { type: 'reading-more' }
  | ({ type: 'read-more' } & Pick<MerchantPayments, 'payments' | 'next'>)
  | { type: 'failed'; notice: ConsoleNotice }

export const firstPaymentsFlow = (mode: KeyMode): PaymentsFlow => ({
  payments: [],
  sieve: { mode, search: '', state: null },
  next: null,
  doing: 'reading',
  notice: null,
})

export function paymentsFlow(state: PaymentsFlow, event: PaymentsEvent): PaymentsFlow {
  switch (event.type) {
    case 'reading':
      return { ...state, sieve: event.sieve, doing: 'reading', notice: null }
    case 'read':
      return { ...state, payments: event.payments, next: event.next, doing: 'nothing' }
    case 'reading-more':
      return { ...state, doing: 'reading-more', notice: null }
    case 'read-more':
      return { ...state, payments: [...state.payments, ...event.payments], next: event.next, doing: 'nothing' }
    case 'failed':
      return { ...state, doing: 'nothing', notice: event.notice }
  }
}

export type PaymentsRun = Sifter<PaymentsSieve> & { readonly flow: Flow<PaymentsFlow, PaymentsEvent> }

type PaymentsTools = {
  readonly client: Pick<ConsoleClient, 'payments'>
  readonly storage: DeviceStorage
  readonly pause: (ms: number) => Promise<void>
}

const modeKey = 'moniker.console.mode'

/** Begins with the mode that was looked at last on this device. @param modes that there can be, the usual one first */
export function paymentsRun(
  { client, storage, pause }: PaymentsTools,
  modes: readonly KeyMode[],
  signedOut: () => void,
): PaymentsRun {
  const mode = modes.find((one) => one === storage.getItem(modeKey)) ?? modes[0] ?? 'live'
  const run = flow(paymentsFlow, firstPaymentsFlow(mode))
  const { now, send } = run
  const sifting = sifter({
    now,
    pause,
    ask: (sieve: PaymentsSieve, after) => client.payments({ ...queryOf(sieve), ...(after !== null && { after }) }),
    sifting(sieve) {
      storage.setItem(modeKey, sieve.mode)
      send({ type: 'reading', sieve })
    },
    sifted: ({ payments, next }) => send({ type: 'read', payments, next }),
    readingMore: () => send({ type: 'reading-more' }),
    readMore: ({ payments, next }) => send({ type: 'read-more', payments, next }),
    failed(error) {
      const notice = consoleNoticeOf(error)
      if (notice === 'session-missing') signedOut()
      else send({ type: 'failed', notice })
    },
  })

  return { flow: run, ...sifting }
}

export const queryOf = ({ mode, search, state }: PaymentsSieve): Record<string, string> => ({
  mode,
  ...(search.trim() !== '' && { search: search.trim() }),
  ...(state !== null && { state }),
})
