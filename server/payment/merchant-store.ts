import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { identifier, identifierRandomBytes, type MerchantId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { merchantIdSchema } from '../../shared/wire/intent-schema.ts'
import { isUniqueViolation } from '../runtime/database.ts'
import type { Clock, RandomBytes } from '../runtime/room.ts'
import { StartupError } from '../runtime/startup-error.ts'
import type { PaymentTables } from './schema.ts'

export type Merchant = { readonly id: MerchantId; readonly name: string; readonly origin: string }
export type MerchantConfig = { readonly name: string; readonly origin: string; readonly apiKey: string }

/** What an intent has room for. UTF-16 code units. */
const nameLengthMax = 80

const merchantSchema = z.object({ id: merchantIdSchema, name: z.string(), origin: z.string() })

/** An API key has 256 random bits, so its SHA-256 is all that need be kept, and can be looked up. */
const hashOf = (apiKey: string): string => createHash('sha256').update(apiKey).digest('base64url')

export function merchantStore(tools: { db: Kysely<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { db, clock, random } = tools

  /** @returns whether there is a merchant with this API key */
  async function move({ name, origin, api_key_hash }: Omit<PaymentTables['merchant'], 'id' | 'created_at_ms'>) {
    const moving = db.updateTable('merchant').set({ name, origin }).where('api_key_hash', '=', api_key_hash)
    const { numUpdatedRows } = await moving.executeTakeFirst().catch((cause: unknown) => {
      if (!isUniqueViolation(cause)) throw cause
      throw new StartupError(`${origin} is the origin of another merchant already: each needs its own.`, { cause })
    })
    return numUpdatedRows === 1n
  }

  return {
    /**
     * Whoever has a known API key is that merchant, at whatever origin they are now; else a merchant is its origin, whose API key is
     * replaced.
     * @throws {StartupError}
     */
    async ensure({ name, origin, apiKey }: MerchantConfig): Promise<void> {
      if (URL.parse(origin)?.origin !== origin) throw new StartupError(`${origin} is not the origin of a merchant.`)
      if (name === '' || name.length > nameLengthMax)
        throw new StartupError(`The merchant at ${origin} needs a short name.`)
      const known = { name, origin, api_key_hash: hashOf(apiKey) }
      if (await move(known)) return
      const id = identifier('merchant', random(identifierRandomBytes))
      await db
        .insertInto('merchant')
        .values({ ...known, id, created_at_ms: clock.nowMs() })
        .onConflict((conflict) => conflict.column('origin').doUpdateSet(known))
        .execute()
    },

    /** @throws {Problem} `api-key-refused` */
    async withApiKey(apiKey: string): Promise<Merchant> {
      const row = await db
        .selectFrom('merchant')
        .select(['id', 'name', 'origin'])
        .where('api_key_hash', '=', hashOf(apiKey))
        .executeTakeFirst()
      if (row === undefined) throw new Problem('api-key-refused')
      return merchantSchema.parse(row)
    },
  }
}
export type MerchantStore = ReturnType<typeof merchantStore>
