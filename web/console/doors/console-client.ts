import type { z } from 'zod'
import type {
  ConsoleInvitation,
  ConsoleKeys,
  ConsolePayment,
  ConsolePerson,
  consoleJoinRequest,
  consoleNewKeyAnswer,
  consoleNewKeyRequest,
  consoleSignInIntentAnswer,
  consoleSignInRequest,
} from '../../../shared/wire/console-api.ts'
import type { MerchantPayment, MerchantPayments } from '../../../shared/wire/merchant-api.ts'
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
  payment(id: string): Promise<ConsolePayment>
  keys(): Promise<ConsoleKeys>
  makeKey(request: z.input<typeof consoleNewKeyRequest>): Promise<z.output<typeof consoleNewKeyAnswer>>
  revokeKey(id: string): Promise<void>
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
    payment: (id) => ask('GET', at(`/payments/${encodeURIComponent(id)}`)),
    keys: () => ask('GET', at('/keys')),
    makeKey: (request) => ask('POST', at('/keys'), request),
    revokeKey: (id) => ask('POST', at(`/keys/${encodeURIComponent(id)}/revoke`), {}),
    act: (id, act, request) => ask('POST', at(`/payments/${encodeURIComponent(id)}/${act}`), request),
  }
}
