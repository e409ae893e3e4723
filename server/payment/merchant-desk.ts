import { openExistingDatabase } from '../runtime/database.ts'
import type { Secret } from '../runtime/keys.ts'
import type { Tools } from '../runtime/room.ts'
import { apiKeyStore } from './api-key-store.ts'
import { atRest } from './at-rest.ts'
import { peopleStore } from './console/people-store.ts'
import { merchantStore } from './merchant-store.ts'
import { type PaymentTables, paymentMigrations } from './schema.ts'
import { endpointStore } from './webhooks/endpoint-store.ts'
import { webhookDesk } from './webhooks/webhook-desk.ts'

/**
 * What operators do about merchants, their people, their API keys and where they hear of payments, beside the room or without it.
 * @throws {StartupError} where the room has not made its database yet, or it cannot be opened
 */
export async function openMerchantDesk(databaseUrl: string, { clock, random, disk }: Tools) {
  const database = await openExistingDatabase<PaymentTables>(databaseUrl, paymentMigrations, disk)
  const { db } = database
  return {
    merchants: merchantStore({ database, clock, random }),
    apiKeys: apiKeyStore({ db, clock, random }),
    people: peopleStore({ database, clock, random }),
    /** @param keys at rest, which close and open what an endpoint signs with; the current one first */
    webhooks: (keys: readonly Secret[], callsLoopback: boolean) =>
      webhookDesk(endpointStore({ db, atRest: atRest(keys, random), clock, random }), callsLoopback),
    close: () => database.close(),
  }
}
export type MerchantDesk = Awaited<ReturnType<typeof openMerchantDesk>>
