import type { PayerId } from '../../shared/identifiers.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../runtime/room.ts'
import type { BankClient } from './bank-client.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { PasskeyWish, PasskeyWishStore } from './passkey-wish-store.ts'
import { leaseMs, pauseMsAfter } from './pause.ts'
import type { CardStore } from './retrieval/card-store.ts'

const payersAtOnce = 20

/**
 * Tells the bank which passkeys came and went: at once, and ever less often until it has answered. One payer's are told in the order in
 * which they were decided, because whoever is vouched for can vouch for the next, and nobody can who was revoked.
 */
export function passkeyTeller(tools: {
  wishes: PasskeyWishStore
  cards: Pick<CardStore, 'idsOf' | 'open'>
  bank: BankClient
  pseudonyms: Pseudonyms
  clock: Clock
  log: Log
}) {
  const { wishes, cards, bank, pseudonyms, clock, log } = tools

  /** @returns whether the bank has heard it */
  async function tell(wish: PasskeyWish): Promise<boolean> {
    if (!(await wishes.claim(wish, clock.nowMs() + leaseMs))) return false
    if (await isHeard(wish)) {
      await wishes.markAnswered(wish)
      return true
    }
    await wishes.putOff(wish, clock.nowMs() + pauseMsAfter(wish.askings))
    return false
  }

  async function isHeard(wish: PasskeyWish): Promise<boolean> {
    const { payer } = wish
    const name = pseudonyms.towardsBank(payer)
    if (wish.kind === 'revoke') return (await bank.revoke({ payer: name, passkey: wish.thumbprint })) !== null
    if (wish.kind === 'undo') {
      const reply = await bank.undo({ payer: name, ...wish.undoing })
      if (reply?.body.outcome === 'refused') log.warn('bank-undid-no-recovery', {})
      return reply !== null
    }
    // The cards of now: one that was added since is sealed for this passkey too, and to be bound twice does no harm.
    for (const card of await cards.idsOf(payer)) {
      const kept = await cards.open(payer, card)
      if (kept === null) continue
      const reply = await bank.bind({ card, payer: name, record: kept.record, ...wish.binding })
      if (reply === null) return false
      if (reply.body.outcome === 'refused') log.warn('bank-bound-no-passkey', { code: reply.body.reason })
    }
    return true
  }

  async function tellAbout(payer: PayerId): Promise<void> {
    for (const wish of await wishes.ofPayer(payer)) if (!(await tell(wish))) return
  }

  return {
    tellAbout,
    async tellDue(stop?: Stop): Promise<void> {
      await forEachDue(await wishes.duePayers(payersAtOnce), log, tellAbout, stop)
    },
  }
}
export type PasskeyTeller = ReturnType<typeof passkeyTeller>
