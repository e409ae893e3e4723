import { createHash } from 'node:crypto'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import { base64url } from '../../../shared/bytes.ts'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import {
  type CredentialId,
  identifier,
  identifierPattern,
  identifierRandomBytes,
  type MerchantId,
  type MerchantPersonId,
} from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { type ConsoleRole, consoleRoles } from '../../../shared/wire/console-api.ts'
import { merchantIdSchema } from '../../../shared/wire/intent-schema.ts'
import { type Database, isUniqueViolation } from '../../runtime/database.ts'
import type { NewPasskey } from '../../runtime/passkey.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'

const invitedForMs = 24 * 60 * 60_000
const secretBytes = 16
/** Of one merchant, open invitations included. */
const peopleMax = 100

const personIdSchema = z
  .string()
  .regex(identifierPattern('merchantPerson'))
  .transform((id) => id as MerchantPersonId)
const personSchema = z.object({
  id: personIdSchema,
  merchant: z.object({ id: merchantIdSchema, name: z.string(), origin: z.string() }),
  role: z.enum(consoleRoles),
})
/** Somebody of a merchant's, whose passkey opens its console. */
export type Person = z.output<typeof personSchema>

const passkeySchema = z.object({
  credentialId: credentialIdSchema,
  publicKey: z.string(),
  signatureCounter: z.int(),
  isBackupEligible: z.boolean(),
  isBackedUp: z.boolean(),
  userHandle: z.string(),
})
export type PersonsPasskey = z.output<typeof passkeySchema>

const listedSchema = z.object({
  id: personIdSchema,
  name: z.string().nullable(),
  role: z.enum(consoleRoles),
  createdAtMs: z.int(),
  joinedAtMs: z.int().nullable(),
  invitedUntilMs: z.int(),
})
export type ListedPerson = z.output<typeof listedSchema>

/**
 * The people of merchants: a role, the passkey that was made of one invitation, and what whoever invited them calls them, so that owners know whom
 * they remove. What is removed opens nothing from then on.
 */
