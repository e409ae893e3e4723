import { forEachDue } from '../runtime/each-due.ts'
import type { Bank } from './bank.ts'
import { holdsExpired, releaseHold } from './hold-store.ts'
import { withAuthorization } from './with-authorization.ts'

const holdsAtOnce = 200

/** Lets go of money that nobody captured in time. Several processes may do this side by side. */
export function holdExpiry(bank: Bank): () => Promise<void> {
  const expired = holdsExpired(bank.database.db)
  return async () => {
    const nowMs = bank.clock.nowMs()
    // With the payment locked, so that a capture which started in time either counts or sees this.
    await forEachDue(await expired(nowMs, holdsAtOnce), bank.log, ({ payment_server, reference }) =>
      withAuthorization(bank, payment_server, reference, (transaction) =>
        releaseHold(transaction, { payment_server, reference, cause: 'expired', released_at_ms: nowMs }),
      ),
    )
  }
}
