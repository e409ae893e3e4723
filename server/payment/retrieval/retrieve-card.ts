import { limitsInForce } from '../../../shared/card-limits.ts'
import type { CardId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { limitsWhileHeld } from '../../../shared/recovery.ts'
import type { Clock } from '../../runtime/room.ts'
import type { ProvenPayer } from '../identity/prove.ts'
import type { RecoveredNameStore } from '../identity/recovered-name-store.ts'
import type { CardStore } from './card-store.ts'
import type { CardLimitStore } from './limit-store.ts'

/** Step S302: only a proven payer unlocks the card store. */
export function cardRetriever(tools: {
  cards: CardStore
  limits: Pick<CardLimitStore, 'of'>
  recoveries: Pick<RecoveredNameStore, 'heldOf'>
  clock: Clock
}) {
  const { cards, limits, recoveries, clock } = tools

  /**
   * Finds the card a payer chose and takes off our at-rest layer. What remains is sealed: only the bank can open it.
   * @param payer proof that the payer signed this payment; only `identity/prove.ts` can make one
   * @returns compact JWE made by the bank for itself, opaque here; the card's face, for the receipt; and the limits it is under, as far as we know
   * @throws {Problem} `card-unknown` (not this payer's, or removed), `card-missing` (this payer has none), `card-frozen`
   * @see RFC 7516 §3.1 (compact JWE); PCI DSS 4.0.1 §3.5.1 (a stored card number is unreadable)
   */
  return async function retrieveCard(payer: ProvenPayer, card: CardId) {
    if (payer.evidence.intent.card !== card) throw new Problem('card-unknown')
    const kept = await cards.open(payer.id, card)
    if (kept?.isFrozen) throw new Problem('card-frozen')
    if (kept !== null) {
      const { kept: standing } = await limits.of(payer.id, card)
      const own = standing === null ? null : limitsInForce(standing, clock.nowMs())
      const isHeld = (await recoveries.heldOf(payer.id)) !== null
      const { currency } = payer.evidence.intent.amount
      return { ...kept, limits: isHeld ? limitsWhileHeld(own, currency) : own }
    }
    const hasCards = (await cards.idsOf(payer.id)).length > 0
    throw new Problem(hasCards ? 'card-unknown' : 'card-missing')
  }
}
export type RetrieveCard = ReturnType<typeof cardRetriever>
