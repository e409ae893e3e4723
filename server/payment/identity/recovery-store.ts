import { createHash, timingSafeEqual } from 'node:crypto'
import type { Bytes } from '../../../shared/bytes.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import type { Database } from '../../runtime/database.ts'
import type { Clock } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'
import { assertThere, beginChange } from './passkey-store.ts'

/** Recovery codes: one a payer, of which only the hash is kept. */
export function recoveryStore({ database, clock }: { database: Database<PaymentTables>; clock: Clock }) {
  const { db } = database
  return {
    /**
     * Whatever code there was opens nothing from now on.
     * @param signer the passkey that says so
     * @throws {Problem} `passkey-refused` where it was taken away meanwhile: what it makes must not outlive it
     */
    keep: (payer: PayerId, signer: CredentialId, code: Bytes): Promise<void> =>
      database.inTransaction(async (transaction) => {
        await beginChange(transaction, payer)
        await assertThere(transaction, payer, signer)
        const kept = { code_hash: hashOf(payer, code), made_at_ms: clock.nowMs() }
        await transaction
          .insertInto('recovery_code')
          .values({ payer_id: payer, ...kept })
          .onConflict((conflict) => conflict.column('payer_id').doUpdateSet(kept))
          .execute()
      }),

    /** The same work for a payer that there is not. @param code null: what was typed is none */
    async isCodeOf(payer: PayerId, code: Bytes | null): Promise<boolean> {
      const row = await db
        .selectFrom('recovery_code')
        .select('code_hash')
        .where('payer_id', '=', payer)
        .executeTakeFirst()
      const given = hashOf(payer, code ?? new Uint8Array())
      const kept = row?.code_hash ?? hashOf(payer, new Uint8Array(1))
      return timingSafeEqual(Buffer.from(given), Buffer.from(kept))
    },

    /** @returns null where there is none */
    async madeAtMs(payer: PayerId): Promise<number | null> {
      const row = await db
        .selectFrom('recovery_code')
        .select('made_at_ms')
        .where('payer_id', '=', payer)
        .executeTakeFirst()
      return row?.made_at_ms ?? null
    },
  }
}
export type RecoveryStore = ReturnType<typeof recoveryStore>

/** 128 random bits need no slow hash (NIST SP 800-63B-4 §3.1.2.2 asks for one below 112); the payer's id keeps equal codes apart. */
const hashOf = (payer: PayerId, code: Bytes): string =>
  createHash('sha256').update(`${payer} `).update(code).digest('base64url')
