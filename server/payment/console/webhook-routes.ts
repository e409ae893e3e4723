import { type Context, Hono } from 'hono'
import { Problem } from '../../../shared/problem.ts'
import {
  type ConsoleAttempts,
  type ConsoleWebhook,
  type ConsoleWebhookKeys,
  type ConsoleWebhooks,
  consoleNewWebhookRequest,
  consoleResendRequest,
  consoleRotateRequest,
} from '../../../shared/wire/console-api.ts'
import { webhookEndpointAction } from '../../../shared/wire/events-api.ts'
import { type KeyMode, keyModes } from '../../../shared/wire/merchant-api.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { Clock } from '../../runtime/room.ts'
import type { DeliveryStore } from '../webhooks/delivery-store.ts'
import { type Endpoint, type EndpointStore, endpointIdOf } from '../webhooks/endpoint-store.ts'
import { type EventReader, eventIdOf } from '../webhooks/event-reader.ts'
import { overlapUntilMs, toldKeys } from '../webhooks/webhook-keys.ts'
import { webhookUrl } from '../webhooks/webhook-url.ts'
import { type ConsoleEnvironment, callerOf } from './console-request.ts'

export type WebhookRoutes = {
  readonly events: Pick<EventReader, 'get'>
  readonly endpoints: EndpointStore
  readonly deliveries: Pick<DeliveryStore, 'attemptsAt' | 'resend'>
  readonly clock: Clock
  readonly callsLoopback: boolean
}

/**
 * Where a merchant hears of its payments, and whether it does: everybody may look, staff has an event sent again, owners decide where to.
 * @param modes in which payments can be made here
 */
export function webhookRoutes(tools: WebhookRoutes, modes: readonly KeyMode[]): Hono<ConsoleEnvironment> {
  const { events, endpoints, deliveries, clock, callsLoopback } = tools

  function toTold({ keys, ...endpoint }: Endpoint): ConsoleWebhook {
    const formerKeysUntilMs = overlapUntilMs(keys, clock.nowMs())
    return { ...endpoint, ...(formerKeysUntilMs !== null && { formerKeysUntilMs }) }
  }
  const toKeys = ({ id, keys }: Endpoint): ConsoleWebhookKeys => ({ id, ...toldKeys(keys.current) })
  /** @throws {Problem} `webhook-unknown`, also for another merchant's */
  const own = (context: Context<ConsoleEnvironment>): Promise<Endpoint> =>
    endpoints.ofMerchant(context.get('person').merchant.id, endpointIdOf(context.req.param('id') ?? ''))

  const setState = (path: 'enable' | 'disable', state: 'enabled' | 'disabled') =>
    new Hono<ConsoleEnvironment>().post(`/webhooks/:id/${path}`, async (context) => {
      await readJson(context.req.raw, webhookEndpointAction)
      await endpoints.setState((await own(context)).id, state)
      return context.json(toTold(await own(context)))
    })

  return new Hono<ConsoleEnvironment>()
    .get('/webhooks', async (context) => {
      const { merchant } = context.get('person')
      const found = await Promise.all(keyModes.map((mode) => endpoints.list({ id: merchant.id, mode })))
      return context.json({ webhooks: found.flat().map(toTold) } satisfies ConsoleWebhooks)
    })
    .post('/webhooks', async (context) => {
      const { mode, url } = await readJson(context.req.raw, consoleNewWebhookRequest)
      if (!modes.includes(mode)) throw new Problem('test-mode-missing')
      const owner = callerOf(context.get('person'), mode)
      return context.json(toKeys(await endpoints.ensure(owner, webhookUrl(url, callsLoopback))), 201)
    })
    .get('/webhooks/:id/attempts', async (context) => {
      const { id } = await own(context)
      return context.json({ attempts: await deliveries.attemptsAt(id) } satisfies ConsoleAttempts)
    })
    .post('/webhooks/:id/rotate', async (context) => {
      const { idempotencyKey } = await readJson(context.req.raw, consoleRotateRequest)
      await endpoints.rotate((await own(context)).id, idempotencyKey)
      return context.json(toKeys(await own(context)))
    })
    .route('/', setState('enable', 'enabled'))
    .route('/', setState('disable', 'disabled'))
    .post('/events/:id/resend', async (context) => {
      const { mode } = await readJson(context.req.raw, consoleResendRequest)
      const caller = callerOf(context.get('person'), mode)
      const { id } = await events.get(caller, eventIdOf(context.req.param('id')))
      await deliveries.resend(caller, id)
      return context.json({}, 202)
    })
}
