import type { CardId } from '../../../shared/identifiers.ts'
import { forEachDue } from '../../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { BankClient } from '../bank-client.ts'
import { leaseMs, pauseMsAfter } from '../pause.ts'
import type { BankWish, BankWishStore } from './bank-wish-store.ts'
import type { CardStore } from './card-store.ts'
import type { CardLimitStore } from './limit-store.ts'

const wishesAtOnce = 20

/**
 * Tells the bank what was decided about a card here: at once, and ever less often until it has answered. Each of these may be told
 * again without harm, because the bank knows a change by its number.
 */
export function bankTeller(tools: {
  wishes: BankWishStore
  cards: Pick<CardStore, 'recordOf'>
  limits: Pick<CardLimitStore, 'keep'>
  bank: BankClient
  clock: Clock
  log: Log
}) {
  const { wishes, cards, limits, bank, clock, log } = tools

  /** @returns whether the bank may be told the next one: it does not hang */
  async function tell(wish: BankWish): Promise<boolean> {
    if (!(await wishes.claim(wish, clock.nowMs() + leaseMs))) return true
    if (!(await isAnswered(wish))) {
      await wishes.putOff(wish, clock.nowMs() + pauseMsAfter(wish.askings))
      return false
    }
    await wishes.markAnswered(wish)
    return true
  }

  async function isAnswered(wish: BankWish): Promise<boolean> {
    if (wish.kind === 'limit') return isLimitSet(wish)
    const reply = await ask(wish)
    // A card that the bank does not know, or has refused, is one that pays nothing there already.
    if (reply?.body.outcome === 'refused') log.warn('bank-knows-no-such-card', { state: wish.kind })
    return reply !== null
  }

  function ask(wish: Exclude<BankWish, { kind: 'limit' }>) {
    const { card, number: change } = wish
    if (wish.kind === 'unbind') return bank.unbind({ card })
    if (wish.evidence === null) return bank.freeze({ card, change, isFrozen: true })
    return bank.freeze({ card, change, isFrozen: false, evidence: wish.evidence })
  }

  /** What the bank answers is what holds from then on, also where it refuses. */
  async function isLimitSet({ card, evidence }: Extract<BankWish, { kind: 'limit' }>): Promise<boolean> {
    const record = await cards.recordOf(card)
    if (record === null) return true // it was removed, and pays nothing any more
    const reply = await bank.limit({ card, payer: evidence.intent.payer, record, evidence })
    if (reply === null) return false
    if (reply.body.outcome === 'limited') {
      await limits.keep(card, reply.body)
      return true
    }
    log.warn('bank-refused-limit', { state: reply.body.reason })
    const standing = await bank.allowance({ card, record })
    if (standing === null) return false
    if (standing.body.outcome === 'allowance') await limits.keep(card, standing.body, true)
    return true
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
