import { createHash, timingSafeEqual } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { type PushTarget, pushTargetSchema } from '../../../shared/wire/push-api.ts'
import type { Database } from '../../runtime/database.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { PaymentTables } from '../schema.ts'

/** More browsers than anybody uses: the oldest goes. */
const subscriptionsMax = 10

const use = 'push-subscription'
export const closedSubscriptions = {
  table: 'push_subscription',
  column: 'subscription_closed',
  key: ['id'],
  context: [use, 'id'],
} as const satisfies ClosedColumn<PaymentTables>

const closedSchema = z.strictObject({ target: pushTargetSchema, locale: z.string() })
type Subscription = z.output<typeof closedSchema> & { readonly id: string; readonly createdAtMs: number }

/** The browsers in which payers want to hear of their payments. Where each is reached is closed at rest; it is found by a hash. */
export function subscriptionStore(tools: { database: Database<PaymentTables>; atRest: AtRest; clock: Clock }) {
  const { database, atRest, clock } = tools
  const { db } = database
  const all = (reader: Kysely<PaymentTables> = db) =>
    reader.selectFrom('push_subscription').select(['id', 'subscription_closed', 'created_at_ms'])
  type Row = Awaited<ReturnType<ReturnType<typeof all>['executeTakeFirstOrThrow']>>

  const close = (id: string, subscription: z.input<typeof closedSchema>) =>
    atRest.close([use, id], JSON.stringify(subscription))
  const toSubscription = ({ id, subscription_closed: closed, created_at_ms: createdAtMs }: Row): Subscription => ({
    ...closedSchema.parse(JSON.parse(atRest.open([use, id], closed))),
    id,
    createdAtMs,
  })

  return {
    /** One for an endpoint: in a browser that somebody else uses from now on, it is theirs. @param passkey that signed them in: with it this goes */
    keep: (payer: PayerId, passkey: CredentialId, target: PushTarget, locale: string): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const id = idOf(target)
        await transaction.deleteFrom('push_subscription').where('id', '=', id).where('payer_id', '<>', payer).execute()
        const kept = { payer_id: payer, credential_id: passkey, subscription_closed: close(id, { target, locale }) }
        await transaction
          .insertInto('push_subscription')
          .values({ id, ...kept, created_at_ms: clock.nowMs() })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(kept))
          .execute()
        await dropOldest(transaction, payer)
      }),

    /** The oldest first. */
    async list(payer: PayerId): Promise<Subscription[]> {
      const rows = await all().where('payer_id', '=', payer).orderBy('created_at_ms').orderBy('id').execute()
      return rows.map(toSubscription)
    },

    /** For the worker, who acts for nobody. @returns null where it is gone */
    async find(id: string): Promise<Subscription | null> {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toSubscription(row)
    },

    /** The same browser is reached elsewhere from now on, and hears there what it has not heard yet. @throws {Problem} `push-unknown` */
    renew: (from: PushTarget, to: PushTarget): Promise<void> =>
      database.inTransaction(async (transaction) => {
        // What is being told at this moment is written down first, and then moves along.
        const asked = all(transaction).where('id', '=', idOf(from))
        const row = await (database.engine === 'postgres' ? asked.forUpdate() : asked).executeTakeFirst()
        const known = row === undefined ? null : toSubscription(row)
        if (known === null || !isSame(known.target.keys.auth, from.keys.auth)) throw new Problem('push-unknown')
        const id = idOf(to)
        const closed = close(id, { target: to, locale: known.locale })
        if (id === known.id) {
          // Reached where it was, by other keys.
          const same = transaction.updateTable('push_subscription').where('id', '=', id)
          await same.set({ subscription_closed: closed }).execute()
          return
        }
        const { numInsertedOrUpdatedRows: count } = await transaction
          .insertInto('push_subscription')
          .columns(['id', 'payer_id', 'credential_id', 'subscription_closed', 'created_at_ms'])
          .expression(({ selectFrom, val }) =>
            selectFrom('push_subscription')
              .select([val(id).as('id'), 'payer_id', 'credential_id'])
              .select([val(closed).as('subscription_closed'), 'created_at_ms'])
              .where('id', '=', known.id),
          )
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
        // Where there is one already it may be somebody else's, whom this does not concern.
        if (count === 1n) await moveNotices(transaction, known.id, id)
        await transaction.deleteFrom('push_subscription').where('id', '=', known.id).execute()
      }),

    /** Whatever it was to hear goes too. */
    async remove(payer: PayerId, id: string): Promise<void> {
      await db.deleteFrom('push_subscription').where('id', '=', id).where('payer_id', '=', payer).execute()
    },

    /** There is no such browser any more. */
    async drop(id: string): Promise<void> {
      await db.deleteFrom('push_subscription').where('id', '=', id).execute()
    },
  }
}
export type SubscriptionStore = ReturnType<typeof subscriptionStore>

const idOf = ({ endpoint }: PushTarget): string => createHash('sha256').update(endpoint).digest('base64url')

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

async function moveNotices(transaction: Transaction<PaymentTables>, from: string, to: string): Promise<void> {
  const waiting = transaction.updateTable('push_notice').where('subscription_id', '=', from)
  await waiting.set({ subscription_id: to }).execute()
}

async function dropOldest(transaction: Transaction<PaymentTables>, payer: PayerId): Promise<void> {
  const newest = transaction
    .selectFrom('push_subscription')
    .select('id')
    .where('payer_id', '=', payer)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id')
    .limit(sql.lit(subscriptionsMax))
  await transaction
    .deleteFrom('push_subscription')
    .where('payer_id', '=', payer)
    .where('id', 'not in', newest)
    .execute()
}
