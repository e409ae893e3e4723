import type { Kysely } from 'kysely'
import type { AtRest } from './at-rest.ts'
import type { BankClient } from './bank-client.ts'
import { closeAgain } from './close-again.ts'
import { type ClosedColumnStore, closedColumnStore } from './closed-column-store.ts'
import { closedNames } from './identity/payer-store.ts'
import { closedBodies } from './payment-store.ts'
import { closedWishEvidence } from './retrieval/bank-wish-store.ts'
import type { CardTables } from './retrieval/card-schema.ts'
import { closedConfirmations, closedNicknames, closedRecords } from './retrieval/card-store.ts'
import { cardResealer, type Resealed } from './retrieval/reseal-cards.ts'
import type { PaymentTables } from './schema.ts'

type ClosedAgain = Awaited<ReturnType<typeof closeAgain>>
/** What became of everything at rest. */
export type ResealReport = {
  readonly names: ClosedAgain
  readonly authorizations: ClosedAgain
  readonly nicknames: ClosedAgain
  readonly confirmations: ClosedAgain
  readonly unfreezings: ClosedAgain
  readonly cards: Resealed
}
export type ResealProgress = (what: keyof ResealReport, done: number, of: number) => void

/**
 * Rotates what is kept: every text at rest is closed by our current key, and every card record is made anew by the bank's. Then the older keys
 * of either can be deleted.
 * @throws {Problem} `bank-unreachable`
 */
export async function reseal(tools: {
  payment: Kysely<PaymentTables>
  card: Kysely<CardTables>
  bank: BankClient
  atRest: AtRest
  progress: ResealProgress
}): Promise<ResealReport> {
  const { payment, card, bank, atRest, progress } = tools

  async function close(what: keyof ResealReport, column: ClosedColumnStore): Promise<ClosedAgain> {
    const count = await column.countClosedByOthers(atRest.keyId)
    return closeAgain(column, atRest, (done) => progress(what, done, count))
  }

  async function resealCards(records: ClosedColumnStore): Promise<Resealed> {
    const count = await records.count()
    return cardResealer({ records, bank, atRest })((done) => progress('cards', done, count))
  }

  return {
    names: await close('names', closedColumnStore(payment, closedNames)),
    authorizations: await close('authorizations', closedColumnStore(payment, closedBodies)),
    nicknames: await close('nicknames', closedColumnStore(card, closedNicknames)),
    confirmations: await close('confirmations', closedColumnStore(card, closedConfirmations)),
    unfreezings: await close('unfreezings', closedColumnStore(card, closedWishEvidence)),
    // Last, because it takes the bank: where that is silent, all else is done.
    cards: await resealCards(closedColumnStore(card, closedRecords)),
  }
}
