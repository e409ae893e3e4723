import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { base64url } from '../../../shared/bytes.ts'
import type { PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'
import { payerIdSchema } from './payer-store.ts'

const idleMsMax = 15 * 60_000
const lifetimeMsMax = 12 * 60 * 60_000
/** A session's use is noted once a minute, not at every request. */
const noteEveryMs = 60_000
const tokenBytes = 32

/** Who is signed in. A token is 256 random bits, and the database holds only its SHA-256: what leaks from it opens nothing. */
export function sessions(tools: { db: Kysely<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { db, clock, random } = tools
  return {
    /** @returns the token, to be kept by the browser alone */
    async open(payer: PayerId): Promise<string> {
      const token = base64url(random(tokenBytes))
      const nowMs = clock.nowMs()
      const row = { token_hash: hashOf(token), payer_id: payer, created_at_ms: nowMs, used_at_ms: nowMs }
      await db.insertInto('session').values(row).execute()
      return token
    },

    /** @throws {Problem} `session-missing`, also after 15 idle minutes or 12 hours */
    async payerOf(token: string | undefined): Promise<PayerId> {
      if (token === undefined) throw new Problem('session-missing')
      const nowMs = clock.nowMs()
      const row = await db
        .selectFrom('session')
        .select(['token_hash', 'payer_id', 'used_at_ms'])
        .where('token_hash', '=', hashOf(token))
        .where('used_at_ms', '>', nowMs - idleMsMax)
        .where('created_at_ms', '>', nowMs - lifetimeMsMax)
        .executeTakeFirst()
      if (row === undefined) throw new Problem('session-missing')
      if (nowMs - row.used_at_ms >= noteEveryMs) {
        await db.updateTable('session').set({ used_at_ms: nowMs }).where('token_hash', '=', row.token_hash).execute()
      }
      return payerIdSchema.parse(row.payer_id)
    },

    /** Signs out: the token opens nothing from now on. */
    async end(token: string | undefined): Promise<void> {
      if (token === undefined) return
      await db.deleteFrom('session').where('token_hash', '=', hashOf(token)).execute()
    },

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('session')
        .where('used_at_ms', '<=', clock.nowMs() - idleMsMax)
        .execute()
    },
  }
}
export type Sessions = ReturnType<typeof sessions>

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
