import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import type { PayerId } from '../../../shared/identifiers.ts'
import { sha256Text } from '../../../shared/wire/intent-schema.ts'
import type { NewPasskey } from '../../runtime/passkey.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { PaymentTables } from '../schema.ts'
import { payerIdSchema } from './payer-id.ts'

/** A device that comes back a while later still learns what became of its passkey. */
const keptAfterMs = 10 * 60_000

const passkeySchema = z.strictObject({
  credentialId: credentialIdSchema,
  publicKey: z.string(),
  signatureCounter: z.int(),
  isBackupEligible: z.boolean(),
  isBackedUp: z.boolean(),
  transports: z.array(z.string()),
  aaguid: z.string(),
})
/** What the other device has made, and its word for it, which this server only passes on. */
const madeSchema = z.strictObject({ passkey: passkeySchema, proof: sha256Text })
type Made = z.output<typeof madeSchema>
type NewMade = { readonly passkey: NewPasskey; readonly proof: string }

export type KeptInvitation = {
  readonly payer: PayerId
  readonly expiresAtMs: number
  /** Null while nobody has come. */
  readonly made: Made | null
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

const use = 'invitation'
export const closedInvitations = {
  table: 'invitation',
  column: 'made_closed',
  key: ['payer_id'],
  context: [use, 'payer_id', 'secret_hash'],
} as const satisfies ClosedColumn<PaymentTables>

/** Invitations to make a passkey on another device, one a payer. The database holds the SHA-256 of a secret: what leaks from it opens nothing. */
export function invitationStore(tools: { db: Kysely<PaymentTables>; atRest: AtRest; clock: Clock }) {
  const { db, atRest, clock } = tools
  const contextOf = (payer: PayerId, secretHash: string) => [use, payer, secretHash]
  const all = () => db.selectFrom('invitation').select(['payer_id', 'secret_hash', 'expires_at_ms', 'made_closed'])

  function toInvitation(row: PaymentTables['invitation'] | undefined): KeptInvitation | null {
    if (row === undefined) return null
    const payer = payerIdSchema.parse(row.payer_id)
    const { secret_hash: secretHash, expires_at_ms: expiresAtMs, made_closed: closed } = row
    const made =
      closed === null ? null : madeSchema.parse(JSON.parse(atRest.open(contextOf(payer, secretHash), closed)))
    return { payer, expiresAtMs, made }
  }

  return {
    /** In the place of the one before. */
    async keep(payer: PayerId, secret: string, expiresAtMs: number): Promise<void> {
      const row = { secret_hash: hashOf(secret), expires_at_ms: expiresAtMs, made_closed: null }
      await db
        .insertInto('invitation')
        .values({ payer_id: payer, ...row })
        .onConflict((conflict) => conflict.column('payer_id').doUpdateSet(row))
        .execute()
    },

    bySecret: async (secret: string): Promise<KeptInvitation | null> =>
      toInvitation(await all().where('secret_hash', '=', hashOf(secret)).executeTakeFirst()),

    ofPayer: async (payer: PayerId): Promise<KeptInvitation | null> =>
      toInvitation(await all().where('payer_id', '=', payer).executeTakeFirst()),

    /** Once, and in time. @returns whether it was */
    async keepMade(payer: PayerId, secret: string, made: NewMade): Promise<boolean> {
      const secretHash = hashOf(secret)
      const { numUpdatedRows } = await db
        .updateTable('invitation')
        .set({ made_closed: atRest.close(contextOf(payer, secretHash), JSON.stringify(made)) })
        .where('payer_id', '=', payer)
        .where('secret_hash', '=', secretHash)
        .where('made_closed', 'is', null)
        .where('expires_at_ms', '>', clock.nowMs())
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async drop(payer: PayerId): Promise<void> {
      await db.deleteFrom('invitation').where('payer_id', '=', payer).execute()
    },

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('invitation')
        .where('expires_at_ms', '<=', clock.nowMs() - keptAfterMs)
        .execute()
    },
  }
}
export type InvitationStore = ReturnType<typeof invitationStore>
