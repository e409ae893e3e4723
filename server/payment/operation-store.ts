import { sql, type Transaction } from 'kysely'
import type { DeclineReason } from '../../shared/decline.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { Database } from '../runtime/database.ts'
import type { Clock } from '../runtime/room.ts'
import { type Operation, type OperationKind, toOperation } from './operation-record.ts'
import { type Payment, selectPayments, toPayment } from './payment-record.ts'
import type { PaymentTables } from './schema.ts'
import type { Cause } from './transition.ts'
import { type ApprovedState, whatFollows, whatStays } from './what-follows.ts'
import { type LegalMove, writeMove } from './write-move.ts'

export type NewOperation = Pick<Operation, 'payment' | 'name' | 'kind' | 'reference' | 'amount' | 'reason'>

/** The name of what lets go of an authorization whose time is over. There is one for each payment. */
export const expiryName = 'expire'

/**
 * What was asked of the bank about authorizations. Room for it is taken from the payment in the transaction that writes it down, by one
 * conditional update, and is used or given back in the transaction that writes the answer down.
 */
export function operationStore(database: Database<PaymentTables>, clock: Clock) {
  const { db } = database
  const unanswered = ['asking', 'unknown'] as const

  const named = compiledQuery(db, (payment: PaymentId, name: string) =>
    db.selectFrom('operation').selectAll().where('payment_id', '=', payment).where('name', '=', name),
  )
  const overdue = compiledQuery(db, (nowMs: number, limit: number) =>
    db
      .selectFrom('operation')
      .selectAll()
      .where('next_asking_at_ms', '<=', nowMs)
      .orderBy('next_asking_at_ms')
      .limit(limit),
  )
  const outlived = compiledQuery(db, (nowMs: number, limit: number) =>
    db
      .selectFrom('payment')
      .select('id')
      .where('state', '=', sql.lit('authorized'))
      .where('held_until_ms', '<=', nowMs)
      .where('capturing_minor', '=', 0)
      .where('is_releasing', '=', 0)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('operation')
              .select('name')
              .whereRef('operation.payment_id', '=', 'payment.id')
              .where('name', '=', expiryName),
          ),
        ),
      )
      .orderBy('held_until_ms')
      .limit(limit),
  )

  async function find(payment: PaymentId, name: string): Promise<Operation | null> {
    const [row] = await named(payment, name)
    return row === undefined ? null : toOperation(row)
  }

  /** Closes an operation. Of several who bring an answer one gets to. */
  async function close(
    transaction: Transaction<PaymentTables>,
    { payment, name }: Operation,
    outcome: { state: 'done' | 'refused'; decline_reason: DeclineReason | null; answer: string },
  ): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('operation')
      .set({ ...outcome, next_asking_at_ms: null, settled_at_ms: clock.nowMs() })
      .where('payment_id', '=', payment)
      .where('name', '=', name)
      .where('state', 'in', unanswered)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  return {
    find,

    /**
     * Writes down what the bank will be asked, before it is asked.
     * @param leaseUntilMs until when nobody else asks
     * @returns false where the payment has no room for it
     */
    begin: (operation: NewOperation, leaseUntilMs: number): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        if (!(await reserve(transaction, operation, clock.nowMs()))) return false
        await transaction
          .insertInto('operation')
          .values({
            payment_id: operation.payment,
            name: operation.name,
            kind: operation.kind,
            authorization_reference: operation.reference,
            amount_minor: operation.amount.minor,
            currency: operation.amount.currency,
            reason: operation.reason,
            state: 'asking',
            decline_reason: null,
            askings: 1,
            next_asking_at_ms: leaseUntilMs,
            answer: null,
            asked_at_ms: clock.nowMs(),
            settled_at_ms: null,
          })
          .execute()
        return true
      }),

    /** The bank has done it: the room that was taken is used, and the payment moves. @returns false where that was known */
    finish: (operation: Operation, signed: string): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        const isFirst = await close(transaction, operation, { state: 'done', decline_reason: null, answer: signed })
        if (isFirst) await moveOn(transaction, operation, signed, clock.nowMs())
        return isFirst
      }),

    /** The bank will not do it: the room that was taken is given back, and who asked for it is told. @returns false where that was known */
    refuse: (operation: Operation, reason: DeclineReason, signed: string): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        const isFirst = await close(transaction, operation, {
          state: 'refused',
          decline_reason: reason,
          answer: signed,
        })
        if (isFirst) await stayPut(transaction, operation, reason, clock.nowMs())
        return isFirst
      }),

    /** The bank said nothing that can be believed. Whoever asks meanwhile is not disturbed. */
    async leaveUnknown({ payment, name, askings }: Operation, nextAskingAtMs: number): Promise<void> {
      await db
        .updateTable('operation')
        .set({ state: 'unknown', next_asking_at_ms: nextAskingAtMs })
        .where('payment_id', '=', payment)
        .where('name', '=', name)
        .where('state', 'in', unanswered)
        .where('askings', '=', askings)
        .execute()
    },

    /** Of several processes that find the same operation due, one gets to ask. @returns the operation, where it is this one */
    async claim({ payment, name, askings }: Operation, leaseUntilMs: number): Promise<Operation | null> {
      const row = await db
        .updateTable('operation')
        .set({ askings: askings + 1, next_asking_at_ms: leaseUntilMs })
        .where('payment_id', '=', payment)
        .where('name', '=', name)
        .where('askings', '=', askings)
        .where('state', 'in', unanswered)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : toOperation(row)
    },

    /** Those whose answer is due to be asked for, oldest first. */
    async due(limit: number): Promise<Operation[]> {
      const rows = await overdue(clock.nowMs(), limit)
      return rows.map(toOperation)
    },

    /** Payments whose time to be captured is over, and of which nobody has let go yet. */
    async heldTooLong(limit: number): Promise<PaymentId[]> {
      const rows = await outlived(clock.nowMs(), limit)
      return rows.map((row) => paymentIdSchema.parse(row.id))
    },
  }
}
export type OperationStore = ReturnType<typeof operationStore>

