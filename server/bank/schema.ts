import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { CardBrand, CardRecord } from '../../shared/card.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import type { Assertion } from '../../shared/evidence.ts'
import type {
  CardId,
  CredentialId,
  MerchantId,
  PayerPseudonym,
  PaymentId,
  RecoveryId,
} from '../../shared/identifiers.ts'
import type { Currency } from '../../shared/money.ts'
import type { Engine, Migrations } from '../runtime/database.ts'

/**
 * The bank's tables. Rows are added and never changed: what something is now (a balance, a hold, whether a card is frozen)
 * derives from all that happened to it. Triggers hold every writer to that, ours included.
 * Amounts are minor units in `bigint`; moments are milliseconds since the Unix epoch.
 */
export type BankTables = {
  account: AccountRow
  booking: BookingRow
  posting: PostingRow
  issued_card: IssuedCardRow
  enrolment: EnrolmentRow
  /** A refused enrolment that was wrong about an issued card, so that codes cannot be tried one after another. */
  wrong_try: { payment_server: string; card: CardId; number_hash: string; tried_at_ms: number }
  card_passkey: CardPasskeyRow
  /** A passkey that its payer took away: it is bound to no card any more, whichever it was or would be bound to. */
  revoked_passkey: { payment_server: string; payer: PayerPseudonym; thumbprint: string; revoked_at_ms: number }
  card_event: CardEventRow
  card_limit: CardLimitRow
  card_limit_second: CardLimitSecondRow
  confirmation_link: ConfirmationLinkRow
  confirmation: ConfirmationRow
  recovery: RecoveryRow
  /** What the cardholder said, once. */
  recovery_word: { link_hash: string; is_confirmed: number; said_at_ms: number }
  /** Somebody with the link showed another card than this, or showed it wrongly. `number_hash`: of an issued card; else null. */
  recovery_try: { link_hash: string; place: number; number_hash: string | null; tried_at_ms: number }
  /** A passkey that pays nothing any more since a recovery, unless that is undone. */
  displaced_passkey: { payment_server: string; payer: PayerPseudonym; recovery: RecoveryId; thumbprint: string }
  recovery_undoing: { payment_server: string; recovery: RecoveryId; undone_at_ms: number }
  authorization: AuthorizationRow
  consumed_nonce: { payment_server: string; nonce: string; reference: string; consumed_at_ms: number }
  /** The bank has undone this authorization, or promises never to do it: then there is no authorization (a tombstone). */
  reversal: { payment_server: string; reference: string; payment: PaymentId; reversed_at_ms: number }
  hold: HoldRow
  hold_release: { payment_server: string; reference: string; cause: ReleaseCause; released_at_ms: number }
  capture: CaptureRow
  refund: MovementRow
}

export type AccountKind = 'debit' | 'credit' | 'payee' | 'equity'
export type AccountRow = {
  id: string
  /** Whose it is; somebody has at most one account a currency. */
  holder: string
  kind: AccountKind
  currency: Currency
  /** How far below zero a cardholder may go. Zero for debit. */
  credit_line_minor: number
  /** For people who read the console. */
  label: string
  opened_at_ms: number
}
export type BookingKind = 'opening' | 'capture' | 'refund' | 'reversal'
/** A transaction of the ledger; its postings sum to zero in each currency. */
type BookingRow = {
  id: string
  kind: BookingKind
  payment_server: string | null
  payment: PaymentId | null
  reference: string | null
  booked_at_ms: number
}
/** Positive: the account has more. */
type PostingRow = { booking: string; account: string; currency: Currency; amount_minor: number }

export type IssuedCardRow = {
  number_hash: string
  number_encrypted: string
  brand: CardBrand
  last4: string
  expiry_month: number
  expiry_year: number
  code_hash: string
  holder: string
  /** The cardholder's, as embossed; null: the card is accepted in any name, like one from before names were kept. */
  name: string | null
  /** What every payment with it is answered; null: whatever its account allows. */
  does: DeclineReason | null
  /** Whether the bank asks its holder, on a page of its own, before it pays. */
  asks_cardholder: number
  issued_at_ms: number
}

