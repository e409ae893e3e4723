import type { z } from 'zod'
import type { CardId } from '../../shared/identifiers.ts'
import type {
  Activity,
  ActivityQuery,
  addCardIntentAnswer,
  addCardIntentRequest,
  addCardRequest,
  closeAccountIntentAnswer,
  closeAccountRequest,
  Payer,
  removeCardIntentAnswer,
  removeCardRequest,
  Spending,
  unfreezeCardIntentAnswer,
  unfreezeCardRequest,
} from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** What the wallet asks the payment server for somebody who is signed in. Each may fail with a `DoorError`. */
export interface WalletClient {
  signOut(): Promise<void>
  /** Newest first. */
  activity(query: ActivityQuery): Promise<Activity>
  /** What was spent since then. */
  spending(fromMs: number): Promise<Spending>
  addCardIntent(request: z.input<typeof addCardIntentRequest>): Promise<z.output<typeof addCardIntentAnswer>>
  addCard(request: z.input<typeof addCardRequest>): Promise<Payer>
  prefer(card: CardId): Promise<Payer>
  /** @param nickname empty takes it away */
  name(card: CardId, nickname: string): Promise<Payer>
  freeze(card: CardId): Promise<Payer>
  unfreezeIntent(card: CardId): Promise<z.output<typeof unfreezeCardIntentAnswer>>
  unfreeze(card: CardId, request: z.input<typeof unfreezeCardRequest>): Promise<Payer>
  removalIntent(card: CardId): Promise<z.output<typeof removeCardIntentAnswer>>
  remove(card: CardId, request: z.input<typeof removeCardRequest>): Promise<Payer>
  closingIntent(): Promise<z.output<typeof closeAccountIntentAnswer>>
  /** The account, for good. */
  close(request: z.input<typeof closeAccountRequest>): Promise<void>
  /** Lets the payment server ask the bank what the cardholder said. */
  standing(card: CardId): Promise<Payer>
}

export function walletClient(ask: Ask): WalletClient {
  const post = <Answer>(card: CardId, act: string, body: object = {}): Promise<Answer> =>
    ask('POST', `/api/cards/${card}/${act}`, body)
  return {
    signOut: () => ask('DELETE', '/api/session'),
    activity: (query) => ask('GET', `/api/activity?${new URLSearchParams(query)}`),
    spending: (fromMs) => ask('GET', `/api/spending?from=${fromMs}`),
    addCardIntent: (request) => ask('POST', '/api/cards/intent', request),
    addCard: (request) => ask('POST', '/api/cards', request),
    prefer: (card) => post(card, 'preference'),
    name: (card, nickname) => post(card, 'nickname', { nickname }),
    freeze: (card) => post(card, 'freeze'),
    unfreezeIntent: (card) => post(card, 'unfreeze/intent'),
    unfreeze: (card, request) => post(card, 'unfreeze', request),
    removalIntent: (card) => post(card, 'removal/intent'),
    remove: (card, request) => post(card, 'removal', request),
    closingIntent: () => ask('POST', '/api/account/closing/intent', {}),
    close: (request) => ask('POST', '/api/account/closing', request),
    standing: (card) => post(card, 'standing'),
  }
}
