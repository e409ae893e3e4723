import type { z } from 'zod'
import type { Push, subscribeRequest } from '../../shared/wire/push-api.ts'
import type { Ask } from './payment-client.ts'

/** What the wallet asks about the browsers that are told of payments. Each may fail with a `DoorError`. */
export interface PushClient {
  read(): Promise<Push>
  subscribe(request: z.input<typeof subscribeRequest>): Promise<Push>
  remove(id: string): Promise<Push>
}

export const pushClient = (ask: Ask): PushClient => ({
  read: () => ask('GET', '/api/push'),
  subscribe: (request) => ask('POST', '/api/push', request),
  remove: (id) => ask('DELETE', `/api/push/${id}`),
})