/**
 * What became of a sealed card. The columns after `reason` are of an enrolled card alone; the passkey is the one that signed for it, and
 * all that may pay with it are in `card_passkey`.
 */
export type EnrolmentRow = {
  payment_server: string
  card: CardId
  payer: PayerPseudonym
  seal: string
  credential_id: CredentialId
  public_key: string
  thumbprint: string
  is_backup_eligible: number
  decided_at_ms: number
  reason: DeclineReason | null
  record: CardRecord | null
  brand: CardBrand | null
  last4: string | null
  holder: string | null
  code_hash: string | null
}
/** A passkey whose signature moves money of a card. */
export type CardPasskeyRow = {
  payment_server: string
  card: CardId
  credential_id: CredentialId
  public_key: string
  thumbprint: string
  is_backup_eligible: number
  bound_at_ms: number
}
export type CardEventKind = 'frozen' | 'unfrozen' | 'unbound'
export type CardEventRow = {
  payment_server: string
  card: CardId
  /** Counts the changes of this card, as the payment server numbers them; zero is unbinding, which is for good. */
  place: number
  kind: CardEventKind
  happened_at_ms: number
}

/** What limits a card began under, and what its payer asked for since. Null does not limit. */
export type CardLimitRow = {
  payment_server: string
  card: CardId
  /** The number the payment server gave the change, from one; zero is what it began under, and no row of zero is none. */
  place: number
  /** Of the intent it was asked for by; empty for what a card began under. */
  nonce: string
  currency: Currency
  per_payment_minor: number | null
  per_day_minor: number | null
  per_month_minor: number | null
  set_at_ms: number
  /** Of the passkey that signed; null for what a card began under, or where the row is older than this. */
  thumbprint: string | null
  /** 0 where it was heard of too late to raise anything. */
  may_raise: number
}
/** A second passkey that signed a change of limits, which holds at once since. */
export type CardLimitSecondRow = {
  payment_server: string
  card: CardId
  place: number
  nonce: string
  thumbprint: string
  seconded_at_ms: number
}

/** A page where a cardholder says whether it was them. The link itself is not kept, only its keyed hash. */
export type ConfirmationLinkRow = { link_hash: string; payment_server: string; card: CardId; expires_at_ms: number }
/** What the cardholder said, once. */
export type ConfirmationRow = { link_hash: string; is_confirmed: number; said_at_ms: number }

/** A passkey that is to take over a card, and the page where its cardholder says so. The link itself is not kept, only its keyed hash. */
export type RecoveryRow = {
  link_hash: string
  payment_server: string
  recovery: RecoveryId
  card: CardId
  payer: PayerPseudonym
  credential_id: CredentialId
  public_key: string
  thumbprint: string
  is_backup_eligible: number
  asked_at_ms: number
  expires_at_ms: number
}

export type AuthorizationRow = {
  payment_server: string
  reference: string
  payment: PaymentId
  request_digest: string
  /** SHA-256 of the intent it was decided on, base64url; empty where the evidence did not hold, or the row is older than this. */
  challenge: string
  card: CardId
  payer: PayerPseudonym
  /** Null where it was declined before an account was looked for. */
  account: string | null
  payee: MerchantId
  payee_name: string
  amount_minor: number
  currency: Currency
  /** Null: approved. */
  reason: DeclineReason | null
  approval_code: string | null
  decided_at_ms: number
  /** Of the passkey that signed; null where the evidence did not hold, or the row is older than this. */
  thumbprint: string | null
  /** How it was asked; null as above. */
  ceremony: Assertion['ceremony'] | null
}
/** Money set aside on a cardholder's account: what is not captured of it, until it is released. */
export type HoldRow = {
  payment_server: string
  reference: string
  account: string
  amount_minor: number
  expires_at_ms: number
}
export type ReleaseCause = 'captured' | 'voided' | 'reversed' | 'expired'
type MovementRow = {
  payment_server: string
  /** The authorization's reference. */
  reference: string
  /** Its own name within the authorization: a resent request is not a second capture or refund. */
  name: string
  booking: string
  amount_minor: number
}
type CaptureRow = MovementRow & {
  /** Whether it was said to be the last one, which releases what is left; null where the row is older than this. */
  is_final: number | null
}

