import { z } from 'zod'
import type { PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Username } from '../../../shared/username.ts'
import { compiledQuery } from '../../runtime/compiled-query.ts'
import { type Database, isUniqueViolation } from '../../runtime/database.ts'
import { keyedHashText } from '../../runtime/keyed-hash.ts'
import type { Secret } from '../../runtime/keys.ts'
import type { NewPasskey } from '../../runtime/passkey.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { PaymentTables } from '../schema.ts'
import { passkeyRow } from './passkey-store.ts'
import { payerIdSchema } from './payer-id.ts'
import { skeletonOf } from './username-rules/skeleton.ts'

export type PayerName = { readonly username: string; readonly display: string }
type NewPayer = {
  readonly id: PayerId
  readonly username: Username
  readonly display: string
  readonly userHandle: string
  readonly passkey: NewPasskey
}

const nameSchema = z.strictObject({ username: z.string(), display: z.string() })

const nameUse = 'payer-name'
export const nameContext = (payer: PayerId) => [nameUse, payer]
export const closedNames = {
  table: 'payer',
  column: 'profile_closed',
  key: ['id'],
  context: [nameUse, 'id'],
} as const satisfies ClosedColumn<PaymentTables>

/** Payers, each with a first passkey. Names are found by keyed hash and kept encrypted, and are never given to somebody else. */
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

  const named = compiledQuery(db, (hash: string) =>
    db.selectFrom('payer').select('id').where('name_hash', '=', hash).where('closed_at_ms', 'is', null),
  )

  const store = {
    /** @param name in canonical form, or whatever was typed in its place */
    async idOfName(name: string): Promise<PayerId | null> {
      const [row] = await named(nameHash(name))
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
      const passkey = await passkeyRow(payer.id, payer.passkey, clock)
      try {
        await database.inTransaction(async (transaction) => {
          await transaction.insertInto('payer').values(payerRow(payer)).execute()
          await transaction.insertInto('passkey').values(passkey).execute()
        })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        await store.assertFree(payer.username)
        throw new Problem('passkey-taken', { cause: error })
      }
    },

    /** What the payer's devices know them by. */
    async userHandleOf(payer: PayerId): Promise<string> {
      const row = await db.selectFrom('payer').select('user_handle').where('id', '=', payer).executeTakeFirstOrThrow()
      return row.user_handle
    },

    async createdAtMsOf(payer: PayerId): Promise<number> {
      const row = await db.selectFrom('payer').select('created_at_ms').where('id', '=', payer).executeTakeFirstOrThrow()
      return row.created_at_ms
    },

    async nameOf(payer: PayerId): Promise<PayerName> {
      const row = await db
        .selectFrom('payer')
        .select('profile_closed')
        .where('id', '=', payer)
        .executeTakeFirstOrThrow()
      return nameSchema.parse(JSON.parse(atRest.open(nameContext(payer), row.profile_closed)))
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
      closed_at_ms: null,
      has_cards_to_go: 0,
      passkey_changes: 0,
    }
  }
}
export type PayerStore = ReturnType<typeof payerStore>
