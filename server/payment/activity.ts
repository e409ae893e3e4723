import { type Kysely, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import type { PayerId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { authorizationReferenceSchema } from '../../shared/wire/bank-api.ts'
import { moneySchema } from '../../shared/wire/intent-schema.ts'
import type { Activity, ActivityEntry, Spending } from '../../shared/wire/payment-api.ts'
import { type Payment, selectPayments, type Try, toPayment } from './payment-record.ts'
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

  return {
    /** @param before `next` of the page before. @throws {Problem} `query-malformed` */
    async page(payer: PayerId, before: string | undefined): Promise<Activity> {
      const newest = paymentsOf(payer).limit(pageSize + 1)
      const rows = await (before === undefined
        ? newest
        : newest.where(isOlderThan(read(placeSchema, before)))
      ).execute()
      const confirmed = rows.map(toPayment).flatMap(confirmedOf)
      const last = confirmed.at(pageSize - 1)
      return {
        payments: confirmed.slice(0, pageSize).map(toEntry),
        next: last !== undefined && confirmed.length > pageSize ? placeOf(last) : null,
      }
    },

    /** @param from milliseconds since the epoch, in digits. @throws {Problem} `query-malformed` */
    async spentSince(payer: PayerId, from: string | undefined): Promise<Spending> {
      const rows = await paymentsOf(payer)
        .where('authorization.started_at_ms', '>=', read(timeSchema, from))
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

const placeOf = ({ lastTry }: Confirmed): string => `${lastTry.startedAtMs}~${lastTry.reference}`
const timeOf = ({ lastTry }: Confirmed): number => lastTry.bookedAtMs ?? lastTry.startedAtMs

function toEntry(payment: Confirmed): ActivityEntry {
  const { id, payee, amount, refundedMinor, state, lastTry } = payment
  const { name, origin } = payee
  return {
    payment: id,
    payee: { name, origin },
    amount,
    refundedMinor,
    state,
    card: lastTry.face,
    atMs: timeOf(payment),
  }
}

/** What is set aside counts: it is money the payer cannot spend again. */
function spentFor(payment: Confirmed): Spending['spent'] {
  const { amount, state, capturedMinor, refundedMinor } = payment
  const minor = (state === 'authorized' ? amount.minor : capturedMinor) - refundedMinor
  return minor <= 0 ? [] : [{ amount: moneySchema.parse({ minor, currency: amount.currency }), atMs: timeOf(payment) }]
}

function read<T>(schema: z.ZodType<T>, text: string | undefined): T {
  const parsed = schema.safeParse(text)
  if (!parsed.success) throw new Problem('query-malformed')
  return parsed.data
}
