import type { Kysely } from 'kysely'
import type { AtRest } from './at-rest.ts'
import type { BankClient } from './bank-client.ts'
import { closeAgain } from './close-again.ts'
import { type ClosedColumn, type ClosedColumnStore, closedColumnStore } from './closed-column-store.ts'
import { closedInvitations } from './identity/invitation-store.ts'
import { closedPasskeyNames } from './identity/passkey-store.ts'
import { closedNames } from './identity/payer-store.ts'
import { evidenceAlone } from './kept-evidence.ts'
import { closedBindings } from './passkey-wish-store.ts'
import { closedBodies } from './payment-store.ts'
import { closedSubscriptions } from './push/subscription-store.ts'
import { closedWishEvidence } from './retrieval/bank-wish-store.ts'
import type { CardTables } from './retrieval/card-schema.ts'
import { closedConfirmations, closedNicknames, closedRecords } from './retrieval/card-store.ts'
import { closedLimits } from './retrieval/limit-store.ts'
import { cardResealer, type Resealed } from './retrieval/reseal-cards.ts'
import type { PaymentTables } from './schema.ts'
import { closedWebhookKeys } from './webhooks/endpoint-store.ts'

/** Every column of a database whose texts are closed at rest, by what it holds. */
export const closedColumns = {
  payment: {
    names: closedNames,
    'passkey names': closedPasskeyNames,
    bindings: closedBindings,
    invitations: closedInvitations,
    authorizations: closedBodies,
    'webhook keys': closedWebhookKeys,
    'push subscriptions': closedSubscriptions,
  } as const satisfies Record<string, ClosedColumn<PaymentTables>>,
  card: {
    nicknames: closedNicknames,
    confirmations: closedConfirmations,
    limits: closedLimits,
    'signed changes': closedWishEvidence,
  } as const satisfies Record<string, ClosedColumn<CardTables>>,
}
/** They are sealed by the bank as well, and made anew by it. */
export const sealedColumns = { card: { cards: closedRecords } } as const

/** Of what was written before less was kept. */
const keptOf: { readonly [W in What]?: (plain: string) => string } = { authorizations: evidenceAlone }

type ClosedAgain = Awaited<ReturnType<typeof closeAgain>>
type What = keyof typeof closedColumns.payment | keyof typeof closedColumns.card
/** What became of everything at rest. */
export type ResealReport = { readonly texts: ReadonlyMap<What, ClosedAgain>; readonly cards: Resealed }
export type ResealProgress = (what: What | 'cards', done: number, of: number) => void

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

  async function close(what: What, column: ClosedColumnStore): Promise<ClosedAgain> {
    const count = await column.countClosedByOthers(atRest.keyId)
    const kept = keptOf[what]
    return closeAgain(column, atRest, { progress: (done) => progress(what, done, count), ...(kept && { kept }) })
  }

  async function resealCards(records: ClosedColumnStore): Promise<Resealed> {
    const count = await records.count()
    return cardResealer({ records, bank, atRest })((done) => progress('cards', done, count))
  }

  const columns = new Map<What, ClosedColumnStore>([
    ...storesOf(payment, closedColumns.payment),
    ...storesOf(card, closedColumns.card),
  ])
  const texts = new Map<What, ClosedAgain>()
  for (const [what, column] of columns) texts.set(what, await close(what, column))
  // Last, because it takes the bank: where that is silent, all else is done.
  return { texts, cards: await resealCards(closedColumnStore(card, sealedColumns.card.cards)) }
}

const storesOf = <Tables, Name extends string>(
  db: Kysely<Tables>,
  columns: Record<Name, ClosedColumn<Tables>>,
): [Name, ClosedColumnStore][] =>
  Object.entries<ClosedColumn<Tables>>(columns).map(([name, column]) => [name as Name, closedColumnStore(db, column)])
