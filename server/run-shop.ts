import { shopApiKey } from './prepare.ts'
import { runAlone } from './run-alone.ts'
import { overHttp, type Peer } from './runtime/peer.ts'
import type { Room, Tools } from './runtime/room.ts'
import type { Settings } from './settings.ts'
import { openShop } from './shop/room.ts'

export async function openShopRoom(settings: Settings, peers: { payment: Peer }, tools: Tools): Promise<Room> {
  const { shop, payment } = settings
  const apiKey = await shopApiKey(shop.apiKeyFile)
  const config = { databaseUrl: shop.databaseUrl, origin: shop.origin, checkoutOrigin: payment.origin, apiKey }
  return openShop(config, peers, tools)
}

if (import.meta.main) {
  await runAlone('shop', (settings, tools) =>
    openShopRoom(settings, { payment: overHttp(settings.payment.url) }, tools),
  )
}
