import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import { lock } from '../runtime/lock.ts'
import type { Bank } from './bank.ts'
import { findKnownCard, type KnownCard, numberHash, whatIsWrongWith } from './known-card.ts'
import type { BankTransaction } from './ledger.ts'

/** What is said of a card to show that one has it; where no name was asked for, none is compared. */
export type TypedCard = Pick<CardDetails, 'number' | 'expiry' | 'code'> & { readonly name?: string }
export type AcceptedCard<Typed = CardDetails> = {
  readonly reason: null
  readonly known: KnownCard
  readonly typed: Typed
}
export type CardVerdict<Typed = CardDetails> =
  | AcceptedCard<Typed>
  /** `guessedAt`: the keyed hash of the number whose code, expiry or name was wrong, where that counts. */
  | { readonly reason: DeclineReason; readonly guessedAt: string | null }

const wrongTriesMax = 5
const wrongTriesWithinMs = 24 * 60 * 60_000

/**
 * Whether a card is as it was typed, and can be added or recovered. A code has three digits, so whoever may try as often as they like finds it: after five wrong
 * tries in a day, by whomever, its number is refused until the day is over, and nobody learns whether they would have been right. A
 * right try in between takes none back: it need not be the guesser's. Test cards are not counted: everybody knows them.
 */
export async function judgeCard<Typed extends TypedCard>(
  bank: Bank,
  transaction: BankTransaction,
  typed: Typed,
): Promise<CardVerdict<Typed>> {
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

function verdictOn<Typed extends TypedCard>(
  bank: Bank,
  known: KnownCard | null,
  typed: Typed,
  hash: string | null,
): CardVerdict<Typed> {
  const reason = whatIsWrongWith(bank, known, typed)
  if (known === null || reason !== null) {
    // An expiry in the past was not compared with the card's.
    return { reason: reason ?? 'invalid-card', guessedAt: reason === 'expired-card' ? null : hash }
  }
  return { reason: null, known, typed }
}

async function wrongTriesAfter(transaction: BankTransaction, hash: string, afterMs: number): Promise<number> {
  let count = 0
  for (const table of ['wrong_try', 'recovery_try'] as const) {
    const row = await transaction
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('number_hash', '=', hash)
      .where('tried_at_ms', '>', afterMs)
      .executeTakeFirstOrThrow()
    count += Number(row.count)
  }
  return count
}
