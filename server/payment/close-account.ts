import type { AuthenticationResponse } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import { type CloseAccountIntent, intentLifetimeMs } from '../../shared/intent.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../runtime/room.ts'
import type { AccountStore } from './identity/account-store.ts'
import type { Intents } from './identity/challenge.ts'
import type { Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { RecoveredNameStore } from './identity/recovered-name-store.ts'
import type { CardStore } from './retrieval/card-store.ts'
import type { BankTeller } from './retrieval/tell-bank.ts'
import type { PasskeyTeller } from './tell-passkeys.ts'

type Signed = { readonly intent: CloseAccountIntent; readonly response: AuthenticationResponse }

const accountsAtOnce = 20
/** A card that was being added while its payer left is kept after they did, but no later than its intent and the bank allow. */
const cardsMayComeMs = 2 * intentLifetimeMs

/**
 * A payer leaves. The account is closed in one transaction; its cards are in a database of their own, and a worker deletes them however
 * often this room dies on the way.
 */
export function accountCloser(tools: {
  accounts: AccountStore
  cards: CardStore
  tellBank: BankTeller
  tellPasskeys: PasskeyTeller
  intents: Intents
  prove: Prover
  pseudonyms: Pseudonyms
  recoveries: Pick<RecoveredNameStore, 'assertNotHeld'>
  clock: Clock
  log: Log
}) {
  const { accounts, cards, tellBank, tellPasskeys, intents, prove, pseudonyms, recoveries, clock, log } = tools
  const agreement = (payer: PayerId) => ({ purpose: 'close-account', payer: pseudonyms.towardsBank(payer) }) as const

  async function removeCards(payer: PayerId): Promise<void> {
    for (const card of await cards.removeAll(payer)) await tellBank.tellAbout(card)
  }

  return {
    /** @throws {Problem} `name-held` */
    async offer(payer: PayerId): Promise<CloseAccountIntent> {
      await recoveries.assertNotHeld(payer)
      return intents.issue(agreement(payer))
    },

    /** @throws {Problem} `name-held`: whoever had the name before could not have it back; `intent-…`, `passkey-refused` */
    async close(payer: PayerId, signed: Signed): Promise<void> {
      await recoveries.assertNotHeld(payer)
      const { passkey } = await prove.accountClosing(payer, signed, agreement(payer))
      await accounts.close(payer, passkey.credentialId)
      await removeCards(payer)
      await tellPasskeys.tellAbout(payer)
    },

    /** The cards of those who left: what a crash, or a card that came late, has left behind. */
    async removeDue(stop: Stop): Promise<void> {
      const closings = await accounts.withCardsToGo(accountsAtOnce)
      const remove = async ({ payer, closedAtMs }: (typeof closings)[number]): Promise<void> => {
        const isLast = clock.nowMs() - closedAtMs > cardsMayComeMs
        await removeCards(payer)
        if (isLast) await accounts.markCardsGone(payer)
      }
      await forEachDue(closings, log, remove, stop)
    },
  }
}
export type AccountCloser = ReturnType<typeof accountCloser>
