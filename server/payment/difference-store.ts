import type { Database } from '../runtime/database.ts'
import type { Clock } from '../runtime/room.ts'
import type { Difference } from './differences-in.ts'
import type { PaymentTables } from './schema.ts'

/** Where the ledgers were last found to differ, until a comparison finds that they do not. */
export function differenceStore(database: Database<PaymentTables>, clock: Clock) {
  return {
    /** Keeps since when each of them is known. */
    keepOnly: (differences: readonly Difference[]): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const known = await transaction
          .deleteFrom('difference')
          .returning(['reference', 'about', 'found_at_ms'])
          .execute()
        for (const { reference, about, ours, banks } of differences) {
          const earlier = known.find((row) => row.reference === reference && row.about === about)
          const row = { reference, payment_id: paymentOf(reference), about, ours, banks }
          await transaction
            .insertInto('difference')
            .values({ ...row, found_at_ms: earlier?.found_at_ms ?? clock.nowMs() })
            .execute()
        }
      }),
  }
}

/** A reference is a payment's id and the number of the try; the payment may be one that we never heard of. */
const paymentOf = (reference: string): string => reference.split('.', 1)[0] ?? reference
