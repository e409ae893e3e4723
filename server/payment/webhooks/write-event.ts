import { createHash } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DeclineReason } from '../../../shared/decline.ts'
import { type EventId, identifier, identifierRandomBytes, type PaymentId } from '../../../shared/identifiers.ts'
import type { PaymentState } from '../../../shared/payment.ts'
import { type EventType, eventTypeOf } from '../../../shared/wire/events-api.ts'
import { compiledWithin } from '../../runtime/compiled-query.ts'
import type { PaymentTables } from '../schema.ts'

/** What the bank would not do, though the merchant asked for it. */
export type Refusal = {
  readonly kind: 'capture' | 'refund' | 'void'
  readonly amountMinor: number
  readonly reason: DeclineReason
}

type Happening = {
  readonly payment: PaymentId
  /** Of the move. */
  readonly number: number
  /** Where the payment has come to. */
  readonly state: PaymentState | undefined
  readonly atMs: number
  readonly refusal: Refusal | null
}

/**
 * Writes down what the merchant is to be told, in the transaction of the change itself: an outbox, so that nothing is told that was not
 * done, and nothing is done that is never told. For every endpoint that is enabled now, a delivery is due at once.
 */
export async function writeEvent(transaction: Transaction<PaymentTables>, happening: Happening): Promise<void> {
  const { payment, number, atMs, refusal } = happening
  const type = typeOf(happening)
  if (type === null) return
  const id = eventIdOf(payment, number)
  const { amountMinor, reason } = refusal ?? { amountMinor: null, reason: null }
  await insertEvent(transaction, id, number, type, atMs, amountMinor, reason, payment)
  await insertDeliveries(transaction, id)
}

function typeOf({ state, refusal }: Happening): EventType | null {
  if (refusal !== null) return `payment.${refusal.kind}_failed`
  return state === undefined ? null : eventTypeOf(state)
}

const told = ['refused_minor', 'refusal_reason'] as const

/** What can change about a payment: the rest is read from the payment itself. */
const copied = [
  'merchant_id',
  'mode',
  'state',
  'captured_minor',
  'refunded_minor',
  'capturing_minor',
  'refunding_minor',
  'is_releasing',
  'held_until_ms',
  'failures',
  'decline_reason',
  'decision',
] as const

const insertEvent = compiledWithin(
  (
    transaction: Kysely<PaymentTables>,
    id: EventId,
    number: number,
    type: EventType,
    atMs: number,
    refusedMinor: number | null,
    reason: DeclineReason | null,
    payment: PaymentId,
  ) =>
    transaction
      .insertInto('event')
      .columns(['id', 'number', 'type', 'at_ms', ...told, ...copied, 'payment_id'])
      .expression(({ selectFrom, val, cast }) =>
        selectFrom('payment')
          .select([val(id).as('id'), cast<number>(val(number), 'integer').as('number'), val<string>(type).as('type')])
          .select(cast<number>(val(atMs), 'bigint').as('at_ms'))
          .select(cast<number | null>(val(refusedMinor), 'bigint').as('refused_minor'))
          .select(cast<string | null>(val(reason), 'text').as('refusal_reason'))
          .select([...copied, 'id as payment_id'])
          .where('id', '=', payment),
      ),
)

const insertDeliveries = compiledWithin((transaction: Kysely<PaymentTables>, event: EventId) =>
  transaction
    .insertInto('delivery')
    .columns(['endpoint_id', 'event_id', 'payment_id', 'number', 'attempts', 'next_attempt_at_ms'])
    .expression(({ selectFrom }) =>
      selectFrom('event')
        .innerJoin('webhook_endpoint', (join) =>
          join
            .onRef('webhook_endpoint.merchant_id', '=', 'event.merchant_id')
            .onRef('webhook_endpoint.mode', '=', 'event.mode')
            .on('webhook_endpoint.state', '=', 'enabled'),
        )
        .select(['webhook_endpoint.id as endpoint_id', 'event.id as event_id', 'event.payment_id', 'event.number'])
        .select([sql<number>`0`.as('attempts'), 'event.at_ms as next_attempt_at_ms'])
        .where('event.id', '=', event),
    ),
)

/** One move is one event, whoever asks: the id follows from it, and says nothing of it. */
export const eventIdOf = (payment: PaymentId, number: number): EventId =>
  identifier(
    'event',
    new Uint8Array(
      createHash('sha256').update(`event ${number} of ${payment}`).digest().subarray(0, identifierRandomBytes),
    ),
  )
