import { forEachDue } from '../runtime/each-due.ts'
import type { Bank } from './bank.ts'
import { expiredHolds, releaseHold } from './hold-store.ts'
import { withAuthorization } from './with-authorization.ts'

const holdsAtOnce = 200

/** Lets go of money that nobody captured in time. Several processes may do this side by side. */
export async function expireHolds(bank: Bank): Promise<void> {
  const nowMs = bank.clock.nowMs()
  const due = await expiredHolds(bank.database.db, nowMs, holdsAtOnce)
  // With the payment locked, so that a capture which started in time either counts or sees this.
  await forEachDue(due, bank.log, ({ payment_server, reference }) =>
    withAuthorization(bank, payment_server, reference, (transaction) =>
      releaseHold(transaction, { payment_server, reference, cause: 'expired', released_at_ms: nowMs }),
    ),
  )
}
