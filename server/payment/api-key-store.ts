import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { base64url } from '../../shared/bytes.ts'
import {
  type ApiKeyId,
  identifier,
  identifierPattern,
  identifierRandomBytes,
  type MerchantId,
} from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { merchantIdSchema } from '../../shared/wire/intent-schema.ts'
import { type KeyMode, type KeyScope, keyModes, keyScopes } from '../../shared/wire/merchant-api.ts'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { Clock, RandomBytes } from '../runtime/room.ts'
import type { PaymentTables } from './schema.ts'

/** Who asks the merchant API, and what their key is for. */
export type Caller = {
  readonly id: MerchantId
  readonly name: string
  readonly origin: string
  readonly mode: KeyMode
  readonly scope: KeyScope
}
type NewApiKey = { readonly mode: KeyMode; readonly scope: KeyScope; readonly name: string }

const secretBytes = 32
const hintCharacters = 4
/** A key's last use is told to the minute, so that not every request writes. */
const useIsNotedEveryMs = 60_000

const callerSchema = z.object({
  id: merchantIdSchema,
  name: z.string(),
  origin: z.string(),
  mode: z.enum(keyModes),
  scope: z.enum(keyScopes),
})
const apiKeySchema = z.object({
  id: z.custom<ApiKeyId>((text) => typeof text === 'string' && identifierPattern('apiKey').test(text)),
  mode: z.enum(keyModes),
  scope: z.enum(keyScopes),
  name: z.string(),
  last4: z.string(),
  createdAtMs: z.int(),
  usedAtMs: z.int().nullable(),
  revokedAtMs: z.int().nullable(),
  isConfigured: z.int().transform((column) => column === 1),
})
/** What there is to see of a key: never the key. */
export type ApiKey = z.output<typeof apiKeySchema>

/** A key has 256 random bits, so its SHA-256 is all that need be kept, and can be looked up. */
export const hashOf = (apiKey: string): string => createHash('sha256').update(apiKey).digest('base64url')

/** A key that says nothing of it was made before there were test keys. */
const modeOf = (apiKey: string): KeyMode => (apiKey.startsWith('mk_test_') ? 'test' : 'live')

export const includesScope = (has: KeyScope, asked: KeyScope): boolean =>
  keyScopes.indexOf(has) >= keyScopes.indexOf(asked)

/** The row of a key that the payment server is started with. */
export const configuredRow = (
  apiKey: string,
  merchant: string,
  tools: { clock: Clock; random: RandomBytes },
): PaymentTables['api_key'] => ({
  ...rowOf(apiKey, { mode: modeOf(apiKey), scope: 'full', name: 'Configured' }, merchant, tools),
  is_configured: 1,
})

function rowOf(apiKey: string, asked: NewApiKey, merchant: string, tools: { clock: Clock; random: RandomBytes }) {
  return {
    id: identifier('apiKey', tools.random(identifierRandomBytes)),
    merchant_id: merchant,
    ...asked,
    secret_hash: hashOf(apiKey),
    last4: apiKey.slice(-hintCharacters),
    is_configured: 0,
    created_at_ms: tools.clock.nowMs(),
    used_at_ms: null,
    revoked_at_ms: null,
  }
}

/** The keys by which merchants' servers prove who they are. */
export function apiKeyStore(tools: { db: Kysely<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { db, clock, random } = tools

  const bySecret = compiledQuery(db, (hash: string) =>
    db
      .selectFrom('api_key')
      .innerJoin('merchant', 'merchant.id', 'api_key.merchant_id')
      .select(['merchant.id', 'merchant.name', 'merchant.origin', 'api_key.mode', 'api_key.scope'])
      .select('api_key.used_at_ms')
      .where('api_key.secret_hash', '=', hash)
      .where('api_key.revoked_at_ms', 'is', null),
  )

  async function noteUse(hash: string): Promise<void> {
    const nowMs = clock.nowMs()
    await db.updateTable('api_key').set({ used_at_ms: nowMs }).where('secret_hash', '=', hash).execute()
  }

  return {
    /** @throws {Problem} `api-key-refused` */
    async callerWith(apiKey: string): Promise<Caller> {
      const hash = hashOf(apiKey)
      const [row] = await bySecret(hash)
      if (row === undefined) throw new Problem('api-key-refused')
      if (clock.nowMs() - (row.used_at_ms ?? 0) >= useIsNotedEveryMs) await noteUse(hash)
      return callerSchema.parse(row)
    },

    /** @returns the key itself, which is kept nowhere: this is the one time that it is seen */
    async issue(merchant: MerchantId, asked: NewApiKey): Promise<{ id: ApiKeyId; secret: string }> {
      const secret = `mk_${asked.mode}_${base64url(random(secretBytes))}`
      const row = rowOf(secret, asked, merchant, { clock, random })
      await db.insertInto('api_key').values(row).execute()
      return { id: row.id, secret }
    },

    /** The oldest first, revoked ones too. */
    async list(merchant: MerchantId): Promise<ApiKey[]> {
      const rows = await db
        .selectFrom('api_key')
        .select(['id', 'mode', 'scope', 'name', 'last4', 'created_at_ms as createdAtMs', 'used_at_ms as usedAtMs'])
        .select(['revoked_at_ms as revokedAtMs', 'is_configured as isConfigured'])
        .where('merchant_id', '=', merchant)
        .orderBy('created_at_ms')
        .orderBy('id')
        .execute()
      return z.array(apiKeySchema).parse(rows)
    },

    /** For good, and from the next request on. @returns false where there is no such key that is not revoked */
    async revoke(id: string): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('api_key')
        .set({ revoked_at_ms: clock.nowMs() })
        .where('id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}
export type ApiKeyStore = ReturnType<typeof apiKeyStore>
