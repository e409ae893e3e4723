import type { Transaction, UpdateObject } from 'kysely'
import { failuresMax, type PaymentState } from '../../shared/payment.ts'
import type { Payment } from './payment-record.ts'
import type { PaymentTables } from './schema.ts'

export type PaymentChange = UpdateObject<PaymentTables, 'payment'>

/**
 * Moves a payment from where it was when it was read, and writes each step down with its cause: compare and set.
 * @param move `steps` are the states gone through, the last one to stay in
 * @returns false where somebody else moved first
 */
export async function writeMove(
  transaction: Transaction<PaymentTables>,
  move: { from: Payment; steps: readonly PaymentState[]; cause: string; change: PaymentChange; atMs: number },
): Promise<boolean> {
  const { from, steps, cause, change, atMs } = move
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
  const firstNumber = moved.moves - steps.length + 1
  const rows = steps.map((state, index) => ({
    payment_id: from.id,
    number: firstNumber + index,
    state,
    cause,
    at_ms: atMs,
  }))
  await transaction.insertInto('payment_transition').values(rows).execute()
  return true
}
