import type { z } from 'zod'
import type {
  addPasskeyIntentAnswer,
  addPasskeyRequest,
  Invitation,
  invitationAnswer,
  invitedPasskeyRequest,
  ListedPasskeys,
  makePasskeyIntentAnswer,
  removePasskeyIntentAnswer,
  removePasskeyRequest,
} from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** What the wallet asks about passkeys for somebody who is signed in. A passkey goes by its thumbprint. */
export interface PasskeyClient {
  list(): Promise<ListedPasskeys>
  /** @param nickname empty takes it away */
  name(passkey: string, nickname: string): Promise<ListedPasskeys>
  makingIntent(): Promise<z.output<typeof makePasskeyIntentAnswer>>
  vouchingIntent(passkey: string): Promise<z.output<typeof addPasskeyIntentAnswer>>
  add(request: z.input<typeof addPasskeyRequest>): Promise<ListedPasskeys>
  removalIntent(passkey: string): Promise<z.output<typeof removePasskeyIntentAnswer>>
  remove(passkey: string, request: z.input<typeof removePasskeyRequest>): Promise<ListedPasskeys>
  invite(): Promise<z.output<typeof invitationAnswer>>
  invitation(): Promise<Invitation>
  callOff(): Promise<void>
  /** Vouches for what the other device has made. */
  vouch(request: z.input<typeof invitedPasskeyRequest>): Promise<ListedPasskeys>
}

export function passkeyClient(ask: Ask): PasskeyClient {
  const post = <Answer>(path: string, body: object = {}): Promise<Answer> => ask('POST', `/api/passkeys${path}`, body)
  return {
    list: () => ask('GET', '/api/passkeys'),
    name: (passkey, nickname) => post(`/${passkey}/nickname`, { nickname }),
    makingIntent: () => post('/making/intent'),
    vouchingIntent: (passkey) => post('/vouching/intent', { passkey }),
    add: (request) => post('', request),
    removalIntent: (passkey) => post(`/${passkey}/removal/intent`),
    remove: (passkey, request) => post(`/${passkey}/removal`, request),
    invite: () => post('/invitation'),
    invitation: () => ask('GET', '/api/passkeys/invitation'),
    callOff: () => ask('DELETE', '/api/passkeys/invitation'),
    vouch: (request) => post('/invitation/passkey', request),
  }
}
