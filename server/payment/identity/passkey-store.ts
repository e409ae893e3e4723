import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { credentialIdSchema, type PasskeyEvidence } from '../../../shared/evidence.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { passkeyThumbprint } from '../../../shared/passkey.ts'
import { Problem } from '../../../shared/problem.ts'
import { type PinnedPasskey, passkeysMax } from '../../../shared/wire/bank-api.ts'
import { type Database, isUniqueViolation } from '../../runtime/database.ts'
import type { NewPasskey, Passkey } from '../../runtime/passkey.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import { addPasskeyWish } from '../passkey-wish-store.ts'
import { writeNameNotice } from '../push/write-notice.ts'
import type { PaymentTables } from '../schema.ts'
import { payerIdSchema } from './payer-id.ts'

type Seen = { readonly signatureCounter: number; readonly isBackedUp: boolean }
export type OwnedPasskey = Passkey &
  Seen & { readonly payer: PayerId; readonly userHandle: string; readonly lastUsedAtMs: number | null }
/** What its payer may want to know of it. */
export type KeptPasskey = {
  readonly credentialId: CredentialId
  readonly thumbprint: string
  readonly nickname: string | null
  /** The authenticator's model (WebAuthn L3 §6.5.1.1). */
  readonly aaguid: string
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
  readonly isBackedUp: boolean
  readonly isToldToBank: boolean
}

const nicknameUse = 'passkey-nickname'
export const closedPasskeyNames = {
  table: 'passkey',
  column: 'nickname_closed',
  key: ['credential_id'],
  context: [nicknameUse, 'payer_id', 'thumbprint'],
} as const satisfies ClosedColumn<PaymentTables>

/** A passkey's use is noted once an hour, not at every payment. */
const noteEveryMs = 60 * 60_000

const rowSchema = z.object({
  payer_id: payerIdSchema,
  user_handle: z.string(),
  credential_id: credentialIdSchema,
  public_key: z.string(),
  counter: z.int(),
  backup_eligible: z.literal([0, 1]),
  is_backed_up: z.literal([0, 1]),
  last_used_at_ms: z.int().nullable(),
})

