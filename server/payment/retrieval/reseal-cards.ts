import { decodeProtectedHeader } from 'jose'
import type { CardRecord } from '../../../shared/card.ts'
import { Problem } from '../../../shared/problem.ts'
import { cardRecordSchema } from '../../../shared/wire/bank-api.ts'
import { cardIdSchema } from '../../../shared/wire/intent-schema.ts'
import type { AtRest } from '../at-rest.ts'
import type { BankClient } from '../bank-client.ts'
import { openOrNull, type Progress } from '../close-again.ts'
import type { ClosedColumnStore, ClosedText } from '../closed-column-store.ts'

/** What became of the records: `kept` was as new already, `changed` is somebody else's by now, and of `refused` the bank made none. */
export type Resealed = Record<'resealed' | 'kept' | 'changed' | 'refused' | 'unreadable', number>

const cardsAtOnce = 100
/** So many wait for the bank at the same time. */
const askedAtOnce = 5
const askingsMax = 3

/**
 * Has the bank make every card record anew under its current key, and closes each once more by our own. Payments go on meanwhile: until the
 * bank takes its older key away, the older record pays as well. Whoever is stopped begins again, and the bank is not asked about a record
 * that names its current key already.
 */
export function cardResealer(tools: { records: ClosedColumnStore; bank: BankClient; atRest: AtRest }) {
  const { records, bank, atRest } = tools

  /** The bank's current key, as it names it; several where it changes its key meanwhile, the last one being current. */
  const bankKeyIds = new Set<string | undefined>()
  const isByCurrentKey = (record: CardRecord): boolean => keyIdOf(record) === [...bankKeyIds].at(-1)

  /** @returns null where the bank makes none of this: it is not the card's, or its key is gone @throws {Problem} `bank-unreachable` */
  async function renewed(card: string, record: CardRecord): Promise<CardRecord | null> {
    if (isByCurrentKey(record)) return record
    for (let asking = 1; asking <= askingsMax; asking += 1) {
      const reply = await bank.reseal({ card: cardIdSchema.parse(card), record })
      if (reply === null) continue
      if (reply.body.outcome === 'refused') return null
      bankKeyIds.add(keyIdOf(reply.body.record))
      return isByCurrentKey(record) ? record : reply.body.record
    }
    throw new Problem('bank-unreachable')
  }

  async function renew(text: ClosedText): Promise<keyof Resealed> {
    const plain = openOrNull(atRest, text)
    if (plain === null) return 'unreadable'
    const record = cardRecordSchema.parse(plain)
    const anew = await renewed(`${text.key[0]}`, record)
    const isSame = anew === null || anew === record
    if (isSame && atRest.isCurrent(text.closed)) return anew === null ? 'refused' : 'kept'
    // Also a record that the bank refuses is closed by our current key: the older one can go.
    if (!(await records.replace(text, atRest.close(text.context, anew ?? record)))) return 'changed'
    return anew === null ? 'refused' : 'resealed'
  }

  async function renewAll(progress: Progress): Promise<Resealed> {
    const done: Resealed = { resealed: 0, kept: 0, changed: 0, refused: 0, unreadable: 0 }
    let after: ClosedText | null = null
    for (;;) {
      const page: ClosedText[] = await records.every({ after, limit: cardsAtOnce })
      for (let start = 0; start < page.length; ) {
        // The first is asked about alone: its answer tells which records need not be.
        const some = page.slice(start, start + (bankKeyIds.size === 0 ? 1 : askedAtOnce))
        for (const outcome of await everyEnd(some.map(renew))) done[outcome] += 1
        progress(Object.values(done).reduce((sum, count) => sum + count, 0))
        start += some.length
      }
      after = page.at(-1) ?? null
      if (after === null) return done
    }
  }

  /** @throws {Problem} `bank-unreachable`; what was done until then stays done */
  return async function resealCards(progress: Progress = () => {}): Promise<Resealed> {
    for (;;) {
      bankKeyIds.clear()
      const done = await renewAll(progress)
      // Where the bank changed its key meanwhile, what it made before is not of the current one.
      if (bankKeyIds.size < 2) return done
    }
  }
}

/** Waits for all of them, also where one has failed: nothing goes on by itself. */
async function everyEnd<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

/** A record is opaque here, but for the name of the key that the bank made it by (RFC 7516 §4.1.6). */
const keyIdOf = (record: CardRecord): string | undefined => decodeProtectedHeader(record).kid
