import type { z } from 'zod'
import type { CardId } from '../../shared/identifiers.ts'
import type {
  Allowance,
  setLimitIntentAnswer,
  setLimitIntentRequest,
  setLimitRequest,
} from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** What the wallet asks about the limits of a card. Each may fail with a `DoorError`. */
export interface LimitsClient {
  of(card: CardId): Promise<Allowance>
  intent(card: CardId, request: z.input<typeof setLimitIntentRequest>): Promise<z.output<typeof setLimitIntentAnswer>>
  set(card: CardId, request: z.input<typeof setLimitRequest>): Promise<Allowance>
}

export const limitsClient = (ask: Ask): LimitsClient => ({
  of: (card) => ask('GET', `/api/cards/${card}/limits`),
  intent: (card, request) => ask('POST', `/api/cards/${card}/limits/intent`, request),
  set: (card, request) => ask('POST', `/api/cards/${card}/limits`, request),
})
