import { atRest } from '../../server/payment/at-rest.ts'
import { type CardTables, cardMigrations } from '../../server/payment/retrieval/card-schema.ts'
import { type PaymentTables, paymentMigrations } from '../../server/payment/schema.ts'
import { type Database, openDatabase } from '../../server/runtime/database.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { type CardId, identifier, type MerchantId, type PayerId } from '../../shared/identifiers.ts'
import { manualClock } from '../support/manual-clock.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { seededRandom } from '../support/seeded-random.ts'

export const engines = ['sqlite', 'postgres'] as const
type EngineName = (typeof engines)[number]
type Opened = { payment: Database<PaymentTables>; card: Database<CardTables> }

/** What a store of the payment server is made of: its database, a clock that moves when told, and a key for what is closed. */
export async function openStoreWorld<Name extends keyof Opened>(engine: EngineName, name: Name) {
  const url = engine === 'postgres' ? await freshPostgresUrl() : 'sqlite::memory:'
  const open: { [N in keyof Opened]: () => Promise<Opened[N]> } = {
    payment: () => openDatabase<PaymentTables>(url, paymentMigrations),
    card: () => openDatabase<CardTables>(url, cardMigrations),
  }
  const random = seededRandom(`store of ${name}`)
  const clock = manualClock(Date.UTC(2026, 10, 23, 9, 0, 0))
  const database = await open[name]()
  return {
    database,
    clock,
    random,
    atRest: atRest([makeSecret()], random),
    payerId: (): PayerId => identifier('payer', random(16)),
    cardId: (): CardId => identifier('card', random(16)),
    merchantId: (): MerchantId => identifier('merchant', random(16)),
    close: () => database.close(),
  }
}
export type StoreWorld<Name extends keyof Opened> = Awaited<ReturnType<typeof openStoreWorld<Name>>>

/** How many of those who did something at once got to do it. */
export const many = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)))
