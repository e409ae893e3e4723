/** A merchant's payments, as their people look through them. */
import type { PaymentState } from '../../../shared/payment.ts'
import type { KeyMode, MerchantPayment, MerchantPayments } from '../../../shared/wire/merchant-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
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

export type PaymentsRun = {
  readonly flow: Flow<PaymentsFlow, PaymentsEvent>
  /** Looks for others; while somebody types, once they rest. */
  sift(sieve: PaymentsSieve): Promise<void>
  readMore(): Promise<void>
}

const pauseWhileTypingMs = 350

export function paymentsRun(
  tools: { readonly client: Pick<ConsoleClient, 'payments'>; readonly pause: (ms: number) => Promise<void> },
  mode: KeyMode,
  signedOut: () => void,
): PaymentsRun {
  const { client, pause } = tools
  const run = flow(paymentsFlow, firstPaymentsFlow(mode))
  const { now, send } = run
  /** Counts what was looked for: an answer to an earlier question is for nobody. */
  let asked = 0

  function failed(error: unknown): void {
    const notice = consoleNoticeOf(error)
    if (notice === 'session-missing') signedOut()
    else send({ type: 'failed', notice })
  }

  return {
    flow: run,
    async sift(sieve) {
      const isTyping = sieve.search !== now().sieve.search
      asked += 1
      const turn = asked
      send({ type: 'reading', sieve })
      if (isTyping) await pause(pauseWhileTypingMs)
      if (turn !== asked) return
      try {
        const { payments, next } = await client.payments(queryOf(sieve))
        if (turn === asked) send({ type: 'read', payments, next })
      } catch (error) {
        if (turn === asked) failed(error)
      }
    },
    async readMore() {
      const { next, doing, sieve } = now()
      if (next === null || doing !== 'nothing') return
      const turn = asked
      send({ type: 'reading-more' })
      try {
        const { payments, next: after } = await client.payments({ ...queryOf(sieve), after: next })
        if (turn === asked) send({ type: 'read-more', payments, next: after })
      } catch (error) {
        if (turn === asked) failed(error)
      }
    },
  }
}

export const queryOf = ({ mode, search, state }: PaymentsSieve): Record<string, string> => ({
  mode,
  ...(search.trim() !== '' && { search: search.trim() }),
  ...(state !== null && { state }),
})
