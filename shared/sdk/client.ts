import { MonikerProblem, MonikerUnreachable } from './problem.ts'
import type { NewPayment, Page, Payment, PaymentEvent, WebhookEndpoint } from './types.ts'

export type MonikerOptions = {
  /** `mk_test_…` or `mk_live_…`. */
  readonly apiKey: string
  /** The origin of the payment server, such as `https://pay.example`. */
  readonly origin: string
  /** Default: the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** How often something is sent at most. Default 4. */
  readonly triesMax?: number
  /** Waits. Default: by the platform's timer. */
  readonly sleep?: (ms: number) => Promise<void>
}
/** The same key asks for the same thing: what was sent twice is done once. Default: a new one for each call. */
export type Once = { readonly idempotencyKey?: string }

type Query = Readonly<Record<string, string | number | undefined>>
type Call = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object; readonly key?: string }

const triesMaxByDefault = 4
const firstPauseMs = 500
const answersWithinMs = 30_000
/** Nobody waits longer than this for a server that asks them to. */
const pauseMsMax = 10_000

/**
 * The merchant API from your server. What may have been lost on the way is asked again, a few times, with the same
 * `Idempotency-Key`, so that it happens once.
 *
 * Every call throws {@link MonikerProblem} where the answer is no, and {@link MonikerUnreachable} where there is none.
 */
export function moniker(options: MonikerOptions) {
  const { apiKey, origin, triesMax = triesMaxByDefault } = options
  const send = options.fetch ?? ((request: Request) => fetch(request))
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)))

  async function ask<T>({ method, path, body, key }: Call): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const heard = await once<T>(requestOf({ method, path, ...(body && { body }), ...(key && { key }) }))
      if ('value' in heard) return heard.value
      if (!heard.mayPass || tries >= triesMax) throw heard.error
      await sleep(heard.afterMs ?? pauseAfter(tries))
    }
  }

  function requestOf({ method, path, body, key }: Call): Request {
    const headers = new Headers({ authorization: `Bearer ${apiKey}`, accept: 'application/json' })
    if (key !== undefined) headers.set('idempotency-key', key)
    if (body !== undefined) headers.set('content-type', 'application/json')
    const signal = AbortSignal.timeout(answersWithinMs)
    return new Request(new URL(path, origin), {
      ...{ method, headers, signal },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  type Heard<T> = { value: T } | { error: Error; mayPass: boolean; afterMs?: number }

  async function once<T>(request: Request): Promise<Heard<T>> {
    try {
      const response = await send(request)
      const said: unknown = await response.json().catch(() => undefined)
      if (response.ok && isThing(said)) return { value: said as T }
      return refusal(response, said)
    } catch (cause) {
      return { error: new MonikerUnreachable('The payment server did not answer.', { cause }), mayPass: true }
    }
  }

  const get = <T>(path: string, query: Query = {}): Promise<T> =>
    ask<T>({ method: 'GET', path: `${path}${queryText(query)}` })
  const post = <T>(path: string, body: object, { idempotencyKey = crypto.randomUUID() }: Once = {}): Promise<T> =>
    ask<T>({ method: 'POST', path, body, key: idempotencyKey })
  const one = (id: string): string => `/v1/payments/${encodeURIComponent(id)}`
  const endpoint = (id: string): string => `/v1/webhook-endpoints/${encodeURIComponent(id)}`
  const event = (id: string): string => `/v1/events/${encodeURIComponent(id)}`

  return {
    payments: {
      create: (payment: NewPayment, how?: Once): Promise<Payment> => post('/v1/payments', payment, how),
      retrieve: (id: string): Promise<Payment> => get(one(id)),
      /** Newest first. Times in milliseconds since the Unix epoch. */
      list: (query?: {
        limit?: number
        after?: string
        state?: Payment['state']
        reference?: string
        createdFromMs?: number
        createdBeforeMs?: number
      }): Promise<Page<'payments', Payment>> => get('/v1/payments', query),
      cancel: (id: string, how?: Once): Promise<Payment> => post(`${one(id)}/cancel`, {}, how),
      /** Minor units; without them, all that is left. While the bank's answer is missing, `pending` says what was asked. */
      capture: (id: string, what: { amountMinor?: number } = {}, how?: Once): Promise<Payment> =>
        post(`${one(id)}/capture`, what, how),
      /** Minor units; without them, all that is left. While the bank's answer is missing, `pending` says what was asked. */
      refund: (id: string, what: { amountMinor?: number; reason?: string } = {}, how?: Once): Promise<Payment> =>
        post(`${one(id)}/refund`, what, how),
      void: (id: string, how?: Once): Promise<Payment> => post(`${one(id)}/void`, {}, how),
    },
    events: {
      retrieve: (id: string): Promise<PaymentEvent> => get(event(id)),
      /** Newest first. */
      list: (query?: {
        limit?: number
        after?: string
        type?: PaymentEvent['type']
        payment?: string
      }): Promise<Page<'events', PaymentEvent>> => get('/v1/events', query),
      resend: (id: string, how?: Once): Promise<PaymentEvent> => post(`${event(id)}/resend`, {}, how),
    },
    webhookEndpoints: {
      /** The one with this URL, made where there is none. */
      create: (what: { url: string }, how?: Once): Promise<WebhookEndpoint> => post('/v1/webhook-endpoints', what, how),
      retrieve: (id: string): Promise<WebhookEndpoint> => get(endpoint(id)),
      rotate: (id: string, how?: Once): Promise<WebhookEndpoint> => post(`${endpoint(id)}/rotate`, {}, how),
      disable: (id: string, how?: Once): Promise<WebhookEndpoint> => post(`${endpoint(id)}/disable`, {}, how),
      enable: (id: string, how?: Once): Promise<WebhookEndpoint> => post(`${endpoint(id)}/enable`, {}, how),
    },
  }
}
export type Moniker = ReturnType<typeof moniker>

/** Twice as long each time, and never quite as long as somebody else: those who failed together shall not come back together. */
const pauseAfter = (tries: number): number => firstPauseMs * 2 ** (tries - 1) * (0.5 + Math.random() / 2)

function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, `${value}`])).toString()
  return text === '' ? '' : `?${text}`
}

/** A no, or an answer that leaves open what became of it. */
function refusal(response: Response, said: unknown): { error: Error; mayPass: boolean; afterMs?: number } {
  const problem = new MonikerProblem(problemIn(said, response.status))
  const isOpen = response.ok || response.status >= 500 || problem.code === 'idempotency-key-in-use'
  const afterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    error: isOpen
      ? new MonikerUnreachable('The payment server could not say what became of it.', { cause: problem })
      : problem,
    mayPass: isOpen || response.status === 429,
    ...(Number.isNaN(afterSeconds) ? {} : { afterMs: Math.min(afterSeconds * 1000, pauseMsMax) }),
  }
}

/** Everything the payment server tells says what it is. */
const isThing = (said: unknown): boolean => typeof said === 'object' && said !== null && 'object' in said

/** Something between us may answer in its own words. */
function problemIn(said: unknown, status: number) {
  const { code, title, detail } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>
  return {
    code: typeof code === 'string' ? code : 'answer-malformed',
    title: typeof title === 'string' ? title : `The answer had the status ${status}.`,
    status,
    detail: typeof detail === 'string' ? detail : undefined,
  }
}