export const bankMigrations: Migrations = (engine) => ({
  '001-ledger-and-cards': { up: (db) => makeTables(db, engine) } satisfies Migration,
  '002-limits': { up: (db) => makeLimits(db, engine) } satisfies Migration,
  '003-confirmations': { up: (db) => makeConfirmations(db, engine) } satisfies Migration,
  '004-challenges': { up: addChallenges } satisfies Migration,
  '005-names': { up: addNames } satisfies Migration,
  '006-wrong-tries': { up: (db) => makeWrongTries(db, engine) } satisfies Migration,
  '020-card-passkeys': { up: (db) => makeCardPasskeys(db, engine) } satisfies Migration,
  '007-final-captures': { up: addFinality } satisfies Migration,
  '008-limits-of-a-number': { up: findCardsByHolder } satisfies Migration,
  '009-cards-that-ask': { up: addQuestions } satisfies Migration,
  '021-seconded-limits': { up: (db) => addSeconds(db, engine) } satisfies Migration,
  '022-ceremonies': { up: addCeremony } satisfies Migration,
  '023-recoveries': { up: (db) => makeRecoveries(db, engine) } satisfies Migration,
})

async function makeTables(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await makeLedger(db)
  await makeCards(db)
  await makeAuthorizations(db)
  await makeHolds(db)
  if (engine === 'postgres') await makeRefusal(db)
  for (const table of appendOnly) await makeAppendOnly(db, engine, table)
}

