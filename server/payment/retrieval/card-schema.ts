import { type Kysely, sql } from 'kysely'
import type { Migrations } from '../../runtime/database.ts'

/** A database of its own, so that a third party can keep it. Patent claim 8. */
export type CardTables = {
  card: {
    id: string
    payer_id: string
    /** Of this payer's cards, in the order they were added. */
    number: number
    brand: string
    last4: string
    /** What the bank made for itself, closed once more at rest. */
    record_closed: string
    created_at_ms: number
    /** Grows with each choice of a card to pay with first: the highest of a payer's cards is the one chosen last. */
    preference: number
    /** Closed at rest; null where the payer gave none. */
    nickname_closed: string | null
    is_frozen: number
    /** How often it was frozen or let pay again: the number of the last such change, by which the bank is told of it. */
    changes: number
    /** What the bank wants to hear from the cardholder, closed at rest; null where nothing is left to be heard. */
    confirmation_closed: string | null
    /** How its limits stand, closed at rest: as the bank said last, or as its payer asked since. Null while nobody has asked. */
    limits_closed: string | null
  }
  /** Something the bank must be told of a card. Written down together with what it is about; told until the bank has answered. */
  bank_wish: {
    card_id: string
    /** Of this card's wishes. */
    number: number
    kind: BankWishKind
    askings: number
    /** What the payer signed for an `unfreeze` or a `limit`, closed at rest; null for the others, which take no signature. */
    evidence_closed: string | null
    /** When to tell the bank; null once it has answered. */
    next_asking_at_ms: number | null
  }
}

type BankWishKind = 'freeze' | 'unfreeze' | 'unbind' | 'limit'

export const cardMigrations: Migrations = () => ({
  '001-cards': { up: createCards },
  '002-card-changes': { up: addCardChanges },
  '003-unfreeze-evidence': { up: addUnfreezeEvidence },
  '021-limits': { up: addLimits },
  '025-heard-wishes': { up: forgetHeardWishes },
})

async function createCards(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('card')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('payer_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('brand', 'text', (column) => column.notNull())
    .addColumn('last4', 'text', (column) => column.notNull())
    .addColumn('record_closed', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('card_of_payer').on('card').columns(['payer_id', 'number']).unique().execute()
}

async function addCardChanges(db: Kysely<unknown>): Promise<void> {
  for (const name of ['preference', 'is_frozen', 'changes']) {
    await db.schema
      .alterTable('card')
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  }
  for (const name of ['nickname_closed', 'confirmation_closed']) {
    await db.schema.alterTable('card').addColumn(name, 'text').execute()
  }
  // No reference to a card: what the bank must be told of one outlives it.
  await db.schema
    .createTable('bank_wish')
    .addColumn('card_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('askings', 'integer', (column) => column.notNull())
    .addColumn('next_asking_at_ms', 'bigint')
    .addPrimaryKeyConstraint('bank_wish_key', ['card_id', 'number'])
    .execute()
  await db.schema
    .createIndex('bank_wish_due')
    .on('bank_wish')
    .column('next_asking_at_ms')
    .where(sql.ref('next_asking_at_ms'), 'is not', null)
    .execute()
}

const addLimits = (db: Kysely<unknown>): Promise<void> =>
  db.schema.alterTable('card').addColumn('limits_closed', 'text').execute()

async function addUnfreezeEvidence(db: Kysely<CardTables>): Promise<void> {
  await db.schema.alterTable('bank_wish').addColumn('evidence_closed', 'text').execute()
  // One of before, without a signature, the bank takes no more: the card is let pay again by freezing it once more.
  await db.updateTable('bank_wish').set({ next_asking_at_ms: null }).where('kind', '=', 'unfreeze').execute()
}

/** What was signed for it is kept until the bank has heard it, and was kept for longer before. */
async function forgetHeardWishes(db: Kysely<CardTables>): Promise<void> {
  await db.updateTable('bank_wish').set({ evidence_closed: null }).where('next_asking_at_ms', 'is', null).execute()
}
