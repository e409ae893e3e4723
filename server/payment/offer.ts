import type { z } from 'zod'
import type { PayerId, PaymentId } from '../../shared/identifiers.ts'
import type { PayIntent } from '../../shared/intent.ts'
import { Problem } from '../../shared/problem.ts'
import type { payIntentRequest } from '../../shared/wire/payment-api.ts'
import { agreementTo } from './agreement.ts'
import { assertOpen, type Expiry } from './expire.ts'
import type { Intents } from './identity/challenge.ts'
import type { PayerNamed } from './identity/name.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { CardStore } from './retrieval/card-store.ts'

type Asked = z.output<typeof payIntentRequest>

/** What a payer is asked to sign for a bill. A stranger who tries names here learns nothing from the answers. */
export function offerer(tools: {
  bills: Expiry
  payerNamed: PayerNamed
  pseudonyms: Pseudonyms
  cards: CardStore
  intents: Intents
}) {
  const { bills, payerNamed, pseudonyms, cards, intents } = tools

  /** Who has no card has a decoy, and so has a name nobody has: asked again or for a certain card, both answer alike. */
  async function cardFor(payer: PayerId, asked: Asked['card']) {
    const kept = await cards.idsOf(payer)
    const choice = kept.length > 0 ? kept : [pseudonyms.decoyCard(payer, undefined)]
    const isTheirs = asked === undefined || choice.includes(asked)
    return (isTheirs ? (asked ?? choice[0]) : undefined) ?? pseudonyms.decoyCard(payer, asked)
  }

  /**
   * @param sessionPayer who is signed in, or null
   * @throws {Problem} `payment-…`; `session-missing` for a seal without a session of that very name, known or not
   */
  return async function offer(id: PaymentId, asked: Asked, sessionPayer: PayerId | null): Promise<PayIntent> {
    const bill = assertOpen(await bills.current(id))
    const payer = await payerNamed(asked.username)
    if (asked.seal !== undefined && sessionPayer !== payer) throw new Problem('session-missing')
    const card = asked.seal === undefined ? await cardFor(payer, asked.card) : pseudonyms.cardOfSeal(payer, asked.seal)
    const agreement = agreementTo(bill, { payer: pseudonyms.towardsBank(payer), card, seal: asked.seal })
    return intents.issue(agreement)
  }
}
export type Offer = ReturnType<typeof offerer>
