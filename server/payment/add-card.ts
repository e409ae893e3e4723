import { type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { AuthenticationResponse } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import type { AddCardIntent } from '../../shared/intent.ts'
import type { AddCardAgreement, Intents } from './identity/challenge.ts'
import type { Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { KeepCard } from './retrieval/keep-card.ts'

type Addition = {
  readonly intent: AddCardIntent
  readonly response: AuthenticationResponse
  readonly sealed: SealedCard
}

/** Adds a card to a payer who is signed in; their passkey signs for the very seal. */
export function cardAdder(tools: { intents: Intents; prove: Prover; pseudonyms: Pseudonyms; keepCard: KeepCard }) {
  const { intents, prove, pseudonyms, keepCard } = tools

  const agreementOf = (payer: PayerId, seal: string): AddCardAgreement => ({
    purpose: 'add-card',
    card: pseudonyms.cardOfSeal(payer, seal),
    payer: pseudonyms.towardsBank(payer),
    seal,
  })

  return {
    /** @param seal base64url of the SHA-256 of the sealed card */
    offer: (payer: PayerId, seal: string): AddCardIntent => intents.issue(agreementOf(payer, seal)),

    /** @throws {Problem} `intent-…`, `passkey-refused`, `bank-unreachable`, `card-refused` */
    async add(payer: PayerId, { intent, response, sealed }: Addition): Promise<void> {
      const agreement = agreementOf(payer, await sealHashOf(sealed))
      await keepCard(await prove.newCard(payer, { intent, response }, agreement), sealed)
    },
  }
}
export type AddCard = ReturnType<typeof cardAdder>
