import type { z } from 'zod'
import type { HandedOff, Handoff, HandoffProgress, matchAnswer } from '../../shared/wire/handoff-api.ts'
import type { Ask } from './payment-client.ts'

/** What two screens ask about one bill. Each may fail with a `DoorError`. */
export interface HandoffClient {
  begin(payment: string): Promise<Handoff>
  progress(handle: string): Promise<HandoffProgress>
  look(secret: string): Promise<HandedOff>
  match(secret: string, number: number): Promise<z.output<typeof matchAnswer>>
}

export function handoffClient(ask: Ask): HandoffClient {
  return {
    begin: (payment) => ask('POST', `/api/payments/${encodeURIComponent(payment)}/handoff`, {}),
    progress: (handle) => ask('GET', `/api/handoffs/${encodeURIComponent(handle)}`),
    look: (secret) => ask('POST', '/api/handoffs/look', { secret }),
    match: (secret, number) => ask('POST', '/api/handoffs/match', { secret, number }),
  }
}
