import type { AuthenticationResponse } from '../../../shared/evidence.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import type { RemoveCardIntent, UnfreezeCardIntent } from '../../../shared/intent.ts'
import { Problem } from '../../../shared/problem.ts'
import type { BankClient } from '../bank-client.ts'
import type { Intents } from '../identity/challenge.ts'
import type { Prover } from '../identity/prove.ts'
import type { Pseudonyms } from '../identity/pseudonym.ts'
import type { RecoveredNameStore } from '../identity/recovered-name-store.ts'
import { parseNickname } from '../nickname.ts'
import type { CardStore, Confirmation, KeptCard } from './card-store.ts'
import type { BankTeller } from './tell-bank.ts'

type Signed<I> = { readonly intent: I; readonly response: AuthenticationResponse }

/**
 * What a payer who is signed in does with a card. A session is enough to stop a card, because a lost phone must be quick; to let it
 * pay again, or to remove it, takes the passkey. What the bank must know is on the disk before it is told.
 */
export function cardChanger(tools: {
  cards: CardStore
  tellBank: BankTeller
  bank: BankClient
  intents: Intents
  prove: Prover
  pseudonyms: Pseudonyms
  recoveries: Pick<RecoveredNameStore, 'lastOf' | 'assertNotHeld'>
}) {
  const { cards, tellBank, bank, intents, prove, pseudonyms, recoveries } = tools

  const unfreezing = async (payer: PayerId, card: CardId) =>
    ({
      purpose: 'unfreeze-card',
      card,
      payer: pseudonyms.towardsBank(payer),
      change: (await cards.changesOf(payer, card)) + 1,
    }) as const
  const removal = (payer: PayerId, card: CardId) =>
    ({ purpose: 'remove-card', card, payer: pseudonyms.towardsBank(payer) }) as const

  return {
    prefer: cards.prefer,

    /** @throws {Problem} `card-unknown`, `username-…` */
    name: (payer: PayerId, card: CardId, nickname: string): Promise<void> =>
      cards.name(payer, card, parseNickname(nickname)),

    /** @throws {Problem} `card-unknown` */
    async freeze(payer: PayerId, card: CardId): Promise<void> {
      await cards.changesOf(payer, card)
      await cards.freeze(payer, card)
      await tellBank.tellAbout(card)
    },

    /** @throws {Problem} `card-unknown`, `bank-unreachable`; `card-unconfirmed` where the bank would not let it pay all the same */
    async offerUnfreeze(payer: PayerId, card: CardId): Promise<UnfreezeCardIntent> {
      const agreement = await unfreezing(payer, card)
      await askStanding(payer, card)
      if ((await cardOf(payer, card)).confirmation !== null) throw new Problem('card-unconfirmed')
      return intents.issue(agreement)
    },

    /** @throws {Problem} `card-unknown`, `intent-…`: also where it was frozen again meanwhile; `passkey-refused` */
    async unfreeze(payer: PayerId, card: CardId, signed: Signed<UnfreezeCardIntent>): Promise<void> {
      const { evidence } = await prove.cardChange(payer, signed, await unfreezing(payer, card))
      await cards.unfreeze(payer, card, evidence)
      await tellBank.tellAbout(card)
    },

    /** @throws {Problem} `card-unknown`; `name-held`: what is removed, no undoing brings back */
    async offerRemoval(payer: PayerId, card: CardId): Promise<RemoveCardIntent> {
      await cards.changesOf(payer, card)
      await recoveries.assertNotHeld(payer)
      return intents.issue(removal(payer, card))
    },

    /** @throws {Problem} `card-unknown`, `intent-…`, `passkey-refused`, `name-held` */
    async remove(payer: PayerId, card: CardId, signed: Signed<RemoveCardIntent>): Promise<void> {
      await recoveries.assertNotHeld(payer)
      await prove.cardChange(payer, signed, removal(payer, card))
      await cards.remove(payer, card)
      await tellBank.tellAbout(card)
    },

    askStanding,
  }

  /** @throws {Problem} `card-unknown` */
  async function cardOf(payer: PayerId, card: CardId): Promise<KeptCard> {
    const kept = (await cards.cardsOf(payer)).find(({ id }) => id === card)
    if (kept === undefined) throw new Problem('card-unknown')
    return kept
  }

  /** Asks the bank what the cardholder has said, where that is waited for. @throws {Problem} `card-unknown`, `bank-unreachable` */
  async function askStanding(payer: PayerId, card: CardId): Promise<void> {
    if ((await cardOf(payer, card)).confirmation === null) return
    const said = await saidOf(payer, card)
    if (said !== null && said !== 'awaited') await cards.keepConfirmation(payer, card, afterwards[said])
  }

  /** What the cardholder said, of the card and of the passkey that takes it over. @throws {Problem} `bank-unreachable` */
  async function saidOf(payer: PayerId, card: CardId) {
    const reply = await bank.standing({ card })
    if (reply === null) throw new Problem('bank-unreachable')
    if (reply.body.outcome === 'refused') return null
    const { confirmation } = reply.body
    const recovery = await recoveries.lastOf(payer)
    if (recovery === null || (confirmation !== 'not-asked' && confirmation !== 'confirmed')) return confirmation
    const { credentialId, publicKey, isBackupEligible } = recovery.passkey
    const answer = await bank.recover({
      recovery: recovery.id,
      card,
      payer: pseudonyms.towardsBank(payer),
      passkey: { credentialId, publicKey, isBackupEligible },
    })
    if (answer === null) throw new Problem('bank-unreachable')
    return answer.body.outcome === 'refused' ? null : answer.body.state
  }
}
export type CardChanges = ReturnType<typeof cardChanger>

const afterwards = {
  'not-asked': null,
  confirmed: null,
  denied: { state: 'denied' },
  lapsed: { state: 'lapsed' },
} as const satisfies Record<string, Confirmation | null>
