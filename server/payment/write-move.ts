import type { Kysely, Transaction, UpdateObject } from 'kysely'
import type { PaymentId } from '../../shared/identifiers.ts'
import { failuresMax, type Path, type PaymentState } from '../../shared/payment.ts'
import { compiledWithin } from '../runtime/compiled-query.ts'
import type { In } from './payment-record.ts'
import { writePaymentNotice } from './push/write-notice.ts'
import type { PaymentTables } from './schema.ts'
import type { Cause } from './transition.ts'
import { type Refusal, writeEvent } from './webhooks/write-event.ts'

export type PaymentChange = UpdateObject<PaymentTables, 'payment'>

/** Where a payment was when it was read, and the states it goes through, the last one to stay in: nothing but what is legal from there. */
export type LegalMove<S extends PaymentState> = { [From in S]: { from: In<From>; steps: Path<From> } }[S]

/**
 * Moves a payment from where it was when it was read, and writes each step down with its cause: compare and set.
 * @returns false where somebody else moved first
 */
export async function writeMove<S extends PaymentState>(
  transaction: Transaction<PaymentTables>,
  { from, steps }: LegalMove<S>,
  { cause, change, atMs, refusal }: { cause: Cause; change: PaymentChange; atMs: number; refusal?: Refusal },
): Promise<boolean> {
  const moved = await transaction
    .updateTable('payment')
    .set({ ...change, state: steps.at(-1) ?? from.state })
    .set((column) => ({ moves: column('moves', '+', steps.length) }))
    .where('id', '=', from.id)
    .where('state', '=', from.state)
    // A payment can come to one state several times, as when it is declined, or captured in parts: the count of moves tells which.
    .where('moves', '=', from.moves)
    .where('failures', '<', failuresMax)
    .returning('moves')
    .executeTakeFirst()
  if (moved === undefined) return false
  await writeTransitions(transaction, { payment: from.id, lastNumber: moved.moves, steps, cause, atMs, refusal })
  return true
}

/** What a payment has gone through, and what its merchant and its payer are told of it: where it has come to, not what it passed on the way. */
export async function writeTransitions(
  transaction: Transaction<PaymentTables>,
  made: {
    readonly payment: PaymentId
    readonly lastNumber: number
    readonly steps: readonly PaymentState[]
    readonly cause: Cause
    readonly atMs: number
    readonly refusal?: Refusal | undefined
  },
): Promise<void> {
  const { payment, lastNumber, steps, cause, atMs, refusal = null } = made
  const firstNumber = lastNumber - steps.length + 1
  for (const [index, state] of steps.entries()) {
    await insertTransition(transaction, payment, firstNumber + index, state, cause, atMs)
  }
  const happening = { payment, number: lastNumber, state: steps.at(-1), atMs }
  await writeEvent(transaction, { ...happening, refusal })
  await writePaymentNotice(transaction, { ...happening, cause })
}

const insertTransition = compiledWithin(
  (
    transaction: Kysely<PaymentTables>,
    payment: PaymentId,
    number: number,
    state: PaymentState,
    cause: Cause,
    atMs: number,
  ) => transaction.insertInto('payment_transition').values({ payment_id: payment, number, state, cause, at_ms: atMs }),
)
