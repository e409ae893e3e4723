import { moniker } from '../../shared/sdk/index.ts'
import { openDatabase } from '../runtime/database.ts'
import type { Peer } from '../runtime/peer.ts'
import type { Room, Tools } from '../runtime/room.ts'
import { shopApp } from './app.ts'
import { ears } from './hear.ts'
import { migrations, orderStore, type ShopTables } from './order-store.ts'

export type ShopConfig = {
  readonly databaseUrl: string
  /** The shop's own origin, such as `https://shop.example`. */
  readonly origin: string
  /** Where payers are sent to pay: the one place a form of the shop may lead to. */
  readonly checkoutOrigin: string
  readonly apiKey: string
}

/** An example merchant: it uses the public merchant API and nothing else of ours. */
export async function openShop(config: ShopConfig, peers: { payment: Peer }, tools: Tools): Promise<Room> {
  const database = await openDatabase<ShopTables>(config.databaseUrl, migrations)
  // Whoever waits for a page is told at once, and the page looks again.
  const client = moniker({ apiKey: config.apiKey, origin: config.checkoutOrigin, fetch: peers.payment, triesMax: 1 })
  const orders = orderStore(database)
  const { listen, hear } = ears(`${config.origin}/webhooks`, orders, client, tools)
  const app = shopApp(config, { orders, client, hear }, tools)
  return { fetch: async (request, arrival) => app.fetch(request, arrival), tick: listen, close: () => database.close() }
}
