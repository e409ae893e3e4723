import { createHash } from 'node:crypto'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import { credentialIdSchema, type UndoEvidence } from '../../../shared/evidence.ts'
import type { CredentialId, PayerId, RecoveryId } from '../../../shared/identifiers.ts'
import { passkeyThumbprint } from '../../../shared/passkey.ts'
import { Problem } from '../../../shared/problem.ts'
import { recoveryHoldMs } from '../../../shared/recovery.ts'
import { recoveryIdSchema } from '../../../shared/wire/intent-schema.ts'
import { nameRecoveryStates } from '../../../shared/wire/payment-api.ts'
import { compiledQuery } from '../../runtime/compiled-query.ts'
import type { Database } from '../../runtime/database.ts'
import type { NewPasskey } from '../../runtime/passkey.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import { addPasskeyWish } from '../passkey-wish-store.ts'
import { writeNameNotice } from '../push/write-notice.ts'
import type { PaymentTables } from '../schema.ts'
import { beginChange, passkeyRow } from './passkey-store.ts'
import { payerIdSchema } from './payer-id.ts'

/** What somebody who has lost every passkey made in their place. It says nothing that is secret. */
const passkeySchema = z.strictObject({
  credentialId: credentialIdSchema,
  publicKey: z.string(),
  signatureCounter: z.int(),
  isBackupEligible: z.boolean(),
  isBackedUp: z.boolean(),
  transports: z.array(z.string()),
  aaguid: z.string(),
})
const rowSchema = z.object({
  id: recoveryIdSchema,
  payer_id: payerIdSchema,
  passkey: z.string(),
  state: z.enum(nameRecoveryStates),
  recovered_at_ms: z.int().nullable(),
  taken_at_ms: z.int().nullable(),
  undone_at_ms: z.int().nullable(),
})

const columns = [
  'id',
  'payer_id',
  'passkey',
  'state',
  'recovered_at_ms',
  'taken_at_ms',
  'undone_at_ms',
] as const satisfies (keyof typeof rowSchema.shape)[]