/** The passkeys of payers. Whoever adds or removes one tells the bank as well: that they must is written in the same transaction. */
export function passkeyStore(tools: { database: Database<PaymentTables>; atRest: AtRest; clock: Clock }) {
  const { database, atRest, clock } = tools
  const { db } = database
  const nicknameContext = (payer: PayerId, thumbprint: string) => [nicknameUse, payer, thumbprint]

  const owned = () =>
    db
      .selectFrom('passkey')
      .innerJoin('payer', 'payer.id', 'passkey.payer_id')
      .select(['passkey.payer_id', 'payer.user_handle', 'passkey.credential_id', 'passkey.public_key'])
      .select(['passkey.counter', 'passkey.backup_eligible', 'passkey.is_backed_up', 'passkey.last_used_at_ms'])
  const current = () => owned().where('passkey.displaced_by', 'is', null)

  return {
    /** As the bank pins them. Oldest first. */
    async passkeysOf(payer: PayerId): Promise<PinnedPasskey[]> {
      const rows = await current()
        .where('passkey.payer_id', '=', payer)
        .orderBy('passkey.created_at_ms')
        .orderBy('thumbprint')
        .execute()
      return rows.map((row) => pinned(toPasskey(row)))
    },

    /** Oldest first. */
    async list(payer: PayerId): Promise<KeptPasskey[]> {
      const rows = await db
        .selectFrom('passkey')
        .select(['credential_id', 'thumbprint', 'nickname_closed', 'aaguid', 'created_at_ms', 'last_used_at_ms'])
        .select(['is_backed_up'])
        .select((expression) =>
          expression
            .selectFrom('passkey_wish')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .whereRef('passkey_wish.payer_id', '=', 'passkey.payer_id')
            .whereRef('passkey_wish.thumbprint', '=', 'passkey.thumbprint')
            .where('passkey_wish.next_asking_at_ms', 'is not', null)
            .as('untold'),
        )
        .where('payer_id', '=', payer)
        .where('displaced_by', 'is', null)
        .orderBy('created_at_ms')
        .orderBy('thumbprint')
        .execute()
      return rows.map(({ thumbprint, nickname_closed: closed, ...row }) => ({
        credentialId: credentialIdSchema.parse(row.credential_id),
        thumbprint,
        nickname: closed === null ? null : atRest.open(nicknameContext(payer, thumbprint), closed),
        aaguid: row.aaguid,
        createdAtMs: row.created_at_ms,
        lastUsedAtMs: row.last_used_at_ms,
        isBackedUp: row.is_backed_up === 1,
        isToldToBank: row.untold === 0,
      }))
    },

    async passkeyOf(payer: PayerId, credential: CredentialId): Promise<OwnedPasskey | null> {
      const mine = current().where('passkey.payer_id', '=', payer)
      const row = await mine.where('passkey.credential_id', '=', credential).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    async passkey(credential: CredentialId): Promise<OwnedPasskey | null> {
      const row = await current().where('passkey.credential_id', '=', credential).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    /** One that a recovery took the name from, and that can do nothing but undo it. */
    async formerPasskey(credential: CredentialId): Promise<OwnedPasskey | null> {
      const former = owned().where('passkey.displaced_by', 'is not', null)
      const row = await former.where('passkey.credential_id', '=', credential).executeTakeFirst()
      return row === undefined ? null : toPasskey(row)
    },

    /** Whoever's it is. */
    async isKept(credential: CredentialId): Promise<boolean> {
      return (await owned().where('passkey.credential_id', '=', credential).executeTakeFirst()) !== undefined
    },

    /**
     * Remembers what a use showed (WebAuthn L3 §7.2 step 25), and now and then that there was one. Synced passkeys always count zero: of
     * them there is mostly nothing to write.
     * @returns false where another use showed the same counter meanwhile: one of the two may be a clone's
     */
    async noteUse(passkey: OwnedPasskey, seen: Seen): Promise<boolean> {
      const nowMs = clock.nowMs()
      const isNew = seen.signatureCounter !== passkey.signatureCounter || seen.isBackedUp !== passkey.isBackedUp
      const isDue = passkey.lastUsedAtMs === null || nowMs - passkey.lastUsedAtMs >= noteEveryMs
      if (!isNew && !isDue) return true
      const update = db
        .updateTable('passkey')
        .set({ last_used_at_ms: nowMs })
        .where('credential_id', '=', passkey.credentialId)
      if (!isNew) {
        await update.execute()
        return true
      }
      const { numUpdatedRows } = await update
        .set({ counter: seen.signatureCounter, is_backed_up: Number(seen.isBackedUp) })
        .where('counter', passkey.isBackupEligible ? '<=' : '<', seen.signatureCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n || passkey.isBackupEligible
    },

    /** @param nickname null takes it away. @throws {Problem} `passkey-unknown` */
    async name(payer: PayerId, thumbprint: string, nickname: string | null): Promise<void> {
      const closed = nickname === null ? null : atRest.close(nicknameContext(payer, thumbprint), nickname)
      const { numUpdatedRows } = await db
        .updateTable('passkey')
        .set({ nickname_closed: closed })
        .where('payer_id', '=', payer)
        .where('thumbprint', '=', thumbprint)
        .where('displaced_by', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new Problem('passkey-unknown')
    },

    /**
     * Keeps one more passkey, and writes down that the bank must bind it to each card of its payer.
     * @param evidence by which another passkey of the payer vouches for this one
     * @throws {Problem} `passkey-taken`, `passkeys-too-many`; `passkey-refused` where the other one was removed meanwhile, or this one before
     */
    async add(payer: PayerId, passkey: NewPasskey, evidence: PasskeyEvidence): Promise<void> {
      const row = await passkeyRow(payer, passkey, clock)
      try {
        await database.inTransaction(async (transaction) => {
          const number = await beginChange(transaction, payer)
          await assertThere(transaction, payer, evidence.assertion.credentialId)
          await assertNeverRevoked(transaction, payer, row.thumbprint)
          if ((await countOf(transaction, payer)) >= passkeysMax) throw new Problem('passkeys-too-many')
          await transaction.insertInto('passkey').values(row).execute()
          const binding = { passkey: pinned(passkey), evidence }
          await addPasskeyWish(transaction, { payer, number, kind: 'bind', thumbprint: row.thumbprint, binding }, tools)
          await writeNameNotice(transaction, payer, 'passkey-added', clock.nowMs())
        })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new Problem('passkey-taken', { cause: error })
      }
    },

    /**
     * Removes a passkey, and with it the sessions it opened and any invitation; and writes down that the bank must hear of it.
     * @param signer the passkey that says so: this one, or another of the payer's
     * @throws {Problem} `passkey-unknown`, `passkey-last`; `passkey-refused` where the signer was removed meanwhile
     */
    remove: (payer: PayerId, thumbprint: string, signer: CredentialId): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const number = await beginChange(transaction, payer)
        await assertThere(transaction, payer, signer)
        const removed = await transaction
          .deleteFrom('passkey')
          .where('payer_id', '=', payer)
          .where('thumbprint', '=', thumbprint)
          .where('displaced_by', 'is', null)
          .executeTakeFirst()
        if (removed.numDeletedRows !== 1n) throw new Problem('passkey-unknown')
        if ((await countOf(transaction, payer)) === 0) throw new Problem('passkey-last')
        await transaction.deleteFrom('invitation').where('payer_id', '=', payer).execute()
        await addPasskeyWish(transaction, { payer, number, kind: 'revoke', thumbprint }, tools)
        await writeNameNotice(transaction, payer, 'passkey-removed', clock.nowMs())
      }),
  }
}
export type PasskeyStore = ReturnType<typeof passkeyStore>

export const passkeyRow = async (
  payer: PayerId,
  passkey: NewPasskey,
  clock: Clock,
): Promise<PaymentTables['passkey']> => ({
  credential_id: passkey.credentialId,
  payer_id: payer,
  public_key: passkey.publicKey,
  thumbprint: await passkeyThumbprint(passkey.publicKey),
  counter: passkey.signatureCounter,
  backup_eligible: Number(passkey.isBackupEligible),
  is_backed_up: Number(passkey.isBackedUp),
  transports: passkey.transports.join(' '),
  aaguid: passkey.aaguid,
  created_at_ms: clock.nowMs(),
  nickname_closed: null,
  last_used_at_ms: null,
  displaced_by: null,
})

/** One change of a payer's passkeys at a time: whoever comes second waits here until the first is through. @returns its number */
export async function beginChange(transaction: Transaction<PaymentTables>, payer: PayerId): Promise<number> {
  const { passkey_changes: number } = await transaction
    .updateTable('payer')
    .set(({ eb }) => ({ passkey_changes: eb('passkey_changes', '+', 1) }))
    .where('id', '=', payer)
    .returning('passkey_changes')
    .executeTakeFirstOrThrow()
  return number
}

type Reader = Kysely<PaymentTables>

/** @throws {Problem} `passkey-refused` where it is no passkey of this payer any more */
export async function assertThere(reader: Reader, payer: PayerId, credential: CredentialId): Promise<void> {
  const mine = reader.selectFrom('passkey').select('thumbprint').where('payer_id', '=', payer)
  const row = await mine.where('credential_id', '=', credential).where('displaced_by', 'is', null).executeTakeFirst()
  if (row === undefined) throw new Problem('passkey-refused')
}

/** What was taken away is taken away for good, at the bank too: it would sign in here, and never pay. */
async function assertNeverRevoked(reader: Reader, payer: PayerId, thumbprint: string): Promise<void> {
  const revoked = reader.selectFrom('passkey_wish').select('number').where('payer_id', '=', payer)
  const row = await revoked.where('thumbprint', '=', thumbprint).where('kind', '=', 'revoke').executeTakeFirst()
  if (row !== undefined) throw new Problem('passkey-refused')
}

async function countOf(reader: Reader, payer: PayerId): Promise<number> {
  const { count } = await reader
    .selectFrom('passkey')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('payer_id', '=', payer)
    .where('displaced_by', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

const pinned = ({ credentialId, publicKey, isBackupEligible }: Passkey): PinnedPasskey => ({
  credentialId,
  publicKey,
  isBackupEligible,
})

function toPasskey(row: unknown): OwnedPasskey {
  const parsed = rowSchema.parse(row)
  return {
    payer: parsed.payer_id,
    userHandle: parsed.user_handle,
    credentialId: parsed.credential_id,
    publicKey: parsed.public_key,
    signatureCounter: parsed.counter,
    isBackupEligible: parsed.backup_eligible === 1,
    isBackedUp: parsed.is_backed_up === 1,
    lastUsedAtMs: parsed.last_used_at_ms,
  }
}
