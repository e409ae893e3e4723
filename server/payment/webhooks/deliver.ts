import { forEachDue } from '../../runtime/each-due.ts'
import type { Egress, EgressOutcome } from '../../runtime/egress.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { Delivery, DeliveryStore } from './delivery-store.ts'
import type { EndpointStore } from './endpoint-store.ts'
import type { EventReader } from './event-reader.ts'
import { signatureHeaders } from './webhook-keys.ts'

const deliveriesAtOnce = 50
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

  async function send({ endpoint, event }: Delivery): Promise<EgressOutcome> {
    const { url, keys } = await endpoints.find(endpoint)
    const body = JSON.stringify(await events.find(event))
    const headers = signatureHeaders(keys, { id: event, body, nowMs: clock.nowMs() })
    return egress({ url, headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Moniker' }, body })
  }

  async function deliver(delivery: Delivery): Promise<void> {
    if (!(await deliveries.claim(delivery, clock.nowMs() + leaseMs))) return
    const outcome = await send(delivery)
    const isHeard = 'status' in outcome && outcome.status >= 200 && outcome.status < 300
    const pauseMs = isHeard ? undefined : pausesMs[delivery.attempts]
    const nextAttemptAtMs = pauseMs === undefined ? null : clock.nowMs() + pauseMs
    if ('status' in outcome && outcome.status === gone) await endpoints.setState(delivery.endpoint, 'gone')
    await deliveries.note(delivery, outcome, nextAttemptAtMs)
    if (!isHeard) log.warn('webhook-not-heard', { payment: delivery.payment, ...outcomeFacts(outcome) })
  }

  return async function deliverDue(stop: Stop): Promise<void> {
    await forEachDue(await deliveries.due(deliveriesAtOnce), log, deliver, stop)
  }
}

const outcomeFacts = (outcome: EgressOutcome) =>
  'status' in outcome ? { status: outcome.status } : { code: outcome.failure }
