import type { Kysely } from 'kysely'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { type Happening, happeningSchema } from '../../../shared/wire/console-api.ts'
import type { PaymentTables } from '../schema.ts'
import { selectHistory } from '../transition.ts'

/** All that happened to a payment, the oldest first: each move with its cause, what the bank was asked and said, and what the merchant was told. */
export function happeningsReader(db: Kysely<PaymentTables>) {
  async function tries(payment: PaymentId) {
    const rows = await db
      .selectFrom('authorization')
      .select(['started_at_ms', 'card_brand', 'card_last4', 'booked_at_ms', 'approval_code', 'next_inquiry_at_ms'])
      .where('payment_id', '=', payment)
      .execute()
    return rows.map((row) => ({
      kind: 'try',
      atMs: row.started_at_ms,
      card: { brand: row.card_brand, last4: row.card_last4 },
      bookedAtMs: row.booked_at_ms,
      approvalCode: row.approval_code,
      isAnswered: row.next_inquiry_at_ms === null,
    }))
  }

  async function operations(payment: PaymentId) {
    const rows = await db.selectFrom('operation').selectAll().where('payment_id', '=', payment).execute()
    return rows.map((row) => ({
      kind: 'operation',
      atMs: row.asked_at_ms,
      what: row.kind,
      amount: { minor: row.amount_minor, currency: row.currency },
      state: row.state,
      reason: row.reason,
      declineReason: row.decline_reason,
      settledAtMs: row.settled_at_ms,
    }))
  }

  async function events(payment: PaymentId) {
    const rows = await db
      .selectFrom('event')
      .select(['id as event', 'type', 'at_ms as atMs'])
      .where('payment_id', '=', payment)
      .orderBy('number')
      .execute()
    return rows.map((row) => ({ kind: 'event', ...row }))
  }

  async function attempts(payment: PaymentId) {
    const rows = await db
      .selectFrom('delivery_attempt as attempt')
      .innerJoin('event', 'event.id', 'attempt.event_id')
      .innerJoin('webhook_endpoint as endpoint', 'endpoint.id', 'attempt.endpoint_id')
      .select(['attempt.at_ms as atMs', 'attempt.event_id as event', 'event.type', 'endpoint.url', 'attempt.number'])
      .select(['attempt.status', 'attempt.failure', 'attempt.next_attempt_at_ms as nextAttemptAtMs'])
      .where('event.payment_id', '=', payment)
      .orderBy('attempt.at_ms')
      .orderBy('attempt.number')
      .execute()
    return rows.map(({ status, failure, ...row }) => ({
      kind: 'attempt',
      ...row,
      outcome: status === null ? { failure } : { status },
    }))
  }

  return async function happeningsOf(payment: PaymentId): Promise<Happening[]> {
    const moves = (await selectHistory(db, payment)).map((move) => ({ kind: 'move', ...move }))
    const others = await Promise.all([tries(payment), operations(payment), events(payment), attempts(payment)])
    // What is asked comes before what it leads to, where the clock shows the same of both.
    const [tried, operated, told, attempted] = others
    const all = [...tried, ...operated, ...moves, ...told, ...attempted]
    return all.toSorted((one, other) => one.atMs - other.atMs).map((happening) => happeningSchema.parse(happening))
  }
}
export type HappeningsReader = ReturnType<typeof happeningsReader>
