import { keyModes } from '../shared/wire/merchant-api.ts'
import { type Asked, type MerchantActs, oneOf } from './merchant-act.ts'
import type { ToldEndpoint } from './payment/room.ts'
import { tableOf } from './table.ts'

/** Where merchants hear of payments. */
export const webhookActs: MerchantActs = {
  'webhook create': { words: 2, act: create },
  'webhook list': { words: 1, act: list },
  'webhook disable': { words: 1, act: setsTo('disabled') },
  'webhook enable': { words: 1, act: setsTo('enabled') },
  'webhook rotate': { words: 1, act: rotate },
}

async function create({ desk, webhooks, words: [id = '', url = ''], options, usualMode }: Asked): Promise<string> {
  const merchant = await desk.merchants.get(id)
  const endpoint = await (await webhooks()).create(merchant.id, oneOf(keyModes, options.mode ?? usualMode), url)
  return `${tableOf(rowsOf([endpoint]))}${keysOf(endpoint)}`
}

async function list({ desk, webhooks, words: [id = ''] }: Asked): Promise<string> {
  const merchant = await desk.merchants.get(id)
  return tableOf(rowsOf(await (await webhooks()).list(merchant.id)))
}

function setsTo(state: 'enabled' | 'disabled') {
  return async ({ webhooks, words: [id = ''] }: Asked): Promise<string> => {
    await (await webhooks()).setState(id, state)
    return `${id} is ${state}.\n`
  }
}

async function rotate({ webhooks, words: [id = ''] }: Asked): Promise<string> {
  return keysOf(await (await webhooks()).rotate(id, crypto.randomUUID()))
}

const rowsOf = (endpoints: readonly ToldEndpoint[]) => [
  ['Webhook', 'Mode', 'State', 'URL'],
  ...endpoints.map(({ id, mode, state, url }) => [id, mode, state, url]),
]

/** Either is enough to check by; who has only the public key can sign nothing. */
const keysOf = ({ keys }: ToldEndpoint): string => `Secret       ${keys.secret}\nPublic key   ${keys.publicKey}\n`
