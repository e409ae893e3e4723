import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { EventId, MerchantId, WebhookEndpointId } from '../../../shared/identifiers.ts'
import {
  type DeliveryAttempt,
  deliveryAttemptSchema,
  eventIdSchema,
  webhookEndpointIdSchema,
} from '../../../shared/wire/events-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import type { Clock } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'

const deliverySchema = z.object({
  endpoint: webhookEndpointIdSchema,
  event: eventIdSchema,
  payment: z.string(),
  number: z.int(),
  attempts: z.int(),
})
/** An event that an endpoint has not heard of yet. `attempts` were made. */
export type Delivery = z.output<typeof deliverySchema>
/** What became of an attempt. `nextAttemptAtMs` is null where there will be no other. */
export type Made = {
  readonly outcome: DeliveryAttempt['outcome']
  readonly durationMs: number
  readonly nextAttemptAtMs: number | null
}

const shownAttemptsMax = 100
const attemptsKeptMs = 30 * 24 * 60 * 60_000

export function deliveryStore({ db, clock }: { db: Kysely<PaymentTables>; clock: Clock }) {
  const rowOf = (update: ReturnType<typeof db.updateTable<'delivery'>>, { endpoint, payment, number }: Delivery) =>
    update.where('endpoint_id', '=', endpoint).where('payment_id', '=', payment).where('number', '=', number)

  const keptFromMs = () => clock.nowMs() - attemptsKeptMs

  return {
    /**
     * Those whose time has come, oldest first, and of one endpoint only so many: whose server is slow keeps nobody else's waiting. Of one payment
     * an endpoint hears in order: what comes later waits for what was before.
     */
    async due(limit: number, ofEndpointMax: number): Promise<Delivery[]> {
      const inTurn = db
        .selectFrom('delivery')
        .innerJoin('webhook_endpoint', 'webhook_endpoint.id', 'delivery.endpoint_id')
        .select(['endpoint_id as endpoint', 'event_id as event', 'payment_id as payment', 'number', 'attempts'])
        .select('next_attempt_at_ms as due_at_ms')
        .select(
          sql<number>`row_number() over (partition by ${sql.ref('endpoint_id')} order by ${sql.ref('next_attempt_at_ms')})`.as(
            'turn',
          ),
        )
        .where('next_attempt_at_ms', '<=', clock.nowMs())
        .where('webhook_endpoint.state', '=', sql.lit('enabled'))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('delivery as before')
                .select('before.number')
                .whereRef('before.endpoint_id', '=', 'delivery.endpoint_id')
                .whereRef('before.payment_id', '=', 'delivery.payment_id')
                .whereRef('before.number', '<', 'delivery.number')
                .where('before.next_attempt_at_ms', 'is not', null),
            ),
          ),
        )
      const rows = await db
        .selectFrom(inTurn.as('waiting'))
        .select(['endpoint', 'event', 'payment', 'number', 'attempts'])
        .where('turn', '<=', ofEndpointMax)
        .orderBy('due_at_ms')
        .limit(limit)
        .execute()
      return rows.map((row) => deliverySchema.parse(row))
    },

    /** Of several processes that find the same delivery due, one gets to make it. @returns whether it is this one */
    async claim(delivery: Delivery, leaseUntilMs: number): Promise<boolean> {
      const claiming = db
        .updateTable('delivery')
        .set({ attempts: delivery.attempts + 1, next_attempt_at_ms: leaseUntilMs })
        .where('attempts', '=', delivery.attempts)
        .where('next_attempt_at_ms', '<=', clock.nowMs())
      const { numUpdatedRows } = await rowOf(claiming, delivery).executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /**
     * Writes down what became of a claimed attempt: the attempt first, so that one that ended in a crash between the two is seen and made
     * again.
     */
    async note(delivery: Delivery, { outcome, durationMs, nextAttemptAtMs }: Made): Promise<void> {
      await db
        .insertInto('delivery_attempt')
        .values({
          endpoint_id: delivery.endpoint,
          event_id: delivery.event,
          at_ms: clock.nowMs(),
          number: delivery.attempts + 1,
          status: 'status' in outcome ? outcome.status : null,
          failure: 'failure' in outcome ? outcome.failure : null,
          duration_ms: durationMs,
          next_attempt_at_ms: nextAttemptAtMs,
        })
        .execute()
      // Whoever resent it meanwhile wants another one.
      const noting = db
        .updateTable('delivery')
        .set({ next_attempt_at_ms: nextAttemptAtMs })
        .where('attempts', '=', delivery.attempts + 1)
      await rowOf(noting, delivery).execute()
    },

    /** Whatever waits for this endpoint is told no more. */
    async giveUp(endpoint: WebhookEndpointId): Promise<void> {
      await db.updateTable('delivery').set({ next_attempt_at_ms: null }).where('endpoint_id', '=', endpoint).execute()
    },

    /** To every endpoint of the merchant that is enabled, from the first attempt on. */
    async resend(owner: { id: MerchantId; mode: KeyMode }, event: EventId): Promise<void> {
      const nowMs = clock.nowMs()
      await db
        .insertInto('delivery')
        .columns(['endpoint_id', 'event_id', 'payment_id', 'number', 'attempts', 'next_attempt_at_ms'])
        .expression(({ selectFrom, cast, val }) =>
          selectFrom('event')
            .innerJoin('webhook_endpoint', (join) => join.on('webhook_endpoint.state', '=', 'enabled'))
            .select(['webhook_endpoint.id as endpoint_id', 'event.id as event_id', 'event.payment_id', 'event.number'])
            .select([sql<number>`0`.as('attempts'), cast<number>(val(nowMs), 'bigint').as('next_attempt_at_ms')])
            .where('webhook_endpoint.merchant_id', '=', owner.id)
            .where('webhook_endpoint.mode', '=', owner.mode)
            .where('event.id', '=', event),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['endpoint_id', 'payment_id', 'number'])
            .doUpdateSet({ attempts: 0, next_attempt_at_ms: nowMs })
            // Where it is due already, asking again makes it no sooner and no oftener.
            .where(({ or, eb }) =>
              or([eb('delivery.next_attempt_at_ms', 'is', null), eb('delivery.next_attempt_at_ms', '>', nowMs)]),
            ),
        )
        .execute()
    },

    /** Nobody looks at attempts for longer. The last good answer stays, by which an endpoint is known to hear. */
    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('delivery_attempt')
        .where('at_ms', '<', keptFromMs())
        .where(({ eb, or, between, not, selectFrom }) =>
          or([
            eb('status', 'is', null),
            not(between('status', 200, 299)),
            eb(
              'at_ms',
              '<',
              selectFrom('delivery_attempt as later')
                .select(({ fn }) => fn.max('later.at_ms').as('at_ms'))
                .whereRef('later.endpoint_id', '=', 'delivery_attempt.endpoint_id')
                .where((later) => later.between('later.status', 200, 299)),
            ),
          ]),
        )
        .execute()
    },

    /** The newest first. */
    async attemptsAt(endpoint: WebhookEndpointId): Promise<DeliveryAttempt[]> {
      const rows = await db
        .selectFrom('delivery_attempt as attempt')
        .innerJoin('event', 'event.id', 'attempt.event_id')
        .select(['attempt.event_id', 'event.type', 'event.payment_id', 'attempt.number', 'attempt.at_ms'])
        .select(['attempt.status', 'attempt.failure', 'attempt.duration_ms', 'attempt.next_attempt_at_ms'])
        .where('attempt.endpoint_id', '=', endpoint)
        .where('attempt.at_ms', '>=', keptFromMs())
        .orderBy('attempt.at_ms', 'desc')
        .orderBy('attempt.event_id')
        .orderBy('attempt.number', 'desc')
        .limit(shownAttemptsMax)
        .execute()
      return rows.map((row) =>
        deliveryAttemptSchema.parse({
          event: row.event_id,
          type: row.type,
          payment: row.payment_id,
          number: row.number,
          atMs: row.at_ms,
          outcome: row.status === null ? { failure: row.failure } : { status: row.status },
          ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
          ...(row.next_attempt_at_ms === null ? {} : { nextAttemptAtMs: row.next_attempt_at_ms }),
        }),
      )
    },
  }
}
export type DeliveryStore = ReturnType<typeof deliveryStore>
