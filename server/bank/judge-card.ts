import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import { lock } from '../runtime/lock.ts'
import type { Bank } from './bank.ts'
import { findKnownCard, type KnownCard, numberHash, whatIsWrongWith } from './known-card.ts'
import type { BankTransaction } from './ledger.ts'

export type AcceptedCard = { readonly reason: null; readonly known: KnownCard; readonly typed: CardDetails }
export type CardVerdict =
  | AcceptedCard
  /** `guessedAt`: the keyed hash of the number whose code, expiry or name was wrong, where that counts. */
  | { readonly reason: DeclineReason; readonly guessedAt: string | null }

const wrongTriesMax = 5
const wrongTriesWithinMs = 24 * 60 * 60_000

/**
 * Whether a card can be added as it was typed. A code has three digits, so whoever may try as often as they like finds it: after five wrong
 * tries in a day, by whomever, its number is refused until the day is over, and nobody learns whether they would have been right. A
 * right try in between takes none back: it need not be the guesser's. Test cards are not counted: everybody knows them.
 */
export async function judgeCard(bank: Bank, transaction: BankTransaction, typed: CardDetails): Promise<CardVerdict> {
  const known = await findKnownCard(bank, transaction, typed.number)
  if (known?.kind !== 'issued') return verdictOn(bank, known, typed, null)
  const hash = numberHash(bank, typed.number)
  // Those who try at once must see each other.
  await lock(transaction, bank.database.engine, 'card-number', hash)
  const sinceMs = bank.clock.nowMs() - wrongTriesWithinMs
  if ((await wrongTriesAfter(transaction, hash, sinceMs)) >= wrongTriesMax) {
    return { reason: 'suspected-fraud', guessedAt: null }
  }
  return verdictOn(bank, known, typed, hash)
}

function verdictOn(bank: Bank, known: KnownCard | null, typed: CardDetails, hash: string | null): CardVerdict {
  const reason = whatIsWrongWith(bank, known, typed)
  if (known === null || reason !== null) {
    // An expiry in the past was not compared with the card's.
    return { reason: reason ?? 'invalid-card', guessedAt: reason === 'expired-card' ? null : hash }
  }
  return { reason: null, known, typed }
}

async function wrongTriesAfter(transaction: BankTransaction, hash: string, afterMs: number): Promise<number> {
  const { count } = await transaction
    .selectFrom('wrong_try')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('number_hash', '=', hash)
    .where('tried_at_ms', '>', afterMs)
    .executeTakeFirstOrThrow()
  return Number(count)
}
