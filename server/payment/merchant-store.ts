import type { Transaction } from 'kysely'
import { z } from 'zod'
import { identifier, identifierRandomBytes, type MerchantId } from '../../shared/identifiers.ts'
import { merchantIdSchema } from '../../shared/wire/intent-schema.ts'
import { type Database, isUniqueViolation } from '../runtime/database.ts'
import type { Clock, RandomBytes } from '../runtime/room.ts'
import { StartupError } from '../runtime/startup-error.ts'
import { configuredRow, hashOf } from './api-key-store.ts'
import { faultOfMerchantName } from './merchant-name.ts'
import type { PaymentTables } from './schema.ts'

export type MerchantConfig = { readonly name: string; readonly origin: string; readonly apiKey: string }

const merchantSchema = z.object({ id: merchantIdSchema, name: z.string(), origin: z.string(), createdAtMs: z.int() })
export type Merchant = z.output<typeof merchantSchema>

export function merchantStore(tools: { database: Database<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { database, clock, random } = tools
  const { db } = database

  const newRow = (name: string, origin: string) => ({
    id: identifier('merchant', random(identifierRandomBytes)),
    name,
    origin,
    created_at_ms: clock.nowMs(),
  })

  /** One read tells it at nearly every start, so that servers that start at once do not wait for each other's writing. */
  async function isKnownAs({ name, origin, apiKey }: MerchantConfig): Promise<boolean> {
    const row = await db
      .selectFrom('api_key')
      .innerJoin('merchant', 'merchant.id', 'api_key.merchant_id')
      .select(['merchant.name', 'merchant.origin'])
      .where('secret_hash', '=', hashOf(apiKey))
      .executeTakeFirst()
    return row !== undefined && row.name === name && row.origin === origin
  }

  async function ownerOf(transaction: Transaction<PaymentTables>, apiKey: string): Promise<string | undefined> {
    const key = transaction.selectFrom('api_key').select('merchant_id').where('secret_hash', '=', hashOf(apiKey))
    return (await key.executeTakeFirst())?.merchant_id
  }

  /** The merchant at this origin, with the key instead of the one that was configured before. */
  async function rekey(transaction: Transaction<PaymentTables>, { name, origin, apiKey }: MerchantConfig) {
    const { id } = await transaction
      .insertInto('merchant')
      .values(newRow(name, origin))
      .onConflict((conflict) => conflict.column('origin').doUpdateSet({ name }))
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction
      .updateTable('api_key')
      .set({ revoked_at_ms: clock.nowMs() })
      .where('merchant_id', '=', id)
      .where('is_configured', '=', 1)
      .where('revoked_at_ms', 'is', null)
      .execute()
    await transaction
      .insertInto('api_key')
      .values(configuredRow(apiKey, id, { clock, random }))
      .onConflict((conflict) => conflict.column('secret_hash').doNothing())
      .execute()
  }

  return {
    /**
     * Whoever has a known API key is that merchant, at whatever origin they are now; else a merchant is its origin, whose configured API
     * key is replaced. A key that was revoked stays so.
     * @throws {StartupError}
     */
    async ensure(config: MerchantConfig): Promise<void> {
      const { name, origin, apiKey } = config
      assertPresentable(name, origin)
      if (await isKnownAs(config)) return
      await database
        .inTransaction(async (transaction) => {
          const id = await ownerOf(transaction, apiKey)
          if (id === undefined) return rekey(transaction, config)
          await transaction.updateTable('merchant').set({ name, origin }).where('id', '=', id).execute()
        })
        .catch((cause: unknown) => {
          throw isUniqueViolation(cause) ? originTaken(origin, cause) : cause
        })
    },

    /** @throws {StartupError} */
    async create(name: string, origin: string): Promise<MerchantId> {
      assertPresentable(name, origin)
      const row = newRow(name, origin)
      await db
        .insertInto('merchant')
        .values(row)
        .execute()
        .catch((cause: unknown) => {
          throw isUniqueViolation(cause) ? originTaken(origin, cause) : cause
        })
      return row.id
    },

    /** From the next bill on; what is signed is signed. @throws {StartupError} */
    async rename(id: MerchantId, name: string): Promise<void> {
      const { origin } = await get(id)
      assertPresentable(name, origin)
      await db.updateTable('merchant').set({ name }).where('id', '=', id).execute()
    },

    get,

    /** The oldest first. */
    async list(): Promise<Merchant[]> {
      return z.array(merchantSchema).parse(await selectMerchants().orderBy('created_at_ms').orderBy('id').execute())
    },
  }

  function selectMerchants() {
    return db.selectFrom('merchant').select(['id', 'name', 'origin', 'created_at_ms as createdAtMs'])
  }

  /** @throws {StartupError} */
  async function get(id: string): Promise<Merchant> {
    const row = await selectMerchants().where('id', '=', id).executeTakeFirst()
    if (row === undefined) throw new StartupError(`There is no merchant ${id}.`)
    return merchantSchema.parse(row)
  }
}
export type MerchantStore = ReturnType<typeof merchantStore>

const originTaken = (origin: string, cause: unknown): StartupError =>
  new StartupError(`${origin} is the origin of another merchant already: each needs its own.`, { cause })

function assertPresentable(name: string, origin: string): void {
  if (URL.parse(origin)?.origin !== origin) throw new StartupError(`${origin} is not the origin of a merchant.`)
  const fault = faultOfMerchantName(name)
  if (fault !== null) throw new StartupError(fault)
}