async function makeLedger(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('credit_line_minor', 'bigint', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('one_account_a_currency', ['holder', 'currency'])
    .addUniqueConstraint('account_has_one_currency', ['id', 'currency'])
    .execute()
  await db.schema
    .createTable('booking')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('payment_server', 'text')
    .addColumn('payment', 'text')
    .addColumn('reference', 'text')
    .addColumn('booked_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('booking_by_payment').on('booking').column('payment').execute()
  await db.schema.createIndex('booking_by_time').on('booking').column('booked_at_ms').execute()
  await db.schema
    .createTable('posting')
    .addColumn('booking', 'text', (column) => column.notNull().references('booking.id'))
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('amount_minor', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('posting_key', ['booking', 'account'])
    .addForeignKeyConstraint('posting_in_the_currency_of_its_account', ['account', 'currency'], 'account', [
      'id',
      'currency',
    ])
    .execute()
  // Covers the sum that a balance is.
  await db.schema.createIndex('posting_by_account').on('posting').columns(['account', 'amount_minor']).execute()
}

async function makeCards(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('issued_card')
    .addColumn('number_hash', 'text', (column) => column.primaryKey())
    .addColumn('number_encrypted', 'text', (column) => column.notNull())
    .addColumn('brand', 'text', (column) => column.notNull())
    .addColumn('last4', 'text', (column) => column.notNull())
    .addColumn('expiry_month', 'integer', (column) => column.notNull())
    .addColumn('expiry_year', 'integer', (column) => column.notNull())
    .addColumn('code_hash', 'text', (column) => column.notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('does', 'text')
    .addColumn('issued_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('enrolment')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('seal', 'text', (column) => column.notNull())
    .addColumn('credential_id', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('is_backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('decided_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('record', 'text')
    .addColumn('brand', 'text')
    .addColumn('last4', 'text')
    .addColumn('holder', 'text')
    .addColumn('code_hash', 'text')
    .addPrimaryKeyConstraint('enrolment_key', ['payment_server', 'card'])
    .execute()
  await db.schema
    .createTable('card_event')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('happened_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('card_event_key', ['payment_server', 'card', 'place'])
    .execute()
}

async function makeAuthorizations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('authorization')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('payment', 'text', (column) => column.notNull())
    .addColumn('request_digest', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.references('account.id'))
    .addColumn('payee', 'text', (column) => column.notNull())
    .addColumn('payee_name', 'text', (column) => column.notNull())
    .addColumn('amount_minor', 'bigint', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('approval_code', 'text')
    .addColumn('decided_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('authorization_key', ['payment_server', 'reference'])
    .execute()
  await db.schema.createIndex('authorization_by_payment').on('authorization').column('payment').execute()
  await db.schema.createIndex('authorization_by_time').on('authorization').column('decided_at_ms').execute()
  await db.schema
    .createTable('consumed_nonce')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('consumed_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('consumed_nonce_key', ['payment_server', 'nonce'])
    .execute()
  await db.schema
    .createTable('reversal')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('payment', 'text', (column) => column.notNull())
    .addColumn('reversed_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('reversal_key', ['payment_server', 'reference'])
    .execute()
}

async function makeHolds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hold')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
    .addColumn('amount_minor', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('hold_key', ['payment_server', 'reference'])
    .execute()
  await db.schema.createIndex('hold_by_account').on('hold').column('account').execute()
  await db.schema
    .createTable('hold_release')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('released_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('hold_release_key', ['payment_server', 'reference'])
    .execute()
  for (const table of ['capture', 'refund']) {
    await db.schema
      .createTable(table)
      .addColumn('payment_server', 'text', (column) => column.notNull())
      .addColumn('reference', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('booking', 'text', (column) => column.notNull().references('booking.id'))
      .addColumn('amount_minor', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ['payment_server', 'reference', 'name'])
      .execute()
  }
}

const appendOnly = [
  'account',
  'booking',
  'posting',
  'issued_card',
  'enrolment',
  'card_event',
  'authorization',
  'consumed_nonce',
  'reversal',
  'hold',
  'hold_release',
  'capture',
  'refund',
] as const satisfies readonly (keyof BankTables)[]

const makeRefusal = (db: Kysely<unknown>) =>
  sql`create function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'rows of % are added and never changed', tg_table_name; end $$`.execute(db)

async function makeAppendOnly<Tables>(db: Kysely<Tables>, engine: Engine, table: keyof BankTables): Promise<void> {
  if (engine === 'postgres') {
    await sql`create trigger ${sql.ref(`${table}_is_append_only`)} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function refuse_change()`.execute(db)
    return
  }
  for (const change of ['update', 'delete'] as const) {
    await sql`create trigger ${sql.ref(`${table}_refuses_${change}`)} before ${sql.raw(change)} on ${sql.table(table)}
      begin select raise(abort, 'rows are added and never changed'); end`.execute(db)
  }
}

async function makeLimits(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('card_limit')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('per_payment_minor', 'bigint')
    .addColumn('per_day_minor', 'bigint')
    .addColumn('per_month_minor', 'bigint')
    .addColumn('set_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('card_limit_key', ['payment_server', 'card', 'place'])
    .execute()
  await makeAppendOnly(db, engine, 'card_limit')
  // For what was spent with a card in a month.
  const columns = ['payment_server', 'card', 'decided_at_ms']
  await db.schema.createIndex('authorization_by_card').on('authorization').columns(columns).execute()
}

async function makeConfirmations(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('confirmation_link')
    .addColumn('link_hash', 'text', (column) => column.primaryKey())
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('one_link_a_card', ['payment_server', 'card'])
    .execute()
  await db.schema
    .createTable('confirmation')
    .addColumn('link_hash', 'text', (column) => column.primaryKey().references('confirmation_link.link_hash'))
    .addColumn('is_confirmed', 'integer', (column) => column.notNull())
    .addColumn('said_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await makeAppendOnly(db, engine, 'confirmation_link')
  await makeAppendOnly(db, engine, 'confirmation')
}

const addChallenges = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .alterTable('authorization')
    .addColumn('challenge', 'text', (column) => column.notNull().defaultTo(''))
    .execute()

const addNames = (db: Kysely<unknown>): Promise<void> =>
  db.schema.alterTable('issued_card').addColumn('name', 'text').execute()

async function makeWrongTries(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('wrong_try')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('number_hash', 'text', (column) => column.notNull())
    .addColumn('tried_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('wrong_try_key', ['payment_server', 'card'])
    .execute()
  await db.schema.createIndex('wrong_try_by_number').on('wrong_try').columns(['number_hash', 'tried_at_ms']).execute()
  await makeAppendOnly(db, engine, 'wrong_try')
}

async function makeCardPasskeys(db: Kysely<BankTables>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('card_passkey')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('credential_id', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('is_backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('bound_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('card_passkey_key', ['payment_server', 'card', 'credential_id'])
    .execute()
  await db.schema
    .createTable('revoked_passkey')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('revoked_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('revoked_passkey_key', ['payment_server', 'payer', 'thumbprint'])
    .execute()
  const columns = ['payment_server', 'card', 'credential_id', 'public_key', 'thumbprint', 'is_backup_eligible'] as const
  await db
    .insertInto('card_passkey')
    .columns([...columns, 'bound_at_ms'])
    .expression((expression) =>
      expression
        .selectFrom('enrolment')
        .select([...columns, 'decided_at_ms'])
        .where('reason', 'is', null),
    )
    .execute()
  await db.schema.alterTable('authorization').addColumn('thumbprint', 'text').execute()
  await makeAppendOnly(db, engine, 'card_passkey')
  await makeAppendOnly(db, engine, 'revoked_passkey')
}

const addFinality = (db: Kysely<unknown>): Promise<void> =>
  db.schema.alterTable('capture').addColumn('is_final', 'integer').execute()

/** What was spent is added up over all the card ids that a payer has added a number under, and so by the account behind them. */
async function findCardsByHolder(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('enrolment_by_holder').on('enrolment').column('holder').execute()
  const columns = ['account', 'decided_at_ms']
  await db.schema.createIndex('authorization_by_account').on('authorization').columns(columns).execute()
  await db.schema.dropIndex('authorization_by_card').execute()
}

const addQuestions = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .alterTable('issued_card')
    .addColumn('asks_cardholder', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()

const addCeremony = (db: Kysely<unknown>): Promise<void> =>
  db.schema.alterTable('authorization').addColumn('ceremony', 'text').execute()

async function addSeconds(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema.alterTable('card_limit').addColumn('thumbprint', 'text').execute()
  await db.schema
    .alterTable('card_limit')
    .addColumn('may_raise', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await db.schema
    .createTable('card_limit_second')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('seconded_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('card_limit_second_key', ['payment_server', 'card', 'place'])
    .execute()
  await makeAppendOnly(db, engine, 'card_limit_second')
}

async function makeRecoveries(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('recovery')
    .addColumn('link_hash', 'text', (column) => column.primaryKey())
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('recovery', 'text', (column) => column.notNull())
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('credential_id', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('is_backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('asked_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('recovery_of_card', ['payment_server', 'recovery', 'card'])
    .execute()
  await db.schema.createIndex('recovery_of_payer').on('recovery').columns(['payment_server', 'payer']).execute()
  await db.schema
    .createTable('recovery_word')
    .addColumn('link_hash', 'text', (column) => column.primaryKey().references('recovery.link_hash'))
    .addColumn('is_confirmed', 'integer', (column) => column.notNull())
    .addColumn('said_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('recovery_try')
    .addColumn('link_hash', 'text', (column) => column.notNull().references('recovery.link_hash'))
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('number_hash', 'text')
    .addColumn('tried_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('recovery_try_key', ['link_hash', 'place'])
    .execute()
  await db.schema
    .createIndex('recovery_try_by_number')
    .on('recovery_try')
    .columns(['number_hash', 'tried_at_ms'])
    .execute()
  await db.schema
    .createTable('displaced_passkey')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('recovery', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('displaced_passkey_key', ['payment_server', 'payer', 'recovery', 'thumbprint'])
    .execute()
  await db.schema
    .createTable('recovery_undoing')
    .addColumn('payment_server', 'text', (column) => column.notNull())
    .addColumn('recovery', 'text', (column) => column.notNull())
    .addColumn('undone_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('recovery_undoing_key', ['payment_server', 'recovery'])
    .execute()
  for (const table of ['recovery', 'recovery_word', 'recovery_try', 'displaced_passkey', 'recovery_undoing'] as const) {
    await makeAppendOnly(db, engine, table)
  }
}