const paymentOf = (transaction: Transaction<PaymentTables>, id: PaymentId) =>
  transaction.updateTable('payment').where('id', '=', id)

/** Takes room for an operation: one update that happens where there is enough of it, whoever else takes some at the same time. */
async function reserve(
  transaction: Transaction<PaymentTables>,
  { payment, kind, amount: { minor } }: NewOperation,
  nowMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await withRoom(paymentOf(transaction, payment), kind, minor, nowMs).executeTakeFirst()
  return numUpdatedRows === 1n
}

function withRoom(payment: ReturnType<typeof paymentOf>, kind: OperationKind, minor: number, nowMs: number) {
  switch (kind) {
    case 'capture':
      return payment
        .set((column) => ({ capturing_minor: column('capturing_minor', '+', minor) }))
        .where('state', '=', 'authorized')
        .where('held_until_ms', '>', nowMs)
        .where('is_releasing', '=', 0)
        .where(sql<boolean>`captured_minor + capturing_minor + ${minor} <= amount_minor`)
    case 'refund':
      return payment
        .set((column) => ({ refunding_minor: column('refunding_minor', '+', minor) }))
        .where('state', 'in', ['authorized', 'captured', 'refunded'])
        .where(sql<boolean>`refunded_minor + refunding_minor + ${minor} <= captured_minor`)
    case 'void':
    case 'expire':
      // What is being captured is not let go of: which of the two the bank does first would be anybody's guess.
      return payment
        .set({ is_releasing: 1 })
        .where('state', '=', 'authorized')
        .where('is_releasing', '=', 0)
        .where('capturing_minor', '=', 0)
        .where(sql<boolean>`amount_minor - captured_minor = ${minor}`)
  }
}

function roomGivenBack(kind: OperationKind, minor: number) {
  switch (kind) {
    case 'capture':
      return { capturing_minor: sql<number>`capturing_minor - ${minor}` }
    case 'refund':
      return { refunding_minor: sql<number>`refunding_minor - ${minor}` }
    case 'void':
    case 'expire':
      return { is_releasing: 0 }
  }
}

const causes = {
  capture: 'bank-captured',
  refund: 'bank-refunded',
  void: 'bank-voided',
  expire: 'hold-expired',
} as const satisfies Record<OperationKind, Cause>

/** Done: what the payment becomes, by the bank's signed word. */
const moveOn = (transaction: Transaction<PaymentTables>, operation: Operation, signed: string, atMs: number) =>
  moveAlong(transaction, operation.payment, (payment) => {
    const { kind, amount } = operation
    const next = whatFollows(payment, kind, amount.minor)
    if (next === null) throw new Error(`a payment of which the bank has done a ${kind} can make no such move`)
    const { capturedMinor, refundedMinor } = next
    const sums = { captured_minor: capturedMinor, refunded_minor: refundedMinor, decision: signed }
    return { next, why: { cause: causes[kind], change: { ...sums, ...roomGivenBack(kind, amount.minor) }, atMs } }
  })

/** Refused: the payment stays as it is, and whoever asked for it hears why. */
async function stayPut(
  transaction: Transaction<PaymentTables>,
  operation: Operation,
  reason: DeclineReason,
  atMs: number,
): Promise<void> {
  const { payment: id, kind, amount } = operation
  const change = roomGivenBack(kind, amount.minor)
  // Of what nobody asked for nobody is told.
  if (kind === 'expire') return void (await paymentOf(transaction, id).set(change).execute())
  const refusal = { kind, amountMinor: amount.minor, reason }
  await moveAlong(transaction, id, (payment) => {
    const next = whatStays(payment)
    if (next === null) throw new Error(`a payment of which the bank refuses a ${kind} was never approved`)
    return { next, why: { cause: `${kind}-refused`, change, atMs, refusal } }
  })
}

const movesAtMost = 20

type Along = { readonly next: LegalMove<ApprovedState>; readonly why: Parameters<typeof writeMove>[2] }

/** Two operations of one payment may be answered at once: whoever comes second goes on from where the first has got to. */
async function moveAlong(
  transaction: Transaction<PaymentTables>,
  id: PaymentId,
  from: (payment: Payment) => Along,
): Promise<void> {
  for (let attempt = 0; attempt < movesAtMost; attempt += 1) {
    const row = await selectPayments(transaction).where('payment.id', '=', id).executeTakeFirstOrThrow()
    const { next, why } = from(toPayment(row))
    if (await writeMove<ApprovedState>(transaction, next, why)) return
  }
  throw new Error('a payment that is answered about keeps moving')
}
