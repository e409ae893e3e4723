import { base64url } from '../../../shared/bytes.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { compiledQuery } from '../../runtime/compiled-query.ts'
import type { Database } from '../../runtime/database.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import { addPasskeyWish } from '../passkey-wish-store.ts'
import type { PaymentTables } from '../schema.ts'
import { assertThere, beginChange } from './passkey-store.ts'
import { payerIdSchema } from './payer-id.ts'
import { nameContext } from './payer-store.ts'

const userHandleBytes = 16

type Closing = { readonly payer: PayerId; readonly closedAtMs: number }

/** Accounts that end. What a payment needs to be proven and given back stays; who it was goes. */
export function accountStore(tools: {
  database: Database<PaymentTables>
  atRest: AtRest
  clock: Clock
  random: RandomBytes
}) {
  const { database, atRest, clock, random } = tools
  const { db } = database
  const unfinished = compiledQuery(db, (limit: number) =>
    db
      .selectFrom('payer')
      .select(['id', 'closed_at_ms'])
      .where('has_cards_to_go', '=', 1)
      .where('closed_at_ms', 'is not', null)
      .orderBy('closed_at_ms')
      .limit(limit),
  )

  return {
    /**
     * Erases the name's spelling, the passkeys, sessions and invitations of a payer, and writes down what must still be told to the bank and
     * which cards must go. The hashes of the name stay: it is never given to anybody again.
     * @param signer the passkey that says so
     * @throws {Problem} `passkey-refused` where the signer was removed meanwhile, as by a closing that came first
     */
    close: (payer: PayerId, signer: CredentialId): Promise<void> =>
      database.inTransaction(async (transaction) => {
        await beginChange(transaction, payer)
        await assertThere(transaction, payer, signer)
        const removed = await transaction
          .deleteFrom('passkey')
          .where('payer_id', '=', payer)
          .returning('thumbprint')
          .execute()
        // A passkey the bank has not heard of yet need not be told any more: there is no card left for it.
        await transaction.deleteFrom('passkey_wish').where('payer_id', '=', payer).where('kind', '=', 'bind').execute()
        for (const { thumbprint } of removed) {
          const number = await beginChange(transaction, payer)
          await addPasskeyWish(transaction, { payer, number, kind: 'revoke', thumbprint }, tools)
        }
        for (const table of ['session', 'invitation', 'recovery_code', 'recovery'] as const) {
          await transaction.deleteFrom(table).where('payer_id', '=', payer).execute()
        }
        await transaction
          .updateTable('payer')
          .set({
            profile_closed: atRest.close(nameContext(payer), JSON.stringify({ username: '', display: '' })),
            user_handle: base64url(random(userHandleBytes)),
            closed_at_ms: clock.nowMs(),
            has_cards_to_go: 1,
          })
          .where('id', '=', payer)
          .execute()
      }),

    /** Closed accounts whose cards may still be there. */
    async withCardsToGo(limit: number): Promise<Closing[]> {
      const rows = await unfinished(limit)
      return rows.map(({ id, closed_at_ms }) => ({ payer: payerIdSchema.parse(id), closedAtMs: closed_at_ms ?? 0 }))
    },

    async markCardsGone(payer: PayerId): Promise<void> {
      await db.updateTable('payer').set({ has_cards_to_go: 0 }).where('id', '=', payer).execute()
    },
  }
}
export type AccountStore = ReturnType<typeof accountStore>
