import { type Expression, type Kysely, PostgresAdapter, type Selectable, sql } from 'kysely'
import type { PayerId, PaymentId } from '../../../shared/identifiers.ts'
import type { PaymentState } from '../../../shared/payment.ts'
import { compiledWithin } from '../../runtime/compiled-query.ts'
import type { PaymentTables } from '../schema.ts'
import type { Cause } from '../transition.ts'

/** What is news to who confirmed a payment. */
const paymentNews = ['set-aside', 'paid', 'given-back', 'declined', 'undone'] as const
/** What happened to the name itself. */
const nameNews = ['passkey-added', 'passkey-removed', 'loss-reported', 'name-recovered'] as const
export const noticeKinds = [...paymentNews, ...nameNews] as const
export type NoticeKind = (typeof noticeKinds)[number]

type Happening = {
  readonly payment: PaymentId
  /** Of the move. */
  readonly number: number
  readonly cause: Cause
  /** Where the payment has come to. */
  readonly state: PaymentState | undefined
  readonly atMs: number
}

/**
 * Writes down what the payer's browsers are to be told of a move, in the transaction of the move itself. What an earlier one would have said of the
 * same payment, and has not yet, is not worth saying any more: so nobody hears in the wrong order.
 */
export async function writePaymentNotice(transaction: Kysely<PaymentTables>, happening: Happening): Promise<void> {
  const { payment, number, atMs } = happening
  const news = newsOf(happening)
  if (news !== null) await insertPaymentNotices(transaction, news, number, atMs, payment)
}

/**
 * What payers do themselves is no news to them, nor is what their own limit refused on the screen before them, nor what the bank refused a
 * merchant, after which all is as before.
 */
function newsOf({ cause, state }: Happening): (typeof paymentNews)[number] | null {
  switch (cause) {
    case 'bank-approved':
      return state === 'authorized' ? 'set-aside' : 'paid'
    case 'bank-captured':
      return 'paid'
    case 'bank-refunded':
      return 'given-back'
    // Where some of it was captured before, the rest of what was set aside is let go, and that stays paid.
    case 'bank-voided':
    case 'hold-expired':
      return state === 'captured' ? 'paid' : 'undone'
    case 'bank-declined':
    case 'bank-reversed':
      return 'declined'
    default:
      return null
  }
}

/** The same of the name: to every browser of its payer, so that one that is in strange hands is not the only one that knows. */
export async function writeNameNotice(
  transaction: Kysely<PaymentTables>,
  payer: PayerId,
  kind: (typeof nameNews)[number],
  atMs: number,
): Promise<void> {
  await insertNameNotices(transaction, kind, atMs, payer)
}

const columns = ['subscription_id', 'subject', 'kind', 'number', 'at_ms', 'attempts', 'next_attempt_at_ms'] as const
const renewed = columns.slice(2)

const insertPaymentNotices = compiledWithin(
  (transaction: Kysely<PaymentTables>, kind: NoticeKind, number: number, atMs: number, payment: PaymentId) =>
    intoNotices(
      transaction,
      transaction
        .selectFrom('payment')
        .innerJoin('authorization', 'authorization.reference', 'payment.authorization_reference')
        .innerJoin('push_subscription', 'push_subscription.payer_id', 'authorization.payer_id')
        .select(['push_subscription.id as subscription_id', 'payment.id as subject'])
        .select(({ val, cast }) => [
          cast<NoticeKind>(val(kind), 'text').as('kind'),
          cast<number>(val(number), 'bigint').as('number'),
          ...dueAt(atMs),
        ])
        .where('payment.id', '=', payment)
        .$if(isPostgres(transaction), (query) => query.forKeyShare('push_subscription')),
    ),
)

/** There is one notice of each kind about a name: it is its own subject, and its time its number. */
const insertNameNotices = compiledWithin(
  (transaction: Kysely<PaymentTables>, kind: NoticeKind, atMs: number, payer: PayerId) =>
    intoNotices(
      transaction,
      transaction
        .selectFrom('push_subscription')
        .select('push_subscription.id as subscription_id')
        .select(({ val, cast }) => [
          cast<string>(val(kind), 'text').as('subject'),
          cast<NoticeKind>(val(kind), 'text').as('kind'),
          cast<number>(val(atMs), 'bigint').as('number'),
          ...dueAt(atMs),
        ])
        .where('push_subscription.payer_id', '=', payer)
        .$if(isPostgres(transaction), (query) => query.forKeyShare('push_subscription')),
    ),
)

/**
 * A browser that is going at this moment is held, or was gone before: a notice for one that is gone would undo the move that it tells. SQLite
 * has one writer anyway.
 */
const isPostgres = (transaction: Kysely<PaymentTables>): boolean =>
  transaction.getExecutor().adapter instanceof PostgresAdapter

/** At once. */
const dueAt = (atMs: number) => {
  const at = sql<number>`cast(${atMs} as bigint)`
  return [at.as('at_ms'), sql<number>`0`.as('attempts'), at.as('next_attempt_at_ms')] as const
}

type Notices = Expression<Selectable<PaymentTables['push_notice']>>

const intoNotices = (transaction: Kysely<PaymentTables>, notices: Notices) =>
  transaction
    .insertInto('push_notice')
    .columns(columns)
    .expression(notices)
    .onConflict((conflict) =>
      conflict
        .columns(['subscription_id', 'subject'])
        .doUpdateSet(Object.fromEntries(renewed.map((name) => [name, sql.ref(`excluded.${name}`)]))),
    )
