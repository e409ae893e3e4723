import { openExistingDatabase } from '../runtime/database.ts'
import type { Tools } from '../runtime/room.ts'
import { apiKeyStore } from './api-key-store.ts'
import { merchantStore } from './merchant-store.ts'
import { type PaymentTables, paymentMigrations } from './schema.ts'

/**
 * What operators do about merchants and their API keys, beside the room or without it.
 * @throws {StartupError} where the room has not made its database yet, or it cannot be opened
 */
export async function openMerchantDesk(databaseUrl: string, { clock, random, disk }: Tools) {
  const database = await openExistingDatabase<PaymentTables>(databaseUrl, paymentMigrations, disk)
  return {
    merchants: merchantStore({ database, clock, random }),
    apiKeys: apiKeyStore({ db: database.db, clock, random }),
    close: () => database.close(),
  }
}
export type MerchantDesk = Awaited<ReturnType<typeof openMerchantDesk>>
