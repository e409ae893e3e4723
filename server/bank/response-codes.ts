import { type DeclineReason, declineCodes } from '../../shared/decline.ts'
import type { CardId } from '../../shared/identifiers.ts'
import type { Money } from '../../shared/money.ts'

/** ISO 8583 field 39 for yes. */
export const approvedCode = '00'

/** How the bank says no to money: an answer like any other, signed and stored, never an error. */
export const declined = (reference: string, amount: Money, reason: DeclineReason) =>
  ({ outcome: 'declined', reference, amount, reason, responseCode: declineCodes[reason] }) as const

/** How the bank says no to a card. */
export const refused = (card: CardId, reason: DeclineReason) =>
  ({ outcome: 'refused', card, reason, responseCode: declineCodes[reason] }) as const
