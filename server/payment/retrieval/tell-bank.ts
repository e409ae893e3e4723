import type { CardId } from '../../../shared/identifiers.ts'
import { forEachDue } from '../../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { BankClient } from '../bank-client.ts'
import { leaseMs, pauseMsAfter } from '../pause.ts'
import type { BankWish, BankWishStore } from './bank-wish-store.ts'

const wishesAtOnce = 20

/**
 * Tells the bank what was decided about a card here: at once, and ever less often until it has answered. Each of these may be told
 * again without harm, because the bank knows a change by its number.
 */
export function bankTeller(tools: { wishes: BankWishStore; bank: BankClient; clock: Clock; log: Log }) {
  const { wishes, bank, clock, log } = tools

  /** @returns whether the bank may be told the next one: it does not hang */
  async function tell(wish: BankWish): Promise<boolean> {
    if (!(await wishes.claim(wish, clock.nowMs() + leaseMs))) return true
    const reply = await ask(wish)
    if (reply === null) {
      await wishes.putOff(wish, clock.nowMs() + pauseMsAfter(wish.askings))
      return false
    }
    // A card that the bank does not know, or has refused, is one that pays nothing there already.
    if (reply.body.outcome === 'refused') log.warn('bank-knows-no-such-card', { state: wish.kind })
    await wishes.markAnswered(wish)
    return true
  }

  function ask({ card, number: change, kind, evidence }: BankWish) {
    if (kind === 'unbind') return bank.unbind({ card })
    if (evidence === null) return bank.freeze({ card, change, isFrozen: true })
    return bank.freeze({ card, change, isFrozen: false, evidence })
  }

  return {
    /** Somebody is waiting, so that a bank that hangs is waited for once. */
    async tellAbout(card: CardId): Promise<void> {
      for (const wish of await wishes.ofCard(card)) if (!(await tell(wish))) return
    },
    async tellDue(stop: Stop): Promise<void> {
      await forEachDue(await wishes.due(wishesAtOnce), log, tell, stop)
    },
  }
}
export type BankTeller = ReturnType<typeof bankTeller>
