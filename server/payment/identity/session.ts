import { createHash } from 'node:crypto'
import { base64url } from '../../../shared/bytes.ts'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Database } from '../../runtime/database.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import { writeNameNotice } from '../push/write-notice.ts'
import type { PaymentTables } from '../schema.ts'
import { payerIdSchema } from './payer-id.ts'

export const idleMsMax = 15 * 60_000
export const lifetimeMsMax = 12 * 60 * 60_000
/** A session's use is noted once a minute, not at every request. */
export const noteEveryMs = 60_000
export const tokenBytes = 32

/** Who is signed in. A token is 256 random bits, and the database holds only its SHA-256: what leaks from it opens nothing. */
export function sessions(tools: { database: Database<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { database, clock, random } = tools
  const { db } = database

  async function find(token: string | undefined): Promise<{ payer: PayerId; passkey: CredentialId }> {
    if (token === undefined) throw new Problem('session-missing')
    const nowMs = clock.nowMs()
    const row = await db
      .selectFrom('session')
      // A session is as good as the passkey that opened it, also one that was opened while that passkey was being removed.
      .innerJoin('passkey', (join) =>
        join
          .onRef('passkey.credential_id', '=', 'session.credential_id')
          .onRef('passkey.payer_id', '=', 'session.payer_id')
          .on('passkey.displaced_by', 'is', null),
      )
      .select(['session.token_hash', 'session.payer_id', 'session.credential_id', 'session.used_at_ms'])
      .where('session.token_hash', '=', hashOf(token))
      .where('session.used_at_ms', '>', nowMs - idleMsMax)
      .where('session.created_at_ms', '>', nowMs - lifetimeMsMax)
      .executeTakeFirst()
    if (row === undefined) throw new Problem('session-missing')
    if (nowMs - row.used_at_ms >= noteEveryMs) {
      await db.updateTable('session').set({ used_at_ms: nowMs }).where('token_hash', '=', row.token_hash).execute()
    }
    return { payer: payerIdSchema.parse(row.payer_id), passkey: credentialIdSchema.parse(row.credential_id) }
  }

  return {
    /** @returns the token, to be kept by the browser alone */
    async open(payer: PayerId, passkey: CredentialId): Promise<string> {
      const token = base64url(random(tokenBytes))
      const nowMs = clock.nowMs()
      const row = { token_hash: hashOf(token), payer_id: payer, credential_id: passkey }
      await db
        .insertInto('session')
        .values({ ...row, created_at_ms: nowMs, used_at_ms: nowMs })
        .execute()
      return token
    },

    /** @throws {Problem} `session-missing`, also after 15 idle minutes or 12 hours */
    payerOf: async (token: string | undefined): Promise<PayerId> => (await find(token)).payer,

    /** The passkey that opened it. @throws {Problem} as above */
    passkeyOf: async (token: string | undefined): Promise<CredentialId> => (await find(token)).passkey,

    /** Where a payer is signed in. */
    async list(payer: PayerId): Promise<Pick<PaymentTables['session'], 'created_at_ms' | 'used_at_ms'>[]> {
      const mine = db.selectFrom('session').select(['created_at_ms', 'used_at_ms']).where('payer_id', '=', payer)
      return mine.orderBy('created_at_ms').execute()
    },

    /** Signs out: the token opens nothing from now on. */
    async end(token: string | undefined): Promise<void> {
      if (token === undefined) return
      await db.deleteFrom('session').where('token_hash', '=', hashOf(token)).execute()
    },

    /** Signs a payer out everywhere, where a loss was reported; and says so in every browser that wants to hear of payments. */
    endAllForLoss: (payer: PayerId): Promise<void> =>
      database.inTransaction(async (transaction) => {
        await transaction.deleteFrom('session').where('payer_id', '=', payer).execute()
        await writeNameNotice(transaction, payer, 'loss-reported', clock.nowMs())
      }),

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('session')
        .where('used_at_ms', '<=', clock.nowMs() - idleMsMax)
        .execute()
    },
  }
}
export type Sessions = ReturnType<typeof sessions>

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
