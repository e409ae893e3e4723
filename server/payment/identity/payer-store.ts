import { z } from 'zod'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { identifierPattern } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Username } from '../../../shared/username.ts'
import type { PinnedPasskey } from '../../../shared/wire/bank-api.ts'
import { type Database, isUniqueViolation } from '../../runtime/database.ts'
import { keyedHashText } from '../../runtime/keyed-hash.ts'
import type { Secret } from '../../runtime/keys.ts'
import type { NewPasskey, Passkey } from '../../runtime/passkey.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { PaymentTables } from '../schema.ts'
import { skeletonOf } from './username-rules/skeleton.ts'

export type PayerName = { readonly username: string; readonly display: string }
type Seen = { readonly signatureCounter: number; readonly isBackedUp: boolean }
export type OwnedPasskey = Passkey & Seen & { readonly payer: PayerId; readonly userHandle: string }
type NewPayer = {
  readonly id: PayerId
  readonly username: Username
  readonly display: string
  readonly userHandle: string
  readonly passkey: NewPasskey
}

export const payerIdSchema = z
  .string()
  .regex(identifierPattern('payer'))
  .transform((id) => id as PayerId)
const nameSchema = z.strictObject({ username: z.string(), display: z.string() })
const passkeyRowSchema = z.object({
  payer_id: payerIdSchema,
  user_handle: z.string(),
  credential_id: credentialIdSchema,
  public_key: z.string(),
  counter: z.int(),
  backup_eligible: z.literal([0, 1]),
  is_backed_up: z.literal([0, 1]),
})

const nameUse = 'payer-name'
export const closedNames = {
  table: 'payer',
  column: 'profile_closed',
  key: ['id'],
  context: [nameUse, 'id'],
} as const satisfies ClosedColumn<PaymentTables>

/** Payers and their passkeys. Names are found by keyed hash and kept encrypted, and are never given to somebody else. */
export function payerStore(tools: {
  database: Database<PaymentTables>
  nameKey: Secret
  atRest: AtRest
  clock: Clock
}) {
  const { database, nameKey, atRest, clock } = tools
  const { db } = database
  const nameHash = (name: string) => keyedHashText(nameKey, 'username', name)
  const skeletonHash = (username: Username) => keyedHashText(nameKey, 'skeleton', skeletonOf(username))
  const nameContext = (payer: PayerId) => [nameUse, payer]

  const passkeys = () =>
    db
      .selectFrom('passkey')
      .innerJoin('payer', 'payer.id', 'passkey.payer_id')
      .select(['passkey.payer_id', 'payer.user_handle', 'passkey.credential_id', 'passkey.public_key'])
      .select(['passkey.counter', 'passkey.backup_eligible', 'passkey.is_backed_up'])

  const store = {
    /** @param name in canonical form, or whatever was typed in its place */
    async idOfName(name: string): Promise<PayerId | null> {
      const row = await db.selectFrom('payer').select('id').where('name_hash', '=', nameHash(name)).executeTakeFirst()
      return row === undefined ? null : payerIdSchema.parse(row.id)
    },

    /** @throws {Problem} `username-taken`, `username-confusable` */
    async assertFree(username: Username): Promise<void> {
      const hash = nameHash(username)
      // One question, because a name that is given between two would be found by its look, and not by itself.
      const alike = await db
        .selectFrom('payer')
        .select('name_hash')
        .where((column) => column.or({ name_hash: hash, skeleton_hash: skeletonHash(username) }))
        .execute()
      if (alike.some(({ name_hash }) => name_hash === hash)) throw new Problem('username-taken')
      if (alike.length > 0) throw new Problem('username-confusable')
    },

    /** Name and passkey together, or neither. @throws {Problem} `username-taken`, `username-confusable`, `passkey-taken` */
    async add(payer: NewPayer): Promise<void> {
      try {
        await database.inTransaction(async (transaction) => {
          await transaction.insertInto('payer').values(payerRow(payer)).execute()
          await transaction.insertInto('passkey').values(passkeyRow(payer)).execute()
        })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        await store.assertFree(payer.username)
        throw new Problem('passkey-taken', { cause: error })
      }
    },

    async nameOf(payer: PayerId): Promise<PayerName> {
      const row = await db
        .selectFrom('payer')
        .select('profile_closed')
        .where('id', '=', payer)
        .executeTakeFirstOrThrow()
      return nameSchema.parse(JSON.parse(atRest.open(nameContext(payer), row.profile_closed)))
    },

    /** As the bank pins them. Oldest first. */
    async passkeysOf(payer: PayerId): Promise<PinnedPasskey[]> {
      const rows = await passkeys().where('passkey.payer_id', '=', payer).orderBy('passkey.created_at_ms').execute()
      return rows.map((row) => {
        const { credentialId, publicKey, isBackupEligible } = toPasskey(row)
        return { credentialId, publicKey, isBackupEligible }
      })
    },

    async passkeyOf(payer: PayerId, credential: CredentialId): Promise<OwnedPasskey | null> {
      const owned = passkeys().where('passkey.payer_id', '=', payer)
      const row = await owned.where('passkey.credential_id', '=', credential).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    async passkey(credential: CredentialId): Promise<OwnedPasskey | null> {
      const row = await passkeys().where('passkey.credential_id', '=', credential).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    /**
     * Remembers what a use showed (WebAuthn L3 §7.2 step 25). Synced passkeys always count zero: then there is nothing to write.
     * @returns false where another use showed the same counter meanwhile: one of the two may be a clone's
     */
    async noteUse(passkey: OwnedPasskey, seen: Seen): Promise<boolean> {
      const isNew = seen.signatureCounter !== passkey.signatureCounter || seen.isBackedUp !== passkey.isBackedUp
      if (!isNew) return true
      const { numUpdatedRows } = await db
        .updateTable('passkey')
        .set({ counter: seen.signatureCounter, is_backed_up: Number(seen.isBackedUp) })
        .where('credential_id', '=', passkey.credentialId)
        .where('counter', passkey.isBackupEligible ? '<=' : '<', seen.signatureCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n || passkey.isBackupEligible
    },
  }
  return store

  function payerRow({ id, username, display, userHandle }: NewPayer) {
    return {
      id,
      name_hash: nameHash(username),
      skeleton_hash: skeletonHash(username),
      profile_closed: atRest.close(nameContext(id), JSON.stringify({ username, display })),
      user_handle: userHandle,
      created_at_ms: clock.nowMs(),
    }
  }

  function passkeyRow({ id, passkey }: NewPayer) {
    return {
      credential_id: passkey.credentialId,
      payer_id: id,
      public_key: passkey.publicKey,
      counter: passkey.signatureCounter,
      backup_eligible: Number(passkey.isBackupEligible),
      is_backed_up: Number(passkey.isBackedUp),
      transports: passkey.transports.join(' '),
      aaguid: passkey.aaguid,
      created_at_ms: clock.nowMs(),
    }
  }
}
export type PayerStore = ReturnType<typeof payerStore>

function toPasskey(row: unknown): OwnedPasskey {
  const parsed = passkeyRowSchema.parse(row)
  return {
    payer: parsed.payer_id,
    userHandle: parsed.user_handle,
    credentialId: parsed.credential_id,
    publicKey: parsed.public_key,
    signatureCounter: parsed.counter,
    isBackupEligible: parsed.backup_eligible === 1,
    isBackedUp: parsed.is_backed_up === 1,
  }
}
