import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { CardFace } from '../../shared/card.ts'
import { isWithinLimits } from '../../shared/card-limits.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import type { Assertion } from '../../shared/evidence.ts'
import type { CardId, PayerId, PaymentId } from '../../shared/identifiers.ts'
import { failuresMax, type Move, type Path, type PaymentState, type Source } from '../../shared/payment.ts'
import { Problem } from '../../shared/problem.ts'
import { holdLifetimeMs } from '../../shared/wire/bank-api.ts'
import { type CardLimits, paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { Database } from '../runtime/database.ts'
import { lock } from '../runtime/lock.ts'
import type { Clock } from '../runtime/room.ts'
import type { ClosedColumn } from './closed-column-store.ts'
import { type In, type Payment, selectPayments, type Try, toPayment } from './payment-record.ts'
import type { PaymentTables } from './schema.ts'
import { spentOn } from './spent-on.ts'
import { type Cause, selectHistory, type Transition } from './transition.ts'
import { type PaymentChange, writeMove, writeTransitions } from './write-move.ts'

type NewPayment = Pick<
  Payment,
  | 'id'
  | 'mode'
  | 'amount'
  | 'reference'
  | 'description'
  | 'lines'
  | 'metadata'
  | 'successUrl'
  | 'cancelUrl'
  | 'capture'
  | 'expiresAtMs'
> & { readonly merchantId: Payment['payee']['id'] }

type NewTry = {
  readonly reference: string
  readonly payer: PayerId
  readonly card: CardId
  readonly face: CardFace
  readonly intentNonce: string
  readonly challenge: string
  readonly passkey: string
  readonly ceremony: Assertion['ceremony']
  /** The payer's evidence, closed at rest. */
  readonly bodyClosed: string
  readonly nextInquiryAtMs: number
}
/** What the bank's answer adds to a try. */
type TryOutcome = { readonly signed: string; readonly approvalCode?: string; readonly bookedAtMs?: number }

const bodyUse = 'authorization'
/** What evidence is closed for: the authorization with this reference, and no other. */
export const bodyContext = (reference: string): readonly string[] => [bodyUse, reference]
export const closedBodies = {
  table: 'authorization',
  column: 'body_closed',
  key: ['reference'],
  context: [bodyUse, 'reference'],
} as const satisfies ClosedColumn<PaymentTables>

/** Payments and their moves. Every move is a compare-and-set, and is written down with its cause in the same transaction. */
export function paymentStore(database: Database<PaymentTables>, clock: Clock) {
  const { db } = database
  const withId = compiledQuery(db, (id: PaymentId) => selectPayments(db).where('payment.id', '=', id))
  const unanswered = compiledQuery(db, (nowMs: number, limit: number) =>
    db
      .selectFrom('authorization')
      .select('payment_id')
      .where('next_inquiry_at_ms', '<=', nowMs)
      .orderBy('next_inquiry_at_ms')
      .limit(limit),
  )
  const undecided = compiledQuery(db, (nowMs: number, limit: number) =>
    db
      .selectFrom('payment')
      .select('id')
      .where('state', 'in', [sql.lit<'created'>('created'), sql.lit<'declined'>('declined')])
      .where('failures', '<', failuresMax)
      .where('expires_at_ms', '<=', nowMs)
      .limit(limit),
  )

  const find = async (id: PaymentId): Promise<Payment | null> => {
    const [row] = await withId(id)
    return row === undefined ? null : toPayment(row)
  }

  const move = <S extends PaymentState>(
    transaction: Transaction<PaymentTables>,
    from: In<S>,
    steps: Path<S>,
    cause: Cause,
    change: PaymentChange = {},
  ): Promise<boolean> => writeMove<S>(transaction, { from, steps }, { cause, change, atMs: clock.nowMs() })

  async function isWithin(
    transaction: Transaction<PaymentTables>,
    { amount }: Payment,
    { payer, card }: NewTry,
    limits: CardLimits,
  ): Promise<boolean> {
    await lock(transaction, database.engine, 'limits', card)
    const spent = await spentOn(transaction, { payer, card, currency: limits.currency, nowMs: clock.nowMs() })
    return isWithinLimits(limits, amount, spent)
  }

  const answerTry = (transaction: Transaction<PaymentTables>, reference: string, outcome: TryOutcome) =>
    transaction
      .updateTable('authorization')
      .set({
        answer: outcome.signed,
        approval_code: outcome.approvalCode ?? null,
        booked_at_ms: outcome.bookedAtMs ?? null,
        next_inquiry_at_ms: null,
      })
      .where('reference', '=', reference)
      .execute()

  return {
    find,

    /** @throws {Problem} `payment-unknown` */
    async get(id: PaymentId): Promise<Payment> {
      const payment = await find(id)
      if (payment === null) throw new Problem('payment-unknown')
      return payment
    },

    create: (payment: NewPayment): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const nowMs = clock.nowMs()
        await transaction.insertInto('payment').values(newPaymentRow(payment, nowMs)).execute()
        const born = { lastNumber: 0, steps: ['created'], cause: 'merchant-asked' } as const
        await writeTransitions(transaction, { payment: payment.id, ...born, atMs: nowMs })
      }),

    /**
     * Fixes what will be asked of the bank, before it is asked. From then on it counts against the limits, so that payments side by side do
     * not slip past them.
     * @param limits the card is under
     * @returns `overtaken` where another confirmation was first; `limit-exceeded` where it was declined, and the bank is not to be asked
     */
    beginTry: (
      from: In<'created' | 'declined'>,
      attempt: NewTry,
      limits: CardLimits | null,
    ): Promise<'begun' | 'overtaken' | 'limit-exceeded'> =>
      database.inTransaction(async (transaction) => {
        if (clock.nowMs() >= from.expiresAtMs) return 'overtaken'
        if (limits !== null && !(await isWithin(transaction, from, attempt, limits))) {
          // No bank was asked: what one has said of an earlier try is not about this.
          const change = { ...oneMoreFailure('limit-exceeded'), decision: null }
          const isMoved = await move(transaction, from, ['declined'], 'limit-exceeded', change)
          return isMoved ? 'limit-exceeded' : 'overtaken'
        }
        const change = { tries: from.tries + 1, authorization_reference: attempt.reference, decline_reason: null }
        const isFirst = await move(transaction, from, ['approving'], 'payer-confirmed', change)
        if (!isFirst) return 'overtaken'
        await transaction
          .insertInto('authorization')
          .values(tryRow(from.id, attempt, clock.nowMs()))
          .execute()
        return 'begun'
      }),

    /** A simple move, such as `created` to `expired`. @returns false where somebody else moved first */
    advance: <S extends PaymentState>(from: In<S>, to: Move<S>, cause: Cause): Promise<boolean> =>
      database.inTransaction((transaction) => move(transaction, from, [to], cause)),

    /** The bank has the money ready, or has booked it: both moves of an automatic capture are one commit. */
    approve: (from: In<'approving' | 'unknown'>, attempt: Try, outcome: TryOutcome, cause: Cause): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        const isCaptured = from.capture === 'automatic'
        const steps: Path<'approving' | 'unknown'> = isCaptured ? ['authorized', 'captured'] : ['authorized']
        const heldFromMs = outcome.bookedAtMs ?? clock.nowMs()
        const change = isCaptured
          ? { captured_minor: from.amount.minor }
          : { held_until_ms: heldFromMs + holdLifetimeMs }
        const isMoved = await move(transaction, from, steps, cause, { ...change, decision: outcome.signed })
        if (isMoved) await answerTry(transaction, attempt.reference, outcome)
        return isMoved
      }),

    /** The bank said no, or undid it: one of the failures that end a payment at the fifth. */
    decline: (
      from: In<'approving' | 'unknown'>,
      attempt: Try,
      reason: DeclineReason,
      outcome: TryOutcome,
      cause: Cause,
    ): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        const change = { ...oneMoreFailure(reason), decision: outcome.signed }
        const isMoved = await move(transaction, from, ['declined'], cause, change)
        if (isMoved) await answerTry(transaction, attempt.reference, outcome)
        return isMoved
      }),

    /** A ceremony that proved nothing. The fifth failure ends the payment; counting is one conditional update. */
    countFailure: (id: PaymentId): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const counted = await transaction
          .updateTable('payment')
          .set(oneMoreFailure(null))
          .set({ state: onFifthFailure(sql.lit(byFailures.to), sql.ref('state')) })
          .set({ moves: onFifthFailure(sql`moves + 1`, sql.ref('moves')) })
          .where('id', '=', id)
          .where('state', 'in', byFailures.from)
          .where('failures', '<', failuresMax)
          .returning(['failures', 'moves'])
          .executeTakeFirst()
        if (counted?.failures !== failuresMax) return
        const end = { lastNumber: counted.moves, steps: [byFailures.to], cause: 'too-many-failures' } as const
        await writeTransitions(transaction, { payment: id, ...end, atMs: clock.nowMs() })
      }),

    /** Every move it made, the first one first. Empty for a payment that there is none of. */
    historyOf: (id: PaymentId): Promise<Transition[]> => selectHistory(db, id),

    /** Tries whose answer is due to be asked for, oldest first. */
    async dueForInquiry(limit: number): Promise<PaymentId[]> {
      const rows = await unanswered(clock.nowMs(), limit)
      return rows.map((row) => paymentIdSchema.parse(row.payment_id))
    },

    /** What proves a try, as it was written down: what was asked of the bank, and what it signed. */
    evidenceOf: ({ reference }: Try): Promise<{ body_closed: string; answer: string | null }> =>
      db
        .selectFrom('authorization')
        .select(['body_closed', 'answer'])
        .where('reference', '=', reference)
        .executeTakeFirstOrThrow(),

    /** Of several processes that find the same try due, one gets to ask. @returns whether it is this one */
    async claimInquiry(attempt: Try, nextInquiryAtMs: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('authorization')
        .set({ inquiries: attempt.inquiries + 1, next_inquiry_at_ms: nextInquiryAtMs })
        .where('reference', '=', attempt.reference)
        .where('inquiries', '=', attempt.inquiries)
        .where('next_inquiry_at_ms', 'is not', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** After an inquiry that settled nothing. Somebody else's later claim of the same try stays. @param attempt as it was claimed */
    async putOffInquiry(attempt: Try, nextInquiryAtMs: number): Promise<void> {
      await db
        .updateTable('authorization')
        .set({ next_inquiry_at_ms: nextInquiryAtMs })
        .where('reference', '=', attempt.reference)
        .where('inquiries', '=', attempt.inquiries + 1)
        .where('next_inquiry_at_ms', 'is not', null)
        .execute()
    },

    async overdue(limit: number): Promise<PaymentId[]> {
      const rows = await undecided(clock.nowMs(), limit)
      return rows.map((row) => paymentIdSchema.parse(row.id))
    },
  }
}
export type PaymentStore = ReturnType<typeof paymentStore>

