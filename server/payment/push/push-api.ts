import { ECDH } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bytesOfBase64url } from '../../../shared/bytes.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { type Push, type PushTarget, renewalRequest, subscribeRequest } from '../../../shared/wire/push-api.ts'
import { egressUrl } from '../../runtime/egress.ts'
import type { HttpEnvironment } from '../../runtime/http.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { SubscriptionStore } from './subscription-store.ts'

type PushApi = {
  readonly subscriptions: SubscriptionStore
  /** What browsers subscribe with. */
  readonly applicationServerKey: string
  /** In development and in tests the push service is on the same machine. */
  readonly callsLoopback: boolean
  /** @throws {Problem} `session-missing` */
  readonly signedInBy: (context: Context) => Promise<{ payer: PayerId; passkey: CredentialId }>
}

/** `/api/push` of `shared/wire/push-api.ts`: which browsers are told of payments. */
export function pushApi({ subscriptions, applicationServerKey, callsLoopback, signedInBy }: PushApi) {
  async function toldOf(payer: PayerId): Promise<Push> {
    const kept = await subscriptions.list(payer)
    return {
      applicationServerKey,
      subscriptions: kept.map(({ id, locale, createdAtMs }) => ({ id, locale, createdAtMs })),
    }
  }

  return new Hono<HttpEnvironment>()
    .get('/', async (context) => context.json(await toldOf((await signedInBy(context)).payer)))
    .post('/', async (context) => {
      const { payer, passkey } = await signedInBy(context)
      const { target, locale } = await readJson(context.req.raw, subscribeRequest)
      assertReachable(target, callsLoopback)
      await subscriptions.keep(payer, passkey, target, locale)
      return context.json(await toldOf(payer))
    })
    .post('/renewal', async (context) => {
      const { from, to } = await readJson(context.req.raw, renewalRequest)
      assertReachable(to, callsLoopback)
      await subscriptions.renew(from, to)
      return context.json({})
    })
    .delete('/:id', async (context) => {
      const { payer } = await signedInBy(context)
      await subscriptions.remove(payer, context.req.param('id'))
      return context.json(await toldOf(payer))
    })
}

/** @throws {Problem} `push-target-refused` where nobody may be called, or no key could close anything */
function assertReachable({ endpoint, keys }: PushTarget, callsLoopback: boolean): void {
  if (egressUrl(endpoint, { allowsLoopback: callsLoopback }) === null) throw new Problem('push-target-refused')
  try {
    ECDH.convertKey(bytesOfBase64url(keys.p256dh), 'prime256v1')
  } catch (cause) {
    throw new Problem('push-target-refused', { cause })
  }
}
