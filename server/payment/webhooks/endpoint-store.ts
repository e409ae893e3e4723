import type { Kysely } from 'kysely'
import { z } from 'zod'
import {
  identifier,
  identifierRandomBytes,
  type MerchantId,
  type WebhookEndpointId,
} from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { webhookEndpointIdSchema } from '../../../shared/wire/events-api.ts'
import { merchantIdSchema } from '../../../shared/wire/intent-schema.ts'
import { type KeyMode, keyModes } from '../../../shared/wire/merchant-api.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { PaymentTables } from '../schema.ts'
import { makeKeyPair, type WebhookKeys, webhookKeysSchema } from './webhook-keys.ts'

/** Of those that are told. */
const endpointsMax = 16
const overlapMs = 24 * 60 * 60_000
const rotationsMax = 20

const keysUse = 'webhook-keys'
export const closedWebhookKeys = {
  table: 'webhook_endpoint',
  column: 'keys_closed',
  key: ['id'],
  context: [keysUse, 'id'],
} as const satisfies ClosedColumn<PaymentTables>

const endpointSchema = z.object({
  id: webhookEndpointIdSchema,
  mode: z.enum(keyModes),
  url: z.string(),
  state: z.enum(['enabled', 'disabled', 'gone']),
  createdAtMs: z.int(),
  keys: webhookKeysSchema,
})
/** Where a merchant wants to hear of its payments, and what it knows us by. */
export type Endpoint = z.output<typeof endpointSchema>
type Owner = { readonly id: MerchantId; readonly mode: KeyMode }

export function endpointStore(tools: { db: Kysely<PaymentTables>; atRest: AtRest; clock: Clock; random: RandomBytes }) {
  const { db, atRest, clock, random } = tools
  const close = (id: string, keys: WebhookKeys) => atRest.close([keysUse, id], JSON.stringify(keys))
  const open = (id: string, closed: string): WebhookKeys =>
    webhookKeysSchema.parse(JSON.parse(atRest.open([keysUse, id], closed)))

  const select = () =>
    db
      .selectFrom('webhook_endpoint')
      .select(['id', 'mode', 'url', 'state', 'created_at_ms as createdAtMs', 'keys_closed'])
  type Row = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>
  const toEndpoint = ({ keys_closed, ...row }: Row): Endpoint =>
    endpointSchema.parse({ ...row, keys: open(row.id, keys_closed) })

  const ownedBy = ({ id, mode }: Owner) => select().where('merchant_id', '=', id).where('mode', '=', mode)

  async function get(owner: Owner, id: WebhookEndpointId): Promise<Endpoint> {
    const row = await ownedBy(owner).where('id', '=', id).executeTakeFirst()
    if (row === undefined) throw new Problem('webhook-unknown')
    return toEndpoint(row)
  }

  /** Two that are turned on at the same moment may make one too many: a limit against excess, not a promise. */
  async function leaveRoomFor(owner: Owner, id: WebhookEndpointId): Promise<void> {
    const others = await ownedBy(owner).where('state', '=', 'enabled').where('id', '<>', id).execute()
    if (others.length >= endpointsMax) throw new Problem('webhooks-too-many')
  }

  return {
    /** @throws {Problem} `webhook-unknown`, also for another merchant's */
    get,

    /** Of either mode. @throws {Problem} `webhook-unknown`, also for another merchant's */
    async ofMerchant(merchant: MerchantId, id: WebhookEndpointId): Promise<Endpoint> {
      const row = await select().where('merchant_id', '=', merchant).where('id', '=', id).executeTakeFirst()
      if (row === undefined) throw new Problem('webhook-unknown')
      return toEndpoint(row)
    },

    /** For the worker and for operators, who act for nobody. @throws {Problem} `webhook-unknown` */
    async find(id: WebhookEndpointId): Promise<Endpoint> {
      const row = await select().where('id', '=', id).executeTakeFirst()
      if (row === undefined) throw new Problem('webhook-unknown')
      return toEndpoint(row)
    },

    /** The oldest first. */
    async list(owner: Owner): Promise<Endpoint[]> {
      return (await ownedBy(owner).orderBy('created_at_ms').orderBy('id').execute()).map(toEndpoint)
    },

    /** The one with this URL, made where there is none. @throws {Problem} `webhooks-too-many` */
    async ensure(owner: Owner, url: string): Promise<Endpoint> {
      const known = await ownedBy(owner).where('url', '=', url).executeTakeFirst()
      if (known !== undefined) return toEndpoint(known)
      const id = identifier('webhookEndpoint', random(identifierRandomBytes))
      await leaveRoomFor(owner, id)
      const row = {
        id,
        merchant_id: owner.id,
        mode: owner.mode,
        url,
        state: 'enabled',
        created_at_ms: clock.nowMs(),
      } as const
      await db
        .insertInto('webhook_endpoint')
        .values({ ...row, keys_closed: close(id, { current: makeKeyPair(random), formers: [], changedBy: null }) })
        .onConflict((conflict) => conflict.columns(['merchant_id', 'mode', 'url']).doNothing())
        .execute()
      return toEndpoint(await ownedBy(owner).where('url', '=', url).executeTakeFirstOrThrow())
    },

    /** @throws {Problem} `webhooks-too-many` where it is turned on beside as many as there may be */
    async setState(id: WebhookEndpointId, state: Endpoint['state']): Promise<void> {
      if (state === 'enabled') {
        const owner = db.selectFrom('webhook_endpoint').select(['merchant_id', 'mode']).where('id', '=', id)
        const { merchant_id, mode } = await owner.executeTakeFirstOrThrow()
        await leaveRoomFor({ id: merchantIdSchema.parse(merchant_id), mode: z.enum(keyModes).parse(mode) }, id)
      }
      await db.updateTable('webhook_endpoint').set({ state }).where('id', '=', id).execute()
    },

    /**
     * New keys; those of now sign as well for a day, so that whoever checks can change over in peace.
     * @param changedBy the Idempotency-Key of who asks: sent again, it changes nothing again
     */
    async rotate(id: WebhookEndpointId, changedBy: string): Promise<void> {
      const kept = db.selectFrom('webhook_endpoint').select('keys_closed').where('id', '=', id)
      // Of two that rotate at once the second one goes on from what the first has made, so that no key is lost on the way.
      for (let attempt = 0; attempt < rotationsMax; attempt += 1) {
        const { keys_closed } = await kept.executeTakeFirstOrThrow()
        const { current, formers, ...before } = open(id, keys_closed)
        if (before.changedBy === changedBy) return
        const nowMs = clock.nowMs()
        const changed: WebhookKeys = {
          current: makeKeyPair(random),
          formers: [{ keys: current, untilMs: nowMs + overlapMs }, ...formers.filter(({ untilMs }) => untilMs > nowMs)],
          changedBy,
        }
        const { numUpdatedRows } = await db
          .updateTable('webhook_endpoint')
          .set({ keys_closed: close(id, changed) })
          .where('id', '=', id)
          .where('keys_closed', '=', keys_closed)
          .executeTakeFirst()
        if (numUpdatedRows === 1n) return
      }
      throw new Error('too many rotate the keys of one endpoint at once')
    },
  }
}
export type EndpointStore = ReturnType<typeof endpointStore>

/** @throws {Problem} `webhook-unknown` */
export function endpointIdOf(text: string): WebhookEndpointId {
  const { data } = webhookEndpointIdSchema.safeParse(text)
  if (data === undefined) throw new Problem('webhook-unknown')
  return data
}