export type KeptRecovery = {
  readonly id: RecoveryId
  readonly payer: PayerId
  readonly passkey: NewPasskey
  readonly state: (typeof nameRecoveryStates)[number]
  readonly recoveredAtMs: number | null
  /** When somebody else had the name, by our own clock; null where nobody had, or it was not written down. */
  readonly taken: { readonly fromMs: number; readonly untilMs: number } | null
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * Names that are being got back, and those that were. The passkeys of before stay for 72 hours, and sign nothing but that it is to be undone.
 * The database holds the SHA-256 of the secret by which a device asks how it stands.
 */
export function recoveredNameStore(tools: { database: Database<PaymentTables>; atRest: AtRest; clock: Clock }) {
  const { database, clock } = tools
  const { db } = database
  const all = () => db.selectFrom('recovery').select(columns)
  const recovered = compiledQuery(db, (payer: string, afterMs: number) =>
    all().where('payer_id', '=', payer).where('state', '=', 'recovered').where('recovered_at_ms', '>', afterMs),
  )
  const overdue = compiledQuery(db, (nowMs: number, limit: number) =>
    all().where('next_asking_at_ms', '<=', nowMs).orderBy('next_asking_at_ms').limit(limit),
  )

  async function heldOf(payer: PayerId): Promise<KeptRecovery | null> {
    const [row] = await recovered(payer, clock.nowMs() - recoveryHoldMs)
    return row === undefined ? null : toRecovery(row)
  }

  return {
    /** The recovery of this payer's name that can still be undone; null where there is none. */
    heldOf,

    /** The one by which this payer has the name; null where they have it since they took it. */
    async lastOf(payer: PayerId): Promise<KeptRecovery | null> {
      const row = await all()
        .where('payer_id', '=', payer)
        .where('state', 'in', ['recovered', 'final'])
        .orderBy('recovered_at_ms', 'desc')
        .executeTakeFirst()
      return row === undefined ? null : toRecovery(row)
    },

    /** Whenever somebody began one, also in vain. */
    async list(
      payer: PayerId,
    ): Promise<Pick<PaymentTables['recovery'], 'state' | 'started_at_ms' | 'recovered_at_ms'>[]> {
      const mine = db.selectFrom('recovery').select(['state', 'started_at_ms', 'recovered_at_ms'])
      return mine.where('payer_id', '=', payer).orderBy('started_at_ms').execute()
    },

    /** @throws {Problem} `name-held` */
    async assertNotHeld(payer: PayerId): Promise<void> {
      if ((await heldOf(payer)) !== null) throw new Problem('name-held')
    },

    /** Nothing of the name changes by it. */
    async begin(id: RecoveryId, payer: PayerId, secret: string, passkey: NewPasskey): Promise<KeptRecovery> {
      const row = {
        id,
        payer_id: payer,
        secret_hash: hashOf(secret),
        passkey: JSON.stringify(passkeySchema.parse(passkey)),
        state: 'pending',
        started_at_ms: clock.nowMs(),
        recovered_at_ms: null,
        taken_at_ms: null,
        undone_at_ms: null,
        next_asking_at_ms: clock.nowMs(),
      } as const
      await db.insertInto('recovery').values(row).execute()
      return toRecovery(row)
    },

    async bySecret(secret: string): Promise<KeptRecovery | null> {
      const row = await all().where('secret_hash', '=', hashOf(secret)).executeTakeFirst()
      return row === undefined ? null : toRecovery(row)
    },

    /** By a passkey that it took the name from. */
    async undoableBy(credential: CredentialId): Promise<KeptRecovery | null> {
      const displaced = db.selectFrom('passkey').select('displaced_by').where('credential_id', '=', credential)
      const row = await all().where('id', '=', displaced).executeTakeFirst()
      const kept = row === undefined ? null : toRecovery(row)
      return kept !== null && isHeld(kept) ? kept : null
    },

    /** Of which the bank must be asked, or the 72 hours are over. */
    async due(limit: number): Promise<KeptRecovery[]> {
      return (await overdue(clock.nowMs(), limit)).map(toRecovery)
    },

    async putOff({ id }: KeptRecovery, nextAskingAtMs: number): Promise<void> {
      const pending = db.updateTable('recovery').where('id', '=', id).where('state', '=', 'pending')
      await pending.set({ next_asking_at_ms: nextAskingAtMs }).execute()
    },

    /** The bank will not confirm it any more. */
    async giveUp({ id }: KeptRecovery): Promise<void> {
      const pending = db.updateTable('recovery').where('id', '=', id).where('state', '=', 'pending')
      await pending.set({ state: 'over', next_asking_at_ms: null }).execute()
    },

    /**
     * The new passkey has the name: the others sign in no more, every session ends, and the code is spent. Again changes nothing.
     * @param recoveredAtMs by the clock of whoever decided it
     */
    recover: async ({ id, payer, passkey }: KeptRecovery, recoveredAtMs: number): Promise<void> => {
      const row = await passkeyRow(payer, passkey, clock)
      await database.inTransaction(async (transaction) => {
        await beginChange(transaction, payer)
        for (const earlier of await unfinished(transaction, payer)) {
          if (earlier === id || !(await finishIn(transaction, payer, earlier))) return
        }
        const { numUpdatedRows } = await transaction
          .updateTable('recovery')
          .set({
            state: 'recovered',
            recovered_at_ms: recoveredAtMs,
            taken_at_ms: clock.nowMs(),
            next_asking_at_ms: recoveredAtMs + recoveryHoldMs,
          })
          .where('id', '=', id)
          .where('state', '=', 'pending')
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return
        const mine = transaction.updateTable('passkey').where('payer_id', '=', payer)
        await mine.where('displaced_by', 'is', null).set({ displaced_by: id }).execute()
        await transaction.insertInto('passkey').values(row).execute()
        await forgetWays(transaction, payer)
        await writeNameNotice(transaction, payer, 'name-recovered', clock.nowMs())
      })
    },

    /**
     * The passkeys of before have the name again, and all that came since goes, here and at the bank.
     * Cards are in another database: what came of them is due from now on, until {@link markCleared}.
     * @throws {Problem} `recovery-over`
     */
    undo: ({ id, payer }: KeptRecovery, signer: string, evidence: UndoEvidence): Promise<KeptRecovery> =>
      database.inTransaction(async (transaction) => {
        const number = await beginChange(transaction, payer)
        const undone = await transaction
          .updateTable('recovery')
          .set({ state: 'undone', undone_at_ms: clock.nowMs(), next_asking_at_ms: clock.nowMs() })
          .where('id', '=', id)
          .where('state', '=', 'recovered')
          .where('recovered_at_ms', '>', clock.nowMs() - recoveryHoldMs)
          .returning(columns)
          .executeTakeFirst()
        if (undone === undefined) throw new Problem('recovery-over')
        const undoing = { recovery: id, evidence }
        await addPasskeyWish(transaction, { payer, number, kind: 'undo', thumbprint: signer, undoing }, tools)
        const since = transaction.deleteFrom('passkey').where('payer_id', '=', payer).where('displaced_by', 'is', null)
        await revoke(transaction, payer, await since.returning('thumbprint').execute())
        const former = transaction.updateTable('passkey').where('payer_id', '=', payer)
        await former.where('displaced_by', '=', id).set({ displaced_by: null }).execute()
        await forgetWays(transaction, payer)
        return toRecovery(undone)
      }),

    /** Nothing is left of who had the name meanwhile. */
    async markCleared({ id }: KeptRecovery): Promise<void> {
      const undone = db.updateTable('recovery').where('id', '=', id).where('state', '=', 'undone')
      await undone.set({ next_asking_at_ms: null }).execute()
    },

    /** Once the 72 hours are over, the passkeys of before are gone for good, here and at the bank. */
    finish: ({ id, payer }: KeptRecovery): Promise<void> =>
      database.inTransaction(async (transaction) => {
        await beginChange(transaction, payer)
        await finishIn(transaction, payer, id)
      }),
  }

  function isHeld({ state, recoveredAtMs }: KeptRecovery): boolean {
    return state === 'recovered' && recoveredAtMs !== null && clock.nowMs() < recoveredAtMs + recoveryHoldMs
  }

  async function unfinished(transaction: Transaction<PaymentTables>, payer: PayerId): Promise<string[]> {
    const rows = transaction.selectFrom('recovery').select('id').where('payer_id', '=', payer)
    return (await rows.where('state', '=', 'recovered').execute()).map(({ id }) => id)
  }

  /** @returns false where it can still be undone */
  async function finishIn(transaction: Transaction<PaymentTables>, payer: PayerId, id: string): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('recovery')
      .set({ state: 'final', next_asking_at_ms: null })
      .where('id', '=', id)
      .where('state', '=', 'recovered')
      .where('recovered_at_ms', '<=', clock.nowMs() - recoveryHoldMs)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) return false
    const former = transaction.deleteFrom('passkey').where('payer_id', '=', payer).where('displaced_by', '=', id)
    await revoke(transaction, payer, await former.returning('thumbprint').execute())
    return true
  }

  async function revoke(
    transaction: Transaction<PaymentTables>,
    payer: PayerId,
    removed: readonly { readonly thumbprint: string }[],
  ): Promise<void> {
    for (const { thumbprint } of removed) {
      const number = await beginChange(transaction, payer)
      await addPasskeyWish(transaction, { payer, number, kind: 'revoke', thumbprint }, tools)
    }
  }
}
export type RecoveredNameStore = ReturnType<typeof recoveredNameStore>

/** Whatever led into the account before leads there no more. */
async function forgetWays(transaction: Transaction<PaymentTables>, payer: PayerId): Promise<void> {
  for (const table of ['session', 'invitation', 'recovery_code'] as const) {
    await transaction.deleteFrom(table).where('payer_id', '=', payer).execute()
  }
}

function toRecovery(row: unknown): KeptRecovery {
  const { id, payer_id: payer, passkey, state, recovered_at_ms: recoveredAtMs, ...times } = rowSchema.parse(row)
  const { taken_at_ms: fromMs, undone_at_ms: untilMs } = times
  const taken = fromMs === null || untilMs === null ? null : { fromMs, untilMs }
  return { id, payer, passkey: passkeySchema.parse(JSON.parse(passkey)), state, recoveredAtMs, taken }
}

/** The passkey that waits for its name, as its own device knows it. */
export const thumbprintOf = ({ passkey }: KeptRecovery): Promise<string> => passkeyThumbprint(passkey.publicKey)