export function peopleStore(tools: { database: Database<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { database, clock, random } = tools
  const { db } = database

  const present = () =>
    db
      .selectFrom('merchant_person as person')
      .innerJoin('merchant', 'merchant.id', 'person.merchant_id')
      .select(['person.id', 'person.role', 'merchant.id as merchant_id', 'merchant.name', 'merchant.origin'])
      .where('person.removed_at_ms', 'is', null)

  /** Those who are there or may still come, the oldest first. */
  async function listed(reader: Reader, merchant: MerchantId): Promise<ListedPerson[]> {
    const rows = await reader
      .selectFrom('merchant_person')
      .select(['id', 'name', 'role', 'created_at_ms as createdAtMs', 'joined_at_ms as joinedAtMs'])
      .select('invited_until_ms as invitedUntilMs')
      .where('merchant_id', '=', merchant)
      .where('removed_at_ms', 'is', null)
      .where(({ or, eb }) => or([eb('joined_at_ms', 'is not', null), eb('invited_until_ms', '>', clock.nowMs())]))
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute()
    return z.array(listedSchema).parse(rows)
  }

  /** As {@link listed}, with everybody else held off them until the transaction ends. SQLite has one writer anyway. */
  async function held(transaction: Transaction<PaymentTables>, merchant: MerchantId): Promise<ListedPerson[]> {
    if (database.engine === 'postgres') {
      await transaction.selectFrom('merchant').select('id').where('id', '=', merchant).forNoKeyUpdate().execute()
    }
    return listed(transaction, merchant)
  }

  const removal = (): Removal => ({ removed_at_ms: clock.nowMs(), name: null })

  /** Of one merchant, one change at a time: two owners who remove each other at once would leave none. */
  const changed = ({ merchant, id: owner }: Person, id: string, change: { role: ConsoleRole } | Removal) =>
    database.inTransaction(async (transaction) => {
      const people = await held(transaction, merchant.id)
      const changing = people.find((one) => one.id === id)
      if (!people.some((one) => one.id === owner && isOwner(one))) throw new Problem('role-missing')
      if (changing === undefined) throw new Problem('person-unknown')
      const staysOwner = 'role' in change && change.role === 'owner'
      if (!staysOwner && !people.some((one) => one.id !== id && isOwner(one))) throw new Problem('owner-last')
      await transaction.updateTable('merchant_person').set(change).where('id', '=', id).execute()
      if (!staysOwner && isOwner(changing)) await endInvitations(transaction, merchant.id)
    })

  /** Whoever was an owner until now may know of a link, of their own or of others. */
  const endInvitations = async (transaction: Transaction<PaymentTables>, merchant: MerchantId): Promise<number> => {
    const open = transaction.updateTable('merchant_person').where('merchant_id', '=', merchant)
    const unused = open.where('joined_at_ms', 'is', null).where('removed_at_ms', 'is', null)
    return Number((await unused.set(removal()).executeTakeFirst()).numUpdatedRows)
  }

  return {
    /**
     * @param name what they are called here; null where nobody says
     * @param by the owner who invites; without one it is an operator
     * @returns what goes into the link, and is kept nowhere
     * @throws {Problem} `people-too-many`, `role-missing` where they are no owner any more
     */
    async invite(
      merchant: MerchantId,
      role: ConsoleRole,
      name: string | null,
      by: string | null = null,
    ): Promise<string> {
      const secret = base64url(random(secretBytes))
      const row = rowOf(merchant, { role, name, secret }, tools)
      await database.inTransaction(async (transaction) => {
        const people = await held(transaction, merchant)
        if (by !== null && !people.some((one) => one.id === by && isOwner(one))) throw new Problem('role-missing')
        if (people.length >= peopleMax) throw new Problem('people-too-many')
        await transaction.insertInto('merchant_person').values(row).execute()
      })
      return secret
    },

    /** @throws {Problem} `invitation-over`, also where there was none */
    async invited(secret: string): Promise<Person & { readonly userHandle: string }> {
      const row = await present()
        .select('person.user_handle')
        .where('person.invitation_hash', '=', hashOf(secret))
        .where('person.invited_until_ms', '>', clock.nowMs())
        .executeTakeFirst()
      if (row === undefined) throw new Problem('invitation-over')
      return { ...toPerson(row), userHandle: row.user_handle }
    },

    /** Of two who come by one link at once, one is taken. @throws {Problem} `invitation-over`, `passkey-taken` */
    async join(secret: string, passkey: NewPasskey): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('merchant_person')
        .set({
          invitation_hash: null,
          credential_id: passkey.credentialId,
          public_key: passkey.publicKey,
          counter: passkey.signatureCounter,
          backup_eligible: Number(passkey.isBackupEligible),
          is_backed_up: Number(passkey.isBackedUp),
          joined_at_ms: clock.nowMs(),
        })
        .where('invitation_hash', '=', hashOf(secret))
        .where('invited_until_ms', '>', clock.nowMs())
        .where('removed_at_ms', 'is', null)
        .executeTakeFirst()
        .catch((cause: unknown) => {
          throw isUniqueViolation(cause) ? new Problem('passkey-taken', { cause }) : cause
        })
      if (numUpdatedRows !== 1n) throw new Problem('invitation-over')
    },

    /** Whose passkey this is. */
    async withPasskey(credential: CredentialId): Promise<{ person: Person; passkey: PersonsPasskey } | null> {
      const row = await present()
        .select(['person.credential_id', 'person.public_key', 'person.counter', 'person.backup_eligible'])
        .select(['person.is_backed_up', 'person.user_handle'])
        .where('person.credential_id', '=', credential)
        .executeTakeFirst()
      if (row === undefined) return null
      const passkey = passkeySchema.parse({
        credentialId: row.credential_id,
        publicKey: row.public_key,
        signatureCounter: row.counter,
        isBackupEligible: row.backup_eligible === 1,
        isBackedUp: row.is_backed_up === 1,
        userHandle: row.user_handle,
      })
      return { person: toPerson(row), passkey }
    },

    /**
     * Remembers what a use showed (WebAuthn L3 §7.2 step 25).
     * @returns false where another use showed the same counter meanwhile: one of the two may be a clone's
     */
    async noteUse(
      { credentialId, isBackupEligible, signatureCounter, isBackedUp }: PersonsPasskey,
      seen: { readonly signatureCounter: number; readonly isBackedUp: boolean },
    ): Promise<boolean> {
      if (seen.signatureCounter === signatureCounter && seen.isBackedUp === isBackedUp) return true
      const { numUpdatedRows } = await db
        .updateTable('merchant_person')
        .set({ counter: seen.signatureCounter, is_backed_up: Number(seen.isBackedUp) })
        .where('credential_id', '=', credentialId)
        .where('counter', isBackupEligible ? '<=' : '<', seen.signatureCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n || isBackupEligible
    },

    /** Those who are there or may still come, the oldest first. */
    list: (merchant: MerchantId): Promise<ListedPerson[]> => listed(db, merchant),

    /** From their next request on. @throws {Problem} `person-unknown`, also for another merchant's; `owner-last`, `role-missing` */
    changeRole: (owner: Person, id: string, role: ConsoleRole): Promise<void> => changed(owner, id, { role }),

    /** As {@link remove}, by an owner. @throws {Problem} as above */
    removeFrom: (owner: Person, id: string): Promise<void> => changed(owner, id, removal()),

    /**
     * By an operator. For good: with every session, and an owner with every invitation that nobody has used.
     * @returns how many invitations ended with them; null where there is nobody to remove
     */
    remove: (id: string): Promise<number | null> =>
      database.inTransaction(async (transaction) => {
        const person = transaction.selectFrom('merchant_person').select('merchant_id').where('id', '=', id)
        const row = await person.executeTakeFirst()
        if (row === undefined) return null
        const merchant = merchantIdSchema.parse(row.merchant_id)
        const removed = (await held(transaction, merchant)).find((one) => one.id === id)
        if (removed === undefined) return null
        await transaction.updateTable('merchant_person').set(removal()).where('id', '=', id).execute()
        return isOwner(removed) ? endInvitations(transaction, merchant) : 0
      }),

    /** Who was invited and never came, with what they were to be called. */
    async forgetOld(): Promise<void> {
      const never = db.deleteFrom('merchant_person').where('joined_at_ms', 'is', null)
      await never.where('invited_until_ms', '<=', clock.nowMs()).execute()
    },
  }
}
export type PeopleStore = ReturnType<typeof peopleStore>

/** Who is invited is none yet. */
const isOwner = ({ role, joinedAtMs }: { readonly role: string; readonly joinedAtMs: number | null }): boolean =>
  role === 'owner' && joinedAtMs !== null

type Reader = Database<PaymentTables>['db']
type Removal = { readonly removed_at_ms: number; readonly name: null }
type PersonRow = { id: string; role: string; merchant_id: string; name: string; origin: string }
export const toPerson = ({ id, role, merchant_id, name, origin }: PersonRow): Person =>
  personSchema.parse({ id, role, merchant: { id: merchant_id, name, origin } })

type Invited = { readonly role: ConsoleRole; readonly name: string | null; readonly secret: string }
/** Somebody who was invited, and has not come yet. */
const rowOf = (
  merchant: MerchantId,
  { role, name, secret }: Invited,
  { clock, random }: { clock: Clock; random: RandomBytes },
): PaymentTables['merchant_person'] => ({
  id: identifier('merchantPerson', random(identifierRandomBytes)),
  merchant_id: merchant,
  name,
  role,
  user_handle: base64url(random(16)),
  invitation_hash: hashOf(secret),
  invited_until_ms: clock.nowMs() + invitedForMs,
  credential_id: null,
  public_key: null,
  counter: 0,
  backup_eligible: 0,
  is_backed_up: 0,
  created_at_ms: clock.nowMs(),
  joined_at_ms: null,
  removed_at_ms: null,
})

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
