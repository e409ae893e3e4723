import { type Kysely, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import { identifierPattern } from '../../shared/identifiers.ts'
import { failuresMax } from '../../shared/payment.ts'
import { paymentsQuery } from '../../shared/wire/merchant-api.ts'
import type { Clock } from '../runtime/room.ts'
import type { Caller } from './api-key-store.ts'
import type { Expiry } from './expire.ts'
import { type Payment, selectPayments, toPayment } from './payment-record.ts'
import { readQuery } from './read-query.ts'
import type { PaymentTables } from './schema.ts'

type Place = { readonly createdAtMs: number; readonly id: string }
const placeSchema = z
  .templateLiteral([z.string().regex(/^[0-9]{1,15}$/), '~', z.string().regex(identifierPattern('payment'))])
  .transform((text): Place => {
    const [createdAtMs = '', id = ''] = text.split('~')
    return { createdAtMs: Number(createdAtMs), id }
  })

/** A merchant's payments of one mode, newest first. Pages go by place and not by number: one that is made meanwhile shifts nothing. */
export function paymentLister(tools: { db: Kysely<PaymentTables>; bills: Expiry; clock: Clock }) {
  const { db, bills, clock } = tools

  /** What `GET /v1/payments/:id` would say: a bill is over when its time is, whether or not the worker came by. */
  const stateNow = () =>
    sql<string>`case when ${sql.ref('payment.state')} in ('created', 'declined')
      and ${sql.ref('payment.failures')} < ${sql.lit(failuresMax)}
      and ${sql.ref('payment.expires_at_ms')} <= ${clock.nowMs()} then 'expired' else ${sql.ref('payment.state')} end`

  /**
   * @param query as it came in an address
   * @param search part of a reference in whatever case, or an id; empty finds all
   * @throws {Problem} `query-malformed`
   */
  return async function list({ id, mode }: Caller, query: Readonly<Record<string, string>>, search = '') {
    const asked = readQuery(paymentsQuery, query)
    let found = selectPayments(db).where('payment.merchant_id', '=', id).where('payment.mode', '=', mode)
    if (asked.state !== undefined) found = found.where(stateNow(), '=', asked.state)
    if (asked.reference !== undefined) found = found.where('payment.reference', '=', asked.reference)
    if (asked.createdFromMs !== undefined) found = found.where('payment.created_at_ms', '>=', asked.createdFromMs)
    if (asked.createdBeforeMs !== undefined) found = found.where('payment.created_at_ms', '<', asked.createdBeforeMs)
    if (search.trim() !== '') found = found.where(isFoundBy(search.trim()))
    if (asked.after !== undefined) found = found.where(isAfter(readQuery(placeSchema, asked.after)))
    const rows = await found
      .orderBy('payment.created_at_ms', 'desc')
      .orderBy('payment.id', 'desc')
      .limit(asked.limit + 1)
      .execute()
    const page = rows.slice(0, asked.limit).map(toPayment)
    const last = page.at(-1)
    return {
      payments: await Promise.all(page.map(current)),
      next: last !== undefined && rows.length > asked.limit ? placeOf(last) : null,
    }
  }

  function current(payment: Payment): Promise<Payment> | Payment {
    return clock.nowMs() < payment.expiresAtMs ? payment : bills.current(payment.id)
  }
}
export type ListPayments = ReturnType<typeof paymentLister>

const placeOf = ({ createdAtMs, id }: Payment): string => `${createdAtMs}~${id}`

const isAfter = ({ createdAtMs, id }: Place) =>
  sql<SqlBool>`(${sql.ref('payment.created_at_ms')}, ${sql.ref('payment.id')}) < (${createdAtMs}, ${id})`

/** Unlike `like`, `replace` knows no wildcards: what is searched for is what was typed. */
const isFoundBy = (search: string) =>
  sql<SqlBool>`(${sql.ref('payment.id')} = ${search}
    or replace(lower(${sql.ref('payment.reference')}), lower(${search}), '') <> lower(${sql.ref('payment.reference')}))`
