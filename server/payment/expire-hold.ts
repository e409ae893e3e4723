import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Log, Stop } from '../runtime/room.ts'
import type { Operator } from './operate.ts'
import { expiryName, type OperationStore } from './operation-store.ts'
import type { PaymentStore } from './payment-store.ts'

const holdsAtOnce = 20

/**
 * Lets go of authorizations that nobody captured in time. The bank is told to, rather than believed to have done so: after its answer
 * nothing is set aside there, whatever its clock says.
 */
export function holdExpiry(tools: {
  payments: PaymentStore
  operations: OperationStore
  operate: Operator['operate']
  log: Log
}) {
  const { payments, operations, operate, log } = tools

  async function expire(id: PaymentId, stop: Stop): Promise<void> {
    const { state, amount, capturedMinor, lastTry } = await payments.get(id)
    if (state !== 'authorized' || lastTry === null) return
    const leftover = money(amount.minor - capturedMinor, amount.currency)
    const { reference } = lastTry
    await operate({ payment: id, name: expiryName, kind: 'expire', reference, amount: leftover, reason: null }, stop)
  }

  return async function expireHolds(stop: Stop): Promise<void> {
    await forEachDue(await operations.heldTooLong(holdsAtOnce), log, (id) => expire(id, stop), stop)
  }
}
