import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { cardFaceSchema } from '../../../shared/wire/bank-api.ts'
import { moneySchema, paymentIdSchema } from '../../../shared/wire/intent-schema.ts'
import type { Clock } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'
import { eventIdOf } from '../webhooks/write-event.ts'
import { noticeKinds } from './write-notice.ts'

const noticeSchema = z.object({
  subscription: z.string(),
  subject: z.string(),
  kind: z.enum(noticeKinds),
  number: z.int(),
  atMs: z.int(),
  attempts: z.int(),
})
/** What a browser has not heard of yet. `attempts` were made. */
export type Notice = z.output<typeof noticeSchema>

const noticedPaymentSchema = z.object({
  payee: z.string(),
  amount: moneySchema,
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  card: cardFaceSchema.pick({ brand: true, last4: true }),
})
/** The payment as it was when it happened, with the card of the payer who is told. */
export type NoticedPayment = z.output<typeof noticedPaymentSchema>

export function noticeStore({ db, clock }: { db: Kysely<PaymentTables>; clock: Clock }) {
  const named = ({ subscription, subject, number }: Notice) =>
    db
      .updateTable('push_notice')
      .where('subscription_id', '=', subscription)
      .where('subject', '=', subject)
      // Another one of the same subject may have come meanwhile: it is told by itself.
      .where('number', '=', number)

  return {
    /** Those whose time has come, oldest first, and of one browser only so many: whose push service is slow keeps nobody else's waiting. */
    async due(limit: number, ofSubscriptionMax: number): Promise<Notice[]> {
      const inTurn = db
        .selectFrom('push_notice')
        .select(['subscription_id as subscription', 'subject', 'kind', 'number', 'at_ms as atMs', 'attempts'])
        .select('next_attempt_at_ms as due_at_ms')
        .select(
          sql<number>`row_number() over (partition by ${sql.ref('subscription_id')} order by ${sql.ref('next_attempt_at_ms')})`.as(
            'turn',
          ),
        )
        .where('next_attempt_at_ms', '<=', clock.nowMs())
      const rows = await db
        .selectFrom(inTurn.as('waiting'))
        .select(['subscription', 'subject', 'kind', 'number', 'atMs', 'attempts'])
        .where('turn', '<=', ofSubscriptionMax)
        .orderBy('due_at_ms')
        .limit(limit)
        .execute()
      return rows.map((row) => noticeSchema.parse(row))
    },

    /** Of several processes that find the same notice due, one gets to send it. @returns whether it is this one */
    async claim(notice: Notice, leaseUntilMs: number): Promise<boolean> {
      const { numUpdatedRows } = await named(notice)
        .set({ attempts: notice.attempts + 1, next_attempt_at_ms: leaseUntilMs })
        .where('attempts', '=', notice.attempts)
        .where('next_attempt_at_ms', '<=', clock.nowMs())
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async putOff(notice: Notice, nextAttemptAtMs: number): Promise<void> {
      await named(notice)
        .set({ next_attempt_at_ms: nextAttemptAtMs })
        .where('attempts', '=', notice.attempts + 1)
        .execute()
    },

    /** It was told, or never will be. */
    async drop({ subscription, subject, number }: Notice): Promise<void> {
      await db
        .deleteFrom('push_notice')
        .where('subscription_id', '=', subscription)
        .where('subject', '=', subject)
        .where('number', '=', number)
        .execute()
    },

    /** @returns null where the notice is of no payment */
    async paymentOf({ subscription, subject, number }: Notice): Promise<NoticedPayment | null> {
      const payment = paymentIdSchema.safeParse(subject)
      if (!payment.success) return null
      const row = await db
        .selectFrom('event')
        .innerJoin('payment', 'payment.id', 'event.payment_id')
        .innerJoin('merchant', 'merchant.id', 'payment.merchant_id')
        .innerJoin('authorization', 'authorization.payment_id', 'payment.id')
        .innerJoin('push_subscription', 'push_subscription.payer_id', 'authorization.payer_id')
        .select(['merchant.name', 'payment.amount_minor', 'payment.currency'])
        .select(['event.captured_minor', 'event.refunded_minor'])
        .select(['authorization.card_brand', 'authorization.card_last4'])
        .where('event.id', '=', eventIdOf(payment.data, number))
        .where('push_subscription.id', '=', subscription)
        .orderBy('authorization.started_at_ms', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return noticedPaymentSchema.parse({
        payee: row.name,
        amount: { minor: row.amount_minor, currency: row.currency },
        capturedMinor: row.captured_minor,
        refundedMinor: row.refunded_minor,
        card: { brand: row.card_brand, last4: row.card_last4 },
      })
    },
  }
}
export type NoticeStore = ReturnType<typeof noticeStore>
