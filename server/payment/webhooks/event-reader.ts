import { type Kysely, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import { type EventId, identifierPattern } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { eventIdSchema, eventSchema, eventsQuery, type PaymentEvent } from '../../../shared/wire/events-api.ts'
import type { Caller } from '../api-key-store.ts'
import { toMerchantPayment } from '../bill.ts'
import type { Pseudonyms } from '../identity/pseudonym.ts'
import { selectPayments, toPayment } from '../payment-record.ts'
import { readQuery } from '../read-query.ts'
import type { PaymentTables } from '../schema.ts'

/** Of moves of one payment in one millisecond, their number says which came first. */
type Place = { readonly atMs: number; readonly payment: string; readonly number: number }
const placeSchema = z
  .templateLiteral([
    z.string().regex(/^[0-9]{1,15}$/),
    '~',
    z.string().regex(identifierPattern('payment')),
    '~',
    z.string().regex(/^[0-9]{1,9}$/),
  ])
  .transform((text): Place => {
    const [atMs = '', payment = '', number = ''] = text.split('~')
    return { atMs: Number(atMs), payment, number: Number(number) }
  })

/** What merchants are told, as they are told it: by webhook and when they ask, the same. */
export function eventReader(tools: { db: Kysely<PaymentTables>; origin: string; pseudonyms: Pseudonyms }) {
  const { db, origin, pseudonyms } = tools

  const select = () =>
    selectPayments(db)
      .innerJoin('event', 'event.payment_id', 'payment.id')
      .select([
        'event.id as event_id',
        'event.number as event_number',
        'event.type as event_type',
        'event.at_ms',
        'event.state as then_state',
      ])
      .select(['event.captured_minor as then_captured_minor', 'event.refunded_minor as then_refunded_minor'])
      .select(['event.capturing_minor as then_capturing_minor', 'event.refunding_minor as then_refunding_minor'])
      .select(['event.is_releasing as then_is_releasing', 'event.held_until_ms as then_held_until_ms'])
      .select(['event.failures as then_failures', 'event.decline_reason as then_decline_reason'])
      .select(['event.decision as then_decision', 'event.refused_minor', 'event.refusal_reason'])
  type Row = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>

  function toEvent(row: Row): PaymentEvent {
    const payment = toPayment({
      ...row,
      state: row.then_state,
      captured_minor: row.then_captured_minor,
      refunded_minor: row.then_refunded_minor,
      capturing_minor: row.then_capturing_minor,
      refunding_minor: row.then_refunding_minor,
      is_releasing: row.then_is_releasing,
      held_until_ms: row.then_held_until_ms,
      failures: row.then_failures,
      decline_reason: row.then_decline_reason,
      decision: row.then_decision,
    })
    return eventSchema.parse({
      id: row.event_id,
      object: 'event',
      type: row.event_type,
      mode: row.mode,
      createdAtMs: row.at_ms,
      payment: toMerchantPayment(payment, origin, pseudonyms),
      ...(row.refusal_reason !== null && { refusal: { amountMinor: row.refused_minor, reason: row.refusal_reason } }),
    })
  }

  const ownedBy = ({ id, mode }: Caller) => select().where('event.merchant_id', '=', id).where('event.mode', '=', mode)

  return {
    /** For the worker, which acts for nobody. */
    async find(id: EventId): Promise<PaymentEvent> {
      return toEvent(await select().where('event.id', '=', id).executeTakeFirstOrThrow())
    },

    /** @throws {Problem} `event-unknown`, also for another merchant's, or one of the other mode */
    async get(caller: Caller, id: EventId): Promise<PaymentEvent> {
      const row = await ownedBy(caller).where('event.id', '=', id).executeTakeFirst()
      if (row === undefined) throw new Problem('event-unknown')
      return toEvent(row)
    },

    /** @param query as it came in an address. @throws {Problem} `query-malformed` */
    async list(caller: Caller, query: Readonly<Record<string, string>>) {
      const asked = readQuery(eventsQuery, query)
      let found = ownedBy(caller)
      if (asked.type !== undefined) found = found.where('event.type', '=', asked.type)
      if (asked.payment !== undefined) found = found.where('event.payment_id', '=', asked.payment)
      if (asked.after !== undefined) found = found.where(isAfter(readQuery(placeSchema, asked.after)))
      const rows = await found
        .orderBy('event.at_ms', 'desc')
        .orderBy('event.payment_id', 'desc')
        .orderBy('event.number', 'desc')
        .limit(asked.limit + 1)
        .execute()
      const shown = rows.slice(0, asked.limit)
      const last = shown.at(-1)
      return {
        events: shown.map(toEvent),
        next: last !== undefined && rows.length > asked.limit ? `${last.at_ms}~${last.id}~${last.event_number}` : null,
      }
    },
  }
}
export type EventReader = ReturnType<typeof eventReader>

const isAfter = ({ atMs, payment, number }: Place) =>
  sql<SqlBool>`(${sql.ref('event.at_ms')}, ${sql.ref('event.payment_id')}, ${sql.ref('event.number')}) < (${atMs}, ${payment}, ${number})`

/** @throws {Problem} `event-unknown` */
export function eventIdOf(text: string): EventId {
  const { data } = eventIdSchema.safeParse(text)
  if (data === undefined) throw new Problem('event-unknown')
  return data
}
