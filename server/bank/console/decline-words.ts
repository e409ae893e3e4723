import type { DeclineReason } from '../../../shared/decline.ts'

/** A reason as the console tells it. */
export const declineWords: Record<DeclineReason, string> = {
  'do-not-honor': 'Do not honour',
  'invalid-merchant': 'Unknown payee',
  'invalid-amount': 'Not an amount',
  'invalid-card': 'Not a card of ours',
  'lost-card': 'Card lost',
  'stolen-card': 'Card stolen',
  'insufficient-funds': 'Not enough money',
  'expired-card': 'Card expired',
  'not-permitted': 'Not permitted',
  'suspected-fraud': 'Suspected fraud',
  'limit-exceeded': 'Above a limit',
  'card-frozen': 'Card frozen',
  'evidence-refused': 'Not signed by the payer',
  'wrong-code': 'Wrong code',
  reversed: 'Undone before it came',
}
