import { Hono } from 'hono'
import {
  createWebhookEndpointRequest,
  type PaymentEvents,
  resendRequest,
  type WebhookEndpoint,
  webhookEndpointAction,
} from '../../../shared/wire/events-api.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { Clock } from '../../runtime/room.ts'
import { asks, idempotencyKeyOf, type MerchantEnvironment, queryOf } from '../merchant-request.ts'
import type { DeliveryStore } from './delivery-store.ts'
import { type Endpoint, type EndpointStore, endpointIdOf } from './endpoint-store.ts'
import { type EventReader, eventIdOf } from './event-reader.ts'
import { overlapUntilMs, toldKeys } from './webhook-keys.ts'
import { webhookUrl } from './webhook-url.ts'

export type WebhookApi = {
  readonly events: EventReader
  readonly endpoints: EndpointStore
  readonly deliveries: DeliveryStore
  readonly clock: Clock
  /** In development the shop is on the same machine. */
  readonly callsLoopback: boolean
}

/**
 * `shared/wire/events-api.ts`. Each of these `POST`s comes to the same however often it is sent: where an `Idempotency-Key` must tell one from
 * the next, it is kept with what it did, and no answer with a secret in it is kept anywhere.
 */
export function webhookApi({ events, endpoints, deliveries, clock, callsLoopback }: WebhookApi) {
  function toTold({ id, mode, url, state, createdAtMs, keys }: Endpoint): WebhookEndpoint {
    const formerKeysUntilMs = overlapUntilMs(keys, clock.nowMs())
    const told = {
      id,
      object: 'webhook-endpoint',
      mode,
      url,
      state,
      createdAtMs,
      keys: toldKeys(keys.current),
    } as const
    return { ...told, ...(formerKeysUntilMs !== null && { formerKeysUntilMs }) }
  }

  const setState = (path: 'enable' | 'disable', state: 'enabled' | 'disabled') =>
    new Hono<MerchantEnvironment>().post(`/:id/${path}`, asks('full'), async (context) => {
      idempotencyKeyOf(context.req.header('idempotency-key'))
      await readJson(context.req.raw, webhookEndpointAction)
      const { id } = await endpoints.get(context.get('merchant'), endpointIdOf(context.req.param('id')))
      await endpoints.setState(id, state)
      return context.json(toTold(await endpoints.get(context.get('merchant'), id)))
    })

  const eventRoutes = new Hono<MerchantEnvironment>()
    .get('/', asks('read'), async (context) => {
      const page = await events.list(context.get('merchant'), queryOf(context.req.url))
      return context.json({ object: 'list', ...page } satisfies PaymentEvents)
    })
    .get('/:id', asks('read'), async (context) =>
      context.json(await events.get(context.get('merchant'), eventIdOf(context.req.param('id')))),
    )
    .post('/:id/resend', asks('payments'), async (context) => {
      idempotencyKeyOf(context.req.header('idempotency-key'))
      await readJson(context.req.raw, resendRequest)
      const event = await events.get(context.get('merchant'), eventIdOf(context.req.param('id')))
      await deliveries.resend(context.get('merchant'), event.id)
      return context.json(event, 202)
    })

  const endpointRoutes = new Hono<MerchantEnvironment>()
    .post('/', asks('full'), async (context) => {
      idempotencyKeyOf(context.req.header('idempotency-key'))
      const { url } = await readJson(context.req.raw, createWebhookEndpointRequest)
      return context.json(toTold(await endpoints.ensure(context.get('merchant'), webhookUrl(url, callsLoopback))), 201)
    })
    .get('/', asks('full'), async (context) => {
      const found = await endpoints.list(context.get('merchant'))
      return context.json({ object: 'list', endpoints: found.map(toTold) })
    })
    .get('/:id', asks('full'), async (context) =>
      context.json(toTold(await endpoints.get(context.get('merchant'), endpointIdOf(context.req.param('id'))))),
    )
    .get('/:id/attempts', asks('full'), async (context) => {
      const { id } = await endpoints.get(context.get('merchant'), endpointIdOf(context.req.param('id')))
      return context.json({ object: 'list', attempts: await deliveries.attemptsAt(id) })
    })
    .post('/:id/rotate', asks('full'), async (context) => {
      const key = idempotencyKeyOf(context.req.header('idempotency-key'))
      await readJson(context.req.raw, webhookEndpointAction)
      const { id } = await endpoints.get(context.get('merchant'), endpointIdOf(context.req.param('id')))
      await endpoints.rotate(id, key)
      return context.json(toTold(await endpoints.get(context.get('merchant'), id)))
    })
    .route('/', setState('enable', 'enabled'))
    .route('/', setState('disable', 'disabled'))

  return new Hono<MerchantEnvironment>().route('/events', eventRoutes).route('/webhook-endpoints', endpointRoutes)
}
