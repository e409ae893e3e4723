import type { MerchantId } from '../../../shared/identifiers.ts'
import { type KeyMode, keyModes } from '../../../shared/wire/merchant-api.ts'
import { type Endpoint, type EndpointStore, endpointIdOf } from './endpoint-store.ts'
import { toldKeys } from './webhook-keys.ts'
import { webhookUrl } from './webhook-url.ts'

/** An endpoint, with the keys that whoever receives its webhooks checks them by. */
export type ToldEndpoint = Omit<Endpoint, 'keys'> & { readonly keys: ReturnType<typeof toldKeys> }

/** What operators do about where merchants hear of payments. @param callsLoopback in development the shop is on the same machine */
export function webhookDesk(endpoints: EndpointStore, callsLoopback: boolean) {
  const told = ({ keys, ...endpoint }: Endpoint): ToldEndpoint => ({ ...endpoint, keys: toldKeys(keys.current) })
  const find = (id: string): Promise<Endpoint> => endpoints.find(endpointIdOf(id))
  return {
    /** The one with this URL, made where there is none. @throws {Problem} `webhook-url-refused`, `webhooks-too-many` */
    create: async (merchant: MerchantId, mode: KeyMode, url: string): Promise<ToldEndpoint> =>
      told(await endpoints.ensure({ id: merchant, mode }, webhookUrl(url, callsLoopback))),

    /** Of both modes; of each the oldest first. */
    async list(id: MerchantId): Promise<ToldEndpoint[]> {
      const found = await Promise.all(keyModes.map((mode) => endpoints.list({ id, mode })))
      return found.flat().map(told)
    },

    /** @throws {Problem} `webhook-unknown` */
    async setState(id: string, state: 'enabled' | 'disabled'): Promise<void> {
      await endpoints.setState((await find(id)).id, state)
    },

    /** @param changedBy names this change: carried out again, it changes nothing again. @throws {Problem} `webhook-unknown` */
    async rotate(id: string, changedBy: string): Promise<ToldEndpoint> {
      const endpoint = await find(id)
      await endpoints.rotate(endpoint.id, changedBy)
      return told(await find(endpoint.id))
    },
  }
}
