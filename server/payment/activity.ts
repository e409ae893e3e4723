import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import type { activityKinds } from '../../shared/activity.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import { authorizationReferenceSchema } from '../../shared/wire/bank-api.ts'
import { moneySchema } from '../../shared/wire/intent-schema.ts'
import { type Activity, type ActivityEntry, activityQuery, type Spending } from '../../shared/wire/payment-api.ts'
import { type Payment, selectPayments, type Try, toPayment } from './payment-record.ts'
import { readQuery } from './read-query.ts'
import type { PaymentTables } from './schema.ts'

const pageSize = 20
/** More than anybody pays in a month: what is older than that many payments is left out. */
const spentMax = 2_000

type Place = { readonly startedAtMs: number; readonly reference: string }
const placeSchema = z
  .templateLiteral([z.string().regex(/^[0-9]{1,15}$/), '~', authorizationReferenceSchema])
  .transform((text): Place => {
    const [startedAtMs = '', reference = ''] = text.split('~')
    return { startedAtMs: Number(startedAtMs), reference }
  })
const timeSchema = z
  .string()
  .regex(/^[0-9]{1,15}$/)
  .transform(Number)

/** What a payer confirmed, newest first. Payments that somebody else confirmed after them are the other's. */
export function activityReader(db: Kysely<PaymentTables>) {
  const paymentsOf = (payer: PayerId) =>
    selectPayments(db)
      .where('authorization.payer_id', '=', payer)
      // Said once more, so that each payment is found by its key.
      .whereRef('payment.id', '=', 'authorization.payment_id')
      .orderBy('authorization.started_at_ms', 'desc')
      .orderBy('authorization.reference', 'desc')

  /** Of those this payer has confirmed a payment to. Engines fold the case of Latin letters at most, so names are compared here. */
  async function shopsNamed(payer: PayerId, search: string): Promise<string[]> {
    const shops = await db
      .selectFrom('authorization')
      .innerJoin('payment', 'payment.id', 'authorization.payment_id')
      .innerJoin('merchant', 'merchant.id', 'payment.merchant_id')
      .select(['merchant.id', 'merchant.name'])
      .distinct()
      .where('authorization.payer_id', '=', payer)
      .execute()
    return shops.filter(({ name }) => folded(name).includes(folded(search.trim()))).map(({ id }) => id)
  }

  return {
    /** @param query an `ActivityQuery`, as it came in an address. @throws {Problem} `query-malformed` */
    async page(payer: PayerId, query: Readonly<Record<string, string>>): Promise<Activity> {
      const { before, search = '', kind } = readQuery(activityQuery, query)
      let found = paymentsOf(payer).limit(pageSize + 1)
      if (before !== undefined) found = found.where(isOlderThan(readQuery(placeSchema, before)))
      if (kind !== undefined) found = found.where(isOfKind[kind])
      if (search.trim() !== '') {
        const shops = await shopsNamed(payer, search)
        if (shops.length === 0) return { payments: [], next: null }
        found = found.where('payment.merchant_id', 'in', shops)
      }
      const rows = await found.execute()
      const confirmed = rows.map(toPayment).flatMap(confirmedOf)
      const last = confirmed.at(pageSize - 1)
      return {
        payments: confirmed.slice(0, pageSize).map(toEntry),
        next: last !== undefined && confirmed.length > pageSize ? placeOf(last) : null,
      }
    },

    /** @param from milliseconds since the epoch, in digits. @throws {Problem} `query-malformed` */
    async spentSince(payer: PayerId, from = ''): Promise<Spending> {
      const rows = await paymentsOf(payer)
        .where('authorization.started_at_ms', '>=', readQuery(timeSchema, from))
        .where('payment.state', 'in', ['authorized', 'captured', 'refunded'])
        .limit(spentMax)
        .execute()
      return { spent: rows.map(toPayment).flatMap(confirmedOf).flatMap(spentFor) }
    },
  }
}
export type ActivityReader = ReturnType<typeof activityReader>

type Confirmed = Payment & { readonly lastTry: Try }

const isOlderThan = ({ startedAtMs, reference }: Place) =>
  sql<SqlBool>`(${sql.ref('authorization.started_at_ms')}, ${sql.ref('authorization.reference')}) < (${startedAtMs}, ${reference})`

const confirmedOf = (payment: Payment): Confirmed[] => {
  const { lastTry } = payment
  return lastTry === null ? [] : [{ ...payment, lastTry }]
}

const isPaidState = sql<SqlBool>`${sql.ref('payment.state')} in ('authorized', 'captured', 'refunded')`
const isOfKind: Readonly<Record<(typeof activityKinds)[number], RawBuilder<SqlBool>>> = {
  paid: isPaidState,
  refunded: sql<SqlBool>`${sql.ref('payment.refunded_minor')} > 0`,
  unpaid: sql<SqlBool>`not (${isPaidState})`,
}

/** The same for every spelling of a name that people take for the same one. */
const folded = (name: string): string => name.normalize('NFKC').toLocaleLowerCase('und')

const placeOf = ({ lastTry }: Confirmed): string => `${lastTry.startedAtMs}~${lastTry.reference}`
const timeOf = ({ lastTry }: Confirmed): number => lastTry.bookedAtMs ?? lastTry.startedAtMs

function toEntry(payment: Confirmed): ActivityEntry {
  const { id, payee, amount, refundedMinor, state, reference, lastTry } = payment
  const { name, origin } = payee
  return {
    payment: id,
    payee: { name, origin },
    amount,
    refundedMinor,
    state,
    card: lastTry.face,
    cardId: lastTry.card,
    reference,
    ceremony: lastTry.ceremony,
    atMs: timeOf(payment),
  }
}

/** What is set aside counts: it is money the payer cannot spend again. */
function spentFor(payment: Confirmed): Spending['spent'] {
  const { amount, state, capturedMinor, refundedMinor } = payment
  const minor = (state === 'authorized' ? amount.minor : capturedMinor) - refundedMinor
  return minor <= 0 ? [] : [{ amount: moneySchema.parse({ minor, currency: amount.currency }), atMs: timeOf(payment) }]
}
