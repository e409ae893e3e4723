/** Where a merchant's servers are told of its payments, as its owners decide. */
import type { ConsoleWebhook, ConsoleWebhookKeys, ConsoleWebhooks } from '../../../shared/wire/console-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import type { ConsoleNotice } from './console-notice.ts'
import { oneAtATime } from './one-at-a-time.ts'

export type WebhooksFlow = {
  readonly webhooks: readonly ConsoleWebhook[] | null
  /** Of the endpoint that was made, or got new keys, just now. */
  readonly keys: ConsoleWebhookKeys | null
  readonly isBusy: boolean
  readonly notice: ConsoleNotice | null
}
export type WebhooksEvent =
  | ({ type: 'read' } & ConsoleWebhooks)
  | { type: 'asking' }
  | { type: 'keys'; keys: ConsoleWebhookKeys }
  | { type: 'failed'; notice: ConsoleNotice }

const first: WebhooksFlow = { webhooks: null, keys: null, isBusy: false, notice: null }

function webhooksFlow(state: WebhooksFlow, event: WebhooksEvent): WebhooksFlow {
  switch (event.type) {
    case 'read':
      return { ...state, webhooks: event.webhooks, isBusy: false }
    case 'asking':
      return { ...state, isBusy: true, keys: null, notice: null }
    case 'keys':
      return { ...state, keys: event.keys }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice }
  }
}

export type WebhooksRun = {
  readonly flow: Flow<WebhooksFlow, WebhooksEvent>
  read(): Promise<void>
  add(mode: KeyMode, url: string): Promise<void>
  turn(id: string, to: 'enable' | 'disable'): Promise<void>
  /** New keys; those of before sign for another day. */
  rotate(id: string): Promise<void>
}
type Client = Pick<ConsoleClient, 'webhooks' | 'addWebhook' | 'turnWebhook' | 'rotateWebhook'>

export function webhooksRun(
  { client, newKey }: { readonly client: Client; readonly newKey: () => string },
  signedOut: () => void,
): WebhooksRun {
  const run = flow(webhooksFlow, first)
  const { send } = run
  const once = oneAtATime(run, signedOut)
  const asked = (work: () => Promise<void>) =>
    once(async () => {
      await work()
      send({ type: 'read', ...(await client.webhooks()) })
    })

  return {
    flow: run,
    read: () => asked(async () => {}),
    add: (mode, url) => asked(async () => send({ type: 'keys', keys: await client.addWebhook({ mode, url }) })),
    turn: (id, to) => asked(async () => client.turnWebhook(id, to)),
    rotate: (id) => asked(async () => send({ type: 'keys', keys: await client.rotateWebhook(id, newKey()) })),
  }
}