/**
 * The one move that an update makes by itself, so that failures at the same moment are all counted. It is as legal as the others: a
 * state that does not allow it does not compile.
 */
const byFailures = { from: ['created', 'declined'], to: 'declined' } as const satisfies {
  from: readonly Source<'declined'>[]
  to: 'declined'
}

/** In an update that also counts a failure: the column still has its value from before. */
const onFifthFailure = <T>(then: RawBuilder<T>, otherwise: RawBuilder<T>): RawBuilder<T> =>
  sql<T>`case when failures + 1 >= ${sql.lit(failuresMax)} then ${then} else ${otherwise} end`

/** @param reason null for a failed ceremony: it leaves a decline's reason as it is, until the fifth failure replaces it */
const oneMoreFailure = (reason: DeclineReason | null) => ({
  failures: sql<number>`failures + 1`,
  decline_reason: onFifthFailure<string | null>(
    sql.lit('too-many-failures'),
    reason === null ? sql.ref('decline_reason') : sql.lit(reason),
  ),
})

const newPaymentRow = (payment: NewPayment, nowMs: number): PaymentTables['payment'] => ({
  id: payment.id,
  merchant_id: payment.merchantId,
  mode: payment.mode,
  amount_minor: payment.amount.minor,
  currency: payment.amount.currency,
  captured_minor: 0,
  refunded_minor: 0,
  capturing_minor: 0,
  refunding_minor: 0,
  is_releasing: 0,
  held_until_ms: null,
  reference: payment.reference,
  description: payment.description,
  lines: JSON.stringify(payment.lines),
  metadata: JSON.stringify(payment.metadata),
  success_url: payment.successUrl,
  cancel_url: payment.cancelUrl,
  capture: payment.capture,
  state: 'created',
  moves: 0,
  failures: 0,
  tries: 0,
  decline_reason: null,
  decision: null,
  authorization_reference: null,
  created_at_ms: nowMs,
  expires_at_ms: payment.expiresAtMs,
})

const tryRow = (payment: PaymentId, attempt: NewTry, nowMs: number): PaymentTables['authorization'] => ({
  reference: attempt.reference,
  payment_id: payment,
  payer_id: attempt.payer,
  card_id: attempt.card,
  card_brand: attempt.face.brand,
  card_last4: attempt.face.last4,
  intent_nonce: attempt.intentNonce,
  challenge: attempt.challenge,
  passkey: attempt.passkey,
  ceremony: attempt.ceremony,
  body_closed: attempt.bodyClosed,
  started_at_ms: nowMs,
  inquiries: 0,
  next_inquiry_at_ms: attempt.nextInquiryAtMs,
  answer: null,
  approval_code: null,
  booked_at_ms: null,
})
