import type { z } from 'zod'
import type { Joining, joiningRequest, makePasskeyIntentAnswer } from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** What a device asks that was invited: it has the secret, and is signed in as nobody. */
export interface JoiningClient {
  look(secret: string): Promise<Joining>
  makingIntent(secret: string): Promise<z.output<typeof makePasskeyIntentAnswer>>
  join(secret: string, request: z.input<typeof joiningRequest>): Promise<void>
}

export function joiningClient(ask: Ask): JoiningClient {
  const path = (secret: string, act = '') => `/api/invitations/${encodeURIComponent(secret)}${act}`
  return {
    look: (secret) => ask('GET', path(secret)),
    makingIntent: (secret) => ask('POST', path(secret, '/intent'), {}),
    join: (secret, request) => ask('POST', path(secret, '/passkey'), request),
  }
}
