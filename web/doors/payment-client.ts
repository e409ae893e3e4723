import type { z } from 'zod'
import type { ProblemBody } from '../../shared/problem.ts'
import type {
  Bill,
  Configuration,
  confirmationRequest,
  enrolIntentAnswer,
  enrolIntentRequest,
  enrolRequest,
  Payer,
  payIntentAnswer,
  payIntentRequest,
  signInIntentAnswer,
  signInRequest,
  usernameAnswer,
  usernameRequest,
  WhoIsHere,
} from '../../shared/wire/payment-api.ts'
import { DoorError } from '../flows/notice.ts'

type Input<Schema extends z.ZodType> = z.input<Schema>
type Output<Schema extends z.ZodType> = z.output<Schema>

/** Everything these pages ask the payment server. Each may fail with a {@link DoorError}. */
export interface PaymentClient {
  /** For what only one screen asks: `wallet-client.ts`. */
  ask: Ask
  configuration(): Promise<Configuration>
  bill(payment: string): Promise<Bill>
  payIntent(payment: string, request: Input<typeof payIntentRequest>): Promise<Output<typeof payIntentAnswer>>
  confirm(payment: string, request: Input<typeof confirmationRequest>): Promise<Bill>
  cancel(payment: string): Promise<Bill>
  username(request: Input<typeof usernameRequest>): Promise<Output<typeof usernameAnswer>>
  enrolIntent(request: Input<typeof enrolIntentRequest>): Promise<Output<typeof enrolIntentAnswer>>
  enrol(request: Input<typeof enrolRequest>): Promise<Payer>
  session(): Promise<Payer>
  /** Null where nobody is signed in, which is no fault of anybody's. */
  whoIsHere(): Promise<Payer | null>
  signInIntent(): Promise<Output<typeof signInIntentAnswer>>
  signIn(request: Input<typeof signInRequest>): Promise<Payer>
}

/** @param body JSON; absent where there is none */
export type Ask = <Answer>(method: string, path: string, body?: object) => Promise<Answer>

/** Who asks too fast waits so long at most. Only cards that the bank refuses, one after the other, are paused for longer. */
const minuteSeconds = 60

/** Longer than the payment server waits for the bank, twice. */
const patienceMs = 30_000

/**
 * The server is of our own house and of this build, so its answers are not validated again on a phone.
 * @param patience ends the wait for an answer that does not come
 */
export function paymentClient(
  fetch: typeof globalThis.fetch,
  patience = () => AbortSignal.timeout(patienceMs),
): PaymentClient {
  const ask: Ask = async (method, path, body) => {
    const signal = patience()
    const response = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : null,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal,
    }).catch((cause: unknown) => {
      // A request that got no answer may have been acted upon: only the caller knows what that means for it.
      throw new DoorError(signal.aborted ? 'unavailable' : 'offline', { cause })
    })
    if (response.ok) {
      return response.json().catch((cause: unknown) => {
        throw signal.aborted ? new DoorError('unavailable', { cause }) : cause
      })
    }
    const problem: Partial<ProblemBody> = await response.json().catch(() => ({}))
    const waitSeconds = Number(response.headers.get('retry-after') ?? 0)
    const isPaused = problem.code === 'too-many-requests' && waitSeconds > minuteSeconds
    throw new DoorError(isPaused ? 'too-many-refusals' : (problem.code ?? 'unavailable'), { detail: problem.detail })
  }
  const get = <Answer>(path: string): Promise<Answer> => ask('GET', path)
  const post = <Answer>(path: string, body: object = {}): Promise<Answer> => ask('POST', path, body)
  const payment = (id: string, act = '') => `/api/payments/${encodeURIComponent(id)}${act}`
  return {
    ask,
    configuration: () => get('/api/configuration'),
    bill: (id) => get(payment(id)),
    payIntent: (id, request) => post(payment(id, '/intent'), request),
    confirm: (id, request) => post(payment(id, '/confirmation'), request),
    cancel: (id) => post(payment(id, '/cancellation')),
    username: (request) => post('/api/usernames', request),
    enrolIntent: (request) => post('/api/enrolments/intent', request),
    enrol: (request) => post('/api/enrolments', request),
    session: () => get('/api/session'),
    whoIsHere: async () => (await get<WhoIsHere>('/api/session/payer')).payer,
    signInIntent: () => post('/api/sessions/intent'),
    signIn: (request) => post('/api/sessions', request),
  }
}
