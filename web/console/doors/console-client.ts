import type { z } from 'zod'
import type {
  ConsoleAttempts,
  ConsoleFirstSteps,
  ConsoleInvitation,
  ConsoleKeys,
  ConsolePayment,
  ConsolePeople,
  ConsolePerson,
  ConsoleRole,
  ConsoleTakings,
  ConsoleWebhookKeys,
  ConsoleWebhooks,
  consoleInviteAnswer,
  consoleInviteRequest,
  consoleJoinRequest,
  consoleNewKeyAnswer,
  consoleNewKeyRequest,
  consoleNewWebhookRequest,
  consoleSignInIntentAnswer,
  consoleSignInRequest,
} from '../../../shared/wire/console-api.ts'
import type { KeyMode, MerchantPayment, MerchantPayments } from '../../../shared/wire/merchant-api.ts'
import type { Ask } from '../../doors/payment-client.ts'

/** What a merchant's people ask the payment server. Each may fail with a `DoorError`. */
export interface ConsoleClient {
  invitation(secret: string): Promise<ConsoleInvitation>
  join(request: z.input<typeof consoleJoinRequest>): Promise<ConsolePerson>
  signInIntent(): Promise<z.output<typeof consoleSignInIntentAnswer>>
  signIn(request: z.input<typeof consoleSignInRequest>): Promise<ConsolePerson>
  signOut(): Promise<void>
  session(): Promise<ConsolePerson>
  /** Newest first. */
  payments(query: Readonly<Record<string, string>>): Promise<MerchantPayments>
  /** @param startsMs of the days, oldest first */
  takings(mode: KeyMode, startsMs: readonly number[]): Promise<ConsoleTakings>
  firstSteps(): Promise<ConsoleFirstSteps>
  /** @param idempotencyKey of this order, however often it is sent */
  testOrder(idempotencyKey: string): Promise<MerchantPayment>
  payment(id: string): Promise<ConsolePayment>
  keys(): Promise<ConsoleKeys>
  makeKey(request: z.input<typeof consoleNewKeyRequest>): Promise<z.output<typeof consoleNewKeyAnswer>>
  revokeKey(id: string): Promise<void>
  people(): Promise<ConsolePeople>
  invite(request: z.input<typeof consoleInviteRequest>): Promise<z.output<typeof consoleInviteAnswer>>
  changeRole(id: string, role: ConsoleRole): Promise<void>
  removePerson(id: string): Promise<void>
  webhooks(): Promise<ConsoleWebhooks>
  addWebhook(request: z.input<typeof consoleNewWebhookRequest>): Promise<ConsoleWebhookKeys>
  turnWebhook(id: string, to: 'enable' | 'disable'): Promise<void>
  /** @param idempotencyKey of these new keys, however often it is sent */
  rotateWebhook(id: string, idempotencyKey: string): Promise<ConsoleWebhookKeys>
  /** Newest first. */
  attempts(id: string): Promise<ConsoleAttempts>
  resend(event: string, mode: KeyMode): Promise<void>
  act(id: string, act: 'capture' | 'refund' | 'void' | 'cancel', request: object): Promise<MerchantPayment>
}

const at = (path: string): string => `/api/console${path}`

export function consoleClient(ask: Ask): ConsoleClient {
  return {
    invitation: (secret) => ask('POST', at('/invitations/intent'), { secret }),
    join: (request) => ask('POST', at('/invitations/passkey'), request),
    signInIntent: () => ask('POST', at('/sessions/intent'), {}),
    signIn: (request) => ask('POST', at('/sessions'), request),
    signOut: () => ask('POST', at('/sessions/end'), {}),
    session: () => ask('GET', at('/session')),
    payments: (query) => ask('GET', at(`/payments?${new URLSearchParams(query)}`)),
    takings: (mode, startsMs) => ask('GET', at(`/takings?${new URLSearchParams({ mode, starts: startsMs.join() })}`)),
    firstSteps: () => ask('GET', at('/first-steps')),
    testOrder: (idempotencyKey) => ask('POST', at('/test-orders'), { idempotencyKey }),
    payment: (id) => ask('GET', at(`/payments/${encodeURIComponent(id)}`)),
    keys: () => ask('GET', at('/keys')),
    makeKey: (request) => ask('POST', at('/keys'), request),
    revokeKey: (id) => ask('POST', at(`/keys/${encodeURIComponent(id)}/revoke`), {}),
    people: () => ask('GET', at('/people')),
    invite: (request) => ask('POST', at('/people'), request),
    changeRole: (id, role) => ask('POST', at(`/people/${encodeURIComponent(id)}/role`), { role }),
    removePerson: (id) => ask('POST', at(`/people/${encodeURIComponent(id)}/remove`), {}),
    webhooks: () => ask('GET', at('/webhooks')),
    addWebhook: (request) => ask('POST', at('/webhooks'), request),
    turnWebhook: (id, to) => ask('POST', at(`/webhooks/${encodeURIComponent(id)}/${to}`), {}),
    rotateWebhook: (id, idempotencyKey) =>
      ask('POST', at(`/webhooks/${encodeURIComponent(id)}/rotate`), { idempotencyKey }),
    attempts: (id) => ask('GET', at(`/webhooks/${encodeURIComponent(id)}/attempts`)),
    resend: (event, mode) => ask('POST', at(`/events/${encodeURIComponent(event)}/resend`), { mode }),
    act: (id, act, request) => ask('POST', at(`/payments/${encodeURIComponent(id)}/${act}`), request),
  }
}
