import { createHash } from 'node:crypto'
import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { Problem } from '../../shared/problem.ts'
import { isUniqueViolation } from '../runtime/database.ts'
import type { Clock } from '../runtime/room.ts'
import { amountToCapture } from './capture.ts'
import type { Operator } from './operate.ts'
import type { Operation } from './operation-record.ts'
import type { NewOperation, OperationStore } from './operation-store.ts'
import type { Payment } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'
import { amountToRefund } from './refund.ts'
import { amountToVoid } from './void.ts'

/** What a merchant may ask to be done with a payment that was approved. */
type Order = {
  readonly kind: 'capture' | 'refund' | 'void'
  /** Minor units; all that is left, where it is not said. */
  readonly amountMinor?: number | undefined
  readonly reason?: string | undefined
}

const lookedAgainAtMost = 10

/**
 * Does what a merchant asks, once for one Idempotency-Key, whatever is killed in between: the key makes the name that the operation has
 * in our database and at the bank.
 */
export function onceAsker(tools: {
  payments: PaymentStore
  operations: OperationStore
  operate: Operator['operate']
  clock: Clock
}) {
  const { payments, operations, operate, clock } = tools

  function amountOf(payment: Payment, { kind, amountMinor }: Order): number {
    if (kind === 'capture') return amountToCapture(payment, amountMinor, clock.nowMs())
    return kind === 'refund' ? amountToRefund(payment, amountMinor) : amountToVoid(payment)
  }

  function operationOf(payment: Payment, order: Order, name: string): NewOperation {
    const amount = money(amountOf(payment, order), payment.amount.currency)
    const reference = payment.lastTry?.reference
    if (reference === undefined) throw new Error('an approved payment was tried')
    return { payment: payment.id, name, kind: order.kind, reference, amount, reason: order.reason ?? null }
  }

  /**
   * @returns what became of it so far
   * @throws {Problem} `payment-…`, `capture-exceeds`, `refund-exceeds`; `idempotency-key-reused` for another amount than the key had
   */
  return async function askOnce(id: PaymentId, key: string, order: Order): Promise<Operation> {
    const name = nameOf(order.kind, key)
    for (let attempt = 0; attempt < lookedAgainAtMost; attempt += 1) {
      const earlier = await operations.find(id, name)
      if (earlier !== null) return sameAs(earlier, order)
      const asked = operationOf(await payments.get(id), order, name)
      try {
        const operation = await operate(asked)
        if (operation !== null) return operation
      } catch (error) {
        // The same key, at the same moment: the other one asks.
        if (!isUniqueViolation(error)) throw error
      }
    }
    throw new Problem('payment-in-progress') // others take turns at it; whoever comes later may find room
  }
}
export type AskOnce = ReturnType<typeof onceAsker>

const nameOf = (kind: Order['kind'], key: string): string =>
  createHash('sha256').update(`${kind} ${key}`).digest('base64url')

function sameAs(earlier: Operation, { amountMinor }: Order): Operation {
  if (amountMinor !== undefined && amountMinor !== earlier.amount.minor) throw new Problem('idempotency-key-reused')
  return earlier
}
