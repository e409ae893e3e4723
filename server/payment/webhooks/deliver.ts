import { forEachDue } from '../../runtime/each-due.ts'
import type { Egress, EgressOutcome } from '../../runtime/egress.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { Delivery, DeliveryStore } from './delivery-store.ts'
import type { Endpoint, EndpointStore } from './endpoint-store.ts'
import type { EventReader } from './event-reader.ts'
import { signatureHeaders } from './webhook-keys.ts'

const deliveriesAtOnce = 100
const ofEndpointMax = 10
const lanes = 20
/** Longer than any attempt takes: after it whoever made one is taken for dead. */
const leaseMs = 60_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** How long after each failed attempt the next one comes (Standard Webhooks, "Retries"); after the last of them the event is given up. */
const pausesMs = [
  5_000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
]
const gone = 410

/** Tells merchants' servers what the outbox holds: at least once, in order for each payment, by one of any number of processes. */
export function deliverer(tools: {
  deliveries: DeliveryStore
  endpoints: EndpointStore
  events: EventReader
  egress: Egress
  clock: Clock
  log: Log
}) {
  const { deliveries, endpoints, events, egress, clock, log } = tools

  /** Attempts that this process has begun. One that fails is due later, so that no lot finds it again. */
  let made = 0

  type Outcome = EgressOutcome | { readonly failure: 'not-sent' }

  async function send({ event }: Delivery, { url, keys }: Endpoint): Promise<EgressOutcome> {
    const body = JSON.stringify(await events.find(event))
    const headers = signatureHeaders(keys, { id: event, body, nowMs: clock.nowMs() })
    return egress({ url, headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Moniker' }, body })
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const endpoint = await endpoints.find(delivery.endpoint)
    if (endpoint.state !== 'enabled') return // since the list was made
    if (!(await deliveries.claim(delivery, clock.nowMs() + leaseMs))) return
    made += 1
    const beganAtMs = clock.nowMs()
    const outcome = await send(delivery, endpoint).catch((error: unknown): Outcome => {
      // A fault of ours is seen, and tried again like one of theirs.
      log.error('webhook-not-sent', { error })
      return { failure: 'not-sent' }
    })
    // A clock may be set back meanwhile.
    const durationMs = Math.max(0, clock.nowMs() - beganAtMs)
    if ('status' in outcome && outcome.status === gone) {
      await endpoints.setState(delivery.endpoint, 'gone')
      await deliveries.note(delivery, { outcome, durationMs, nextAttemptAtMs: null })
      return deliveries.giveUp(delivery.endpoint)
    }
    const isHeard = 'status' in outcome && outcome.status >= 200 && outcome.status < 300
    const pauseMs = isHeard ? undefined : pausesMs[delivery.attempts]
    const nextAttemptAtMs = pauseMs === undefined ? null : clock.nowMs() + pauseMs
    await deliveries.note(delivery, { outcome, durationMs, nextAttemptAtMs })
    if (!isHeard) log.warn('webhook-not-heard', { payment: delivery.payment, ...outcomeFacts(outcome) })
  }

  /** One lot after the other, for as long as there is something to do: a busy merchant must not fall behind by what a round may take. */
  return async function deliverDue(stop: Stop): Promise<void> {
    let madeBefore: number
    do {
      madeBefore = made
      await forEachDue(await deliveries.due(deliveriesAtOnce, ofEndpointMax), log, deliver, stop, lanes)
    } while (made > madeBefore && !stop.aborted)
  }
}

const outcomeFacts = (outcome: EgressOutcome | { readonly failure: 'not-sent' }) =>
  'status' in outcome ? { status: outcome.status } : { code: outcome.failure }
