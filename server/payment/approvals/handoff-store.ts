import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { handoffStates } from '../../../shared/wire/handoff-api.ts'
import { paymentIdSchema } from '../../../shared/wire/intent-schema.ts'
import type { Database } from '../../runtime/database.ts'
import { lock } from '../../runtime/lock.ts'
import type { Clock } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'

/** A first screen that looks a while later still learns what became of the payment. */
const keptAfterMs = 60 * 60_000

const keptSchema = z.object({
  payment: paymentIdSchema,
  state: z.enum(handoffStates).exclude(['over']),
  expiresAtMs: z.int(),
})
export type KeptHandoff = z.output<typeof keptSchema>

type NewHandoff = {
  readonly payment: PaymentId
  readonly secret: string
  readonly handle: string
  readonly number: number
  readonly expiresAtMs: number
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Bills that one screen shows and a phone pays. The database holds the SHA-256 of both secrets: what leaks from it opens nothing. */
export function handoffStore({ database, clock }: { database: Database<PaymentTables>; clock: Clock }) {
  const { db } = database
  const all = (on: Kysely<PaymentTables>) => on.selectFrom('handoff').select(['payment_id', 'state', 'expires_at_ms'])
  const toHandoff = (row: Pick<PaymentTables['handoff'], 'payment_id' | 'state' | 'expires_at_ms'> | undefined) =>
    row === undefined
      ? null
      : keptSchema.parse({ payment: row.payment_id, state: row.state, expiresAtMs: row.expires_at_ms })

  return {
    /** @returns false where this payment has had its share; of those who come at once, no more than that get one */
    keep: (made: NewHandoff, mostOfPayment: number): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        await lock(transaction, database.engine, 'handoffs', made.payment)
        const { count } = await transaction
          .selectFrom('handoff')
          .select(sql<number>`cast(count(*) as integer)`.as('count'))
          .where('payment_id', '=', made.payment)
          .executeTakeFirstOrThrow()
        if (count >= mostOfPayment) return false
        await transaction
          .insertInto('handoff')
          .values({
            secret_hash: hashOf(made.secret),
            handle_hash: hashOf(made.handle),
            payment_id: made.payment,
            number: made.number,
            state: 'open',
            expires_at_ms: made.expiresAtMs,
          })
          .execute()
        return true
      }),

    bySecret: async (secret: string): Promise<KeptHandoff | null> =>
      toHandoff(await all(db).where('secret_hash', '=', hashOf(secret)).executeTakeFirst()),

    byHandle: async (handle: string): Promise<KeptHandoff | null> =>
      toHandoff(await all(db).where('handle_hash', '=', hashOf(handle)).executeTakeFirst()),

    /** One try, in time: the number is compared where it is, so that of many guesses at once one counts. @returns null where it is over */
    async match(secret: string, number: number): Promise<KeptHandoff | null> {
      const row = await db
        .updateTable('handoff')
        .set({ state: sql`case when number = ${number} then 'matched' else 'refused' end` })
        .where('secret_hash', '=', hashOf(secret))
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', clock.nowMs())
        .returning(['payment_id', 'state', 'expires_at_ms'])
        .executeTakeFirst()
      return toHandoff(row)
    },

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('handoff')
        .where('expires_at_ms', '<=', clock.nowMs() - keptAfterMs)
        .execute()
    },
  }
}
export type HandoffStore = ReturnType<typeof handoffStore>
