import { type Kysely, sql } from 'kysely'
import type { Assertion } from '../../shared/evidence.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import type { PaymentState } from '../../shared/payment.ts'
import { holdLifetimeMs } from '../../shared/wire/bank-api.ts'
import type { ConsoleRole } from '../../shared/wire/console-api.ts'
import type { KeyMode, KeyScope } from '../../shared/wire/merchant-api.ts'
import type { nameRecoveryStates } from '../../shared/wire/payment-api.ts'
import type { Engine, Migrations } from '../runtime/database.ts'
import type { NoticeKind } from './push/write-notice.ts'
import type { Cause } from './transition.ts'

/** Times are milliseconds since the Unix epoch; amounts are minor units; booleans are 0 or 1 on both engines. */
export type PaymentTables = {
  merchant: { id: string; name: string; origin: string; created_at_ms: number }
  api_key: {
    id: string
    merchant_id: string
    mode: KeyMode
    scope: KeyScope
    /** The merchant's own word for it. */
    name: string
    /** SHA-256 of the key, base64url. */
    secret_hash: string
    /** The last four characters of the key, by which people tell it from others. */
    last4: string
    /** Whether the payment server was started with it, instead of making it. */
    is_configured: number
    created_at_ms: number
    /** To the minute; null until it is first used. */
    used_at_ms: number | null
    revoked_at_ms: number | null
  }
  idempotency: {
    merchant_id: string
    route: string
    key: string
    body_hash: string
    /** Null while the first request runs. */
    answer_status: number | null
    answer_body: string | null
    started_at_ms: number
  }
  payment: {
    id: string
    merchant_id: string
    mode: KeyMode
    amount_minor: number
    currency: string
    captured_minor: number
    refunded_minor: number
    /** Spoken for by captures and refunds that the bank has not answered yet. */
    capturing_minor: number
    refunding_minor: number
    /** Whether the bank was asked to let go of what is set aside, and has not answered yet. */
    is_releasing: number
    /** When what is set aside is let go; null where nothing ever was. */
    held_until_ms: number | null
    reference: string
    description: string | null
    /** JSON: what is paid for, one thing after another. */
    lines: string
    /** JSON: the merchant's own words by their own names. */
    metadata: string
    success_url: string
    cancel_url: string
    capture: string
    state: PaymentState
    /** How many moves were made; numbers the transitions. */
    moves: number
    failures: number
    /** How many times the bank was asked for money; numbers the references. */
    tries: number
    decline_reason: string | null
    /** What the bank last decided about it (compact JWS), for its merchant to see. */
    decision: string | null
    /** Of the last try. */
    authorization_reference: string | null
    created_at_ms: number
    expires_at_ms: number
  }
  payment_transition: { payment_id: string; number: number; state: PaymentState; cause: Cause; at_ms: number }
  /** One try to pay a payment at the bank. */
  authorization: {
    reference: string
    payment_id: string
    payer_id: string
    card_id: string
    card_brand: string
    card_last4: string
    /** Of the intent that was signed: tells a request that was sent again from another one. */
    intent_nonce: string
    /** SHA-256 of that intent, which an approval must name; base64url. */
    challenge: string
    /** The COSE key of the passkey that signed it, base64url: a receipt shows it, also when the passkey is long removed. */
    passkey: string
    /** How the payer was asked for it. */
    ceremony: Assertion['ceremony']
    /** The payer's evidence, closed at rest: `kept-evidence.ts`. */
    body_closed: string
    started_at_ms: number
    inquiries: number
    /** When to ask the bank again; null once it has answered. */
    next_inquiry_at_ms: number | null
    /** The bank's signed answer (compact JWS). */
    answer: string | null
    approval_code: string | null
    booked_at_ms: number | null
  }
  operation: OperationRow
  /** What a merchant is told of a move, written with it: the payment as it was then. */
  event: {
    id: string
    payment_id: string
    /** Of the move. */
    number: number
    merchant_id: string
    mode: KeyMode
    type: string
    at_ms: number
    state: PaymentState
    captured_minor: number
    refunded_minor: number
    capturing_minor: number
    refunding_minor: number
    is_releasing: number
    held_until_ms: number | null
    failures: number
    decline_reason: string | null
    decision: string | null
    /** Of how much the bank refused what the merchant asked for, and why; null where it is news of something else. */
    refused_minor: number | null
    refusal_reason: string | null
  }
  /** What its payer has on paper, of which only the hash is kept; SHA-256, base64url. */
  recovery_code: { payer_id: string; code_hash: string; made_at_ms: number }
  webhook_endpoint: {
    id: string
    merchant_id: string
    mode: KeyMode
    url: string
    state: 'enabled' | 'disabled' | 'gone'
    /** What its webhooks are signed with, closed at rest. */
    keys_closed: string
    created_at_ms: number
  }
  /** An event that an endpoint is to hear of, written with the event. */
  delivery: {
    endpoint_id: string
    event_id: string
    payment_id: string
    /** Of the move. */
    number: number
    attempts: number
    /** When to try again; while somebody tries, when they are taken for dead. Null once it is delivered, or given up. */
    next_attempt_at_ms: number | null
  }
  delivery_attempt: {
    endpoint_id: string
    event_id: string
    /** Of this endpoint's attempts, in order. */
    at_ms: number
    number: number
    /** Null where there was no answer; then `failure` says why. */
    status: number | null
    failure: string | null
    /** Null of those that were made before it was measured. */
    duration_ms: number | null
    next_attempt_at_ms: number | null
  }
  /** Where the bank's books and ours were last found to differ. */
  difference: {
    reference: string
    payment_id: string
    /** What differs, and what it is on either side, in words for people. */
    about: string
    ours: string
    banks: string
    found_at_ms: number
  }
  payer: {
    id: string
    name_hash: string
    skeleton_hash: string
    /** `{ username, display }`, closed at rest. */
    profile_closed: string
    user_handle: string
    created_at_ms: number
    /** When it was closed for good; null while it is somebody's. The hashes stay, so that nobody is given the name again. */
    closed_at_ms: number | null
    /** Whether cards of a closed account may still be there. */
    has_cards_to_go: number
    /** How often a passkey was added or removed: numbers what the bank is told of them, and lets one change happen at a time. */
    passkey_changes: number
  }
  passkey: {
    credential_id: string
    payer_id: string
    public_key: string
    /** SHA-256 of the public key, base64url. */
    thumbprint: string
    counter: number
    backup_eligible: number
    is_backed_up: number
    transports: string
    aaguid: string
    created_at_ms: number
    /** Closed at rest; null where the payer gave none. */
    nickname_closed: string | null
    last_used_at_ms: number | null
    /** The recovery that took its name from it, which it can undo for a while; null: it signs in and pays. */
    displaced_by: string | null
  }
  /** A name that somebody with its recovery code is getting back, or has got back. */
  recovery: {
    id: string
    payer_id: string
    /** SHA-256, base64url. */
    secret_hash: string
    /** JSON: the new passkey. */
    passkey: string
    state: RecoveryState
    started_at_ms: number
    /** By the bank's clock, where it was asked. */
    recovered_at_ms: number | null
    /** By our own clock: what was kept of the name between these two goes with the undoing. Null of one of before they were written down. */
    taken_at_ms: number | null
    undone_at_ms: number | null
    /** When to ask the bank again, when the time to undo it is over, or when to take off what came meanwhile; null where nothing is left to be done. */
    next_asking_at_ms: number | null
  }
  /** Something the bank must be told of a passkey, for all cards of its payer. Written down together with the passkey; told until it is heard. */
  passkey_wish: {
    payer_id: string
    /** Of this payer's wishes, which the bank is told in this order. */
    number: number
    kind: PasskeyWishKind
    thumbprint: string
    /** Of a `bind`, closed at rest: the passkey, and what the one that vouches for it signed. */
    binding_closed: string | null
    askings: number
    /** When to tell the bank; null once it has answered. */
    next_asking_at_ms: number | null
  }
  /** A payer's invitation to make a passkey on another device: one at a time. */
  invitation: {
    payer_id: string
    secret_hash: string
    expires_at_ms: number
    /** The passkey that was made and its device's proof, closed at rest; null while nobody has come. */
    made_closed: string | null
  }
  /** A bill that one screen shows and a phone pays. */
  handoff: {
    /** SHA-256 of what the link has behind its `#`, base64url. */
    secret_hash: string
    /** SHA-256 of what the first screen asks by. */
    handle_hash: string
    payment_id: string
    /** What the first screen shows and the phone has to say. */
    number: number
    state: string
    expires_at_ms: number
  }
  session: {
    token_hash: string
    payer_id: string
    /** The passkey that opened it. */
    credential_id: string
    created_at_ms: number
    used_at_ms: number
  }
  /** A browser in which a payer wants to hear of payments. */
  push_subscription: {
    /** SHA-256 of its endpoint, base64url. */
    id: string
    payer_id: string
    /** The passkey that signed them in there: whoever is without it hears nothing any more. */
    credential_id: string
    /** Its endpoint and keys, and the language of its messages, closed at rest. */
    subscription_closed: string
    created_at_ms: number
  }
  /** What a browser is to be told and has not heard yet. */
  push_notice: {
    subscription_id: string
    /** The payment, or what happened to the name: of one subject only the last is told. */
    subject: string
    kind: NoticeKind
    /** Tells this one from others of its subject: of a payment, that of the move. */
    number: number
    at_ms: number
    attempts: number
    /** While somebody tries, when they are taken for dead. */
    next_attempt_at_ms: number
  }
  /** Somebody of a merchant's, from their invitation on; with the one passkey they made of it. */
  merchant_person: {
    id: string
    merchant_id: string
    /** What those who invited them call them; null where they did not say, and once they are removed. */
    name: string | null
    role: ConsoleRole
    user_handle: string
    /** SHA-256 of what stands in the link, base64url; null once somebody came by it. */
    invitation_hash: string | null
    invited_until_ms: number
    credential_id: string | null
    public_key: string | null
    counter: number
    backup_eligible: number
    is_backed_up: number
    created_at_ms: number
    joined_at_ms: number | null
    removed_at_ms: number | null
  }
  merchant_session: { token_hash: string; person_id: string; created_at_ms: number; used_at_ms: number }
  consumed_intent: { nonce: string; not_after_ms: number }
}

type RecoveryState = (typeof nameRecoveryStates)[number]

export const passkeyWishKinds = ['bind', 'revoke', 'undo'] as const
type PasskeyWishKind = (typeof passkeyWishKinds)[number]

export const operationKinds = ['capture', 'refund', 'void', 'expire'] as const
export const operationStates = ['asking', 'unknown', 'done', 'refused'] as const

/** Something asked of the bank about an authorization. Written down, with its name there, before the bank is asked. */
type OperationRow = {
  payment_id: string
  /** Of this payment's operations: made of the merchant's Idempotency-Key, and the bank's name for it too. */
  name: string
  kind: (typeof operationKinds)[number]
  /** Of the authorization. */
  authorization_reference: string
  amount_minor: number
  currency: string
  /** The merchant's own words. */
  reason: string | null
  state: (typeof operationStates)[number]
  decline_reason: string | null
  /** How often the bank was asked. */
  askings: number
  /** When to ask again; while somebody is asking, when they are taken for dead. Null once the bank has answered. */
  next_asking_at_ms: number | null
  /** The bank's signed answer (compact JWS). */
  answer: string | null
  asked_at_ms: number
  settled_at_ms: number | null
}

export const paymentMigrations: Migrations = (engine) => ({
  '001-payments': { up: createPayments },
  '002-identity': { up: createIdentity },
  '003-evidence': { up: addEvidence },
  '004-operations': { up: createOperations },
  '005-activity': { up: findPaymentsByPayer },
  '006-passkeys': { up: changePasskeys },
  '007-closing': { up: closeAccounts },
  '008-api-keys': { up: (db) => createApiKeys(db, engine) },
  '009-lists': { up: findPaymentsByMerchant },
  '010-metadata': { up: addMetadata },
  '011-events': { up: createEvents },
  '012-lines': { up: addLines },
  '013-recovery-code': { up: createRecoveryCodes },
  '014-ceremonies': { up: addCeremony },
  '018-decisions': { up: addDecisions },
  '015-recovery': { up: createRecoveries },
  '019-merchant-people': { up: createMerchantPeople },
  '020-refusals': { up: addRefusals },
  '016-approvals': { up: createHandoffs },
  '022-push': { up: createPush },
  '021-attempt-durations': { up: timeAttempts },
  '024-person-names': { up: nameMerchantPeople },
  '025-heard-undoings': { up: forgetHeardUndoings },
  '026-taken-names': { up: timeTakenNames },
})

async function createPayments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('merchant')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull().unique())
    .addColumn('api_key_hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('idempotency')
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('route', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('answer_status', 'integer')
    .addColumn('answer_body', 'text')
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_key', ['merchant_id', 'route', 'key'])
    .execute()
  await db.schema.createIndex('idempotency_age').on('idempotency').column('started_at_ms').execute()
  await db.schema
    .createTable('payment')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('amount_minor', 'bigint', (column) => column.notNull().check(sql`amount_minor > 0`))
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('captured_minor', 'bigint', (column) => column.notNull().check(sql`captured_minor <= amount_minor`))
    .addColumn('refunded_minor', 'bigint', (column) => column.notNull().check(sql`refunded_minor <= captured_minor`))
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('success_url', 'text', (column) => column.notNull())
    .addColumn('cancel_url', 'text', (column) => column.notNull())
    .addColumn('capture', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('moves', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull().check(sql`failures <= 5`))
    .addColumn('tries', 'integer', (column) => column.notNull().check(sql`tries <= 5`))
    .addColumn('decline_reason', 'text')
    .addColumn('authorization_reference', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  // Partial, because the worker that expires bills looks at open ones only, and they are few.
  await db.schema
    .createIndex('payment_open')
    .on('payment')
    .column('expires_at_ms')
    .where(sql.ref('state'), 'in', [sql.lit('created'), sql.lit('declined')])
    .execute()
  await db.schema
    .createTable('payment_transition')
    .addColumn('payment_id', 'text', (column) => column.notNull().references('payment.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('payment_transition_key', ['payment_id', 'number'])
    .execute()
  await db.schema
    .createTable('authorization')
    .addColumn('reference', 'text', (column) => column.primaryKey())
    .addColumn('payment_id', 'text', (column) => column.notNull().references('payment.id'))
    .addColumn('payer_id', 'text', (column) => column.notNull())
    .addColumn('card_id', 'text', (column) => column.notNull())
    .addColumn('card_brand', 'text', (column) => column.notNull())
    .addColumn('card_last4', 'text', (column) => column.notNull())
    .addColumn('intent_nonce', 'text', (column) => column.notNull())
    .addColumn('body_closed', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('inquiries', 'integer', (column) => column.notNull())
    .addColumn('next_inquiry_at_ms', 'bigint')
    .addColumn('answer', 'text')
    .addColumn('approval_code', 'text')
    .addColumn('booked_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('authorization_unanswered')
    .on('authorization')
    .column('next_inquiry_at_ms')
    .where(sql.ref('next_inquiry_at_ms'), 'is not', null)
    .execute()
}

async function createIdentity(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('payer')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name_hash', 'text', (column) => column.notNull().unique())
    .addColumn('skeleton_hash', 'text', (column) => column.notNull().unique())
    .addColumn('profile_closed', 'text', (column) => column.notNull())
    .addColumn('user_handle', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('passkey')
    .addColumn('credential_id', 'text', (column) => column.primaryKey())
    .addColumn('payer_id', 'text', (column) => column.notNull().references('payer.id'))
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('is_backed_up', 'integer', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('aaguid', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('passkey_of_payer').on('passkey').column('payer_id').execute()
  await db.schema
    .createTable('session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('payer_id', 'text', (column) => column.notNull().references('payer.id'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('session_used').on('session').column('used_at_ms').execute()
  await db.schema
    .createTable('consumed_intent')
    .addColumn('nonce', 'text', (column) => column.primaryKey())
    .addColumn('not_after_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('consumed_intent_age').on('consumed_intent').column('not_after_ms').execute()
}

async function addEvidence(db: Kysely<unknown>): Promise<void> {
  for (const name of ['challenge', 'passkey']) {
    await db.schema
      .alterTable('authorization')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  }
}

async function createOperations(db: Kysely<unknown>): Promise<void> {
  const payment = () => db.schema.alterTable('payment')
  await payment()
    .addColumn('capturing_minor', 'bigint', (column) =>
      column.notNull().defaultTo(0).check(sql`capturing_minor between 0 and amount_minor - captured_minor`),
    )
    .execute()
  await payment()
    .addColumn('refunding_minor', 'bigint', (column) =>
      column.notNull().defaultTo(0).check(sql`refunding_minor between 0 and captured_minor - refunded_minor`),
    )
    .execute()
  await payment()
    .addColumn('is_releasing', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await payment().addColumn('held_until_ms', 'bigint').execute()
  await sql`update payment set held_until_ms = ${sql.lit(holdLifetimeMs)} + (select booked_at_ms from "authorization"
    where "authorization".reference = payment.authorization_reference) where state = 'authorized'`.execute(db)
  // Partial, because most payments are captured at once and never held.
  await db.schema
    .createIndex('payment_held')
    .on('payment')
    .column('held_until_ms')
    .where(sql.ref('state'), '=', sql.lit('authorized'))
    .execute()
  await db.schema.createIndex('payment_state').on('payment').column('state').execute()
  await db.schema
    .createTable('operation')
    .addColumn('payment_id', 'text', (column) => column.notNull().references('payment.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('authorization_reference', 'text', (column) => column.notNull().references('authorization.reference'))
    .addColumn('amount_minor', 'bigint', (column) => column.notNull().check(sql`amount_minor > 0`))
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('decline_reason', 'text')
    .addColumn('askings', 'integer', (column) => column.notNull())
    .addColumn('next_asking_at_ms', 'bigint')
    .addColumn('answer', 'text')
    .addColumn('asked_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('settled_at_ms', 'bigint')
    .addPrimaryKeyConstraint('operation_key', ['payment_id', 'name'])
    .execute()
  await db.schema
    .createIndex('operation_unanswered')
    .on('operation')
    .column('next_asking_at_ms')
    .where(sql.ref('next_asking_at_ms'), 'is not', null)
    .execute()
  await db.schema
    .createTable('difference')
    .addColumn('reference', 'text', (column) => column.notNull())
    .addColumn('payment_id', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('ours', 'text', (column) => column.notNull())
    .addColumn('banks', 'text', (column) => column.notNull())
    .addColumn('found_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('difference_key', ['reference', 'about'])
    .execute()
}

/** A payer looks at what they paid last, first. */
async function findPaymentsByPayer(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('authorization_of_payer')
    .on('authorization')
    .columns(['payer_id', 'started_at_ms', 'reference'])
    .execute()
}

async function changePasskeys(db: Kysely<PaymentTables>): Promise<void> {
  await db.schema
    .alterTable('payer')
    .addColumn('passkey_changes', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('passkey')
    .addColumn('thumbprint', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await db.schema.alterTable('passkey').addColumn('nickname_closed', 'text').execute()
  await db.schema.alterTable('passkey').addColumn('last_used_at_ms', 'bigint').execute()
  for (const { credential_id, public_key } of await db
    .selectFrom('passkey')
    .select(['credential_id', 'public_key'])
    .execute()) {
    const thumbprint = await passkeyThumbprint(public_key)
    await db.updateTable('passkey').set({ thumbprint }).where('credential_id', '=', credential_id).execute()
  }
  await db.schema
    .createIndex('passkey_by_thumbprint')
    .on('passkey')
    .columns(['payer_id', 'thumbprint'])
    .unique()
    .execute()
  // Nobody knows which passkey opened the sessions of before: who is signed in signs in once more.
  await db.deleteFrom('session').execute()
  await db.schema
    .alterTable('session')
    .addColumn('credential_id', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  // No reference to a passkey: what the bank must be told of one outlives it.
  await db.schema
    .createTable('passkey_wish')
    .addColumn('payer_id', 'text', (column) => column.notNull().references('payer.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('binding_closed', 'text')
    .addColumn('askings', 'integer', (column) => column.notNull())
    .addColumn('next_asking_at_ms', 'bigint')
    .addPrimaryKeyConstraint('passkey_wish_key', ['payer_id', 'number'])
    .execute()
  await db.schema
    .createIndex('passkey_wish_due')
    .on('passkey_wish')
    .column('next_asking_at_ms')
    .where(sql.ref('next_asking_at_ms'), 'is not', null)
    .execute()
  await db.schema
    .createTable('invitation')
    .addColumn('payer_id', 'text', (column) => column.primaryKey().references('payer.id'))
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('made_closed', 'text')
    .execute()
}

async function closeAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('payer').addColumn('closed_at_ms', 'bigint').execute()
  await db.schema
    .alterTable('payer')
    .addColumn('has_cards_to_go', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  // Partial, because few accounts are being closed at any time, and the worker looks at those alone.
  await db.schema
    .createIndex('payer_with_cards_to_go')
    .on('payer')
    .column('closed_at_ms')
    .where(sql.ref('has_cards_to_go'), '=', sql.lit(1))
    .execute()
}

/** The one key that each merchant had becomes the first of several. */
async function createApiKeys(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('mode', 'text', (column) => column.notNull().check(sql`mode in ('test', 'live')`))
    .addColumn('scope', 'text', (column) => column.notNull().check(sql`scope in ('read', 'payments', 'full')`))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('last4', 'text', (column) => column.notNull())
    .addColumn('is_configured', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint')
    .addColumn('revoked_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('api_key_of_merchant').on('api_key').column('merchant_id').execute()
  await sql`insert into api_key (id, merchant_id, mode, scope, name, secret_hash, last4, is_configured, created_at_ms)
    select replace(id, 'merchant_', 'key_'), id, 'live', 'full', 'Configured', api_key_hash, '', 1, created_at_ms
    from merchant`.execute(db)
  await (engine === 'postgres' ? sql`alter table merchant drop column api_key_hash`.execute(db) : rebuildMerchant(db))
  await db.schema
    .alterTable('payment')
    .addColumn('mode', 'text', (column) => column.notNull().defaultTo('live').check(sql`mode in ('test', 'live')`))
    .execute()
}

/** SQLite drops no column that is unique: the table is made anew (https://www.sqlite.org/lang_altertable.html#otheralter). */
async function rebuildMerchant(db: Kysely<unknown>): Promise<void> {
  await sql`pragma foreign_keys = off`.execute(db)
  await db.schema
    .createTable('merchant_without_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into merchant_without_key select id, name, origin, created_at_ms from merchant`.execute(db)
  await db.schema.dropTable('merchant').execute()
  await db.schema.alterTable('merchant_without_key').renameTo('merchant').execute()
  await sql`pragma foreign_keys = on`.execute(db)
}

/** A merchant looks at what was asked for last, first, or at one order. */
async function findPaymentsByMerchant(db: Kysely<unknown>): Promise<void> {
  const payments = (name: string) => db.schema.createIndex(name).on('payment')
  await payments('payment_of_merchant').columns(['merchant_id', 'mode', 'created_at_ms', 'id']).execute()
  await payments('payment_by_reference').columns(['merchant_id', 'reference']).execute()
}

async function addMetadata(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('payment')
    .addColumn('metadata', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute()
}

async function addLines(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('payment')
    .addColumn('lines', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute()
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('event')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('payment_id', 'text', (column) => column.notNull().references('payment.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('captured_minor', 'bigint', (column) => column.notNull())
    .addColumn('refunded_minor', 'bigint', (column) => column.notNull())
    .addColumn('capturing_minor', 'bigint', (column) => column.notNull())
    .addColumn('refunding_minor', 'bigint', (column) => column.notNull())
    .addColumn('is_releasing', 'integer', (column) => column.notNull())
    .addColumn('held_until_ms', 'bigint')
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('decline_reason', 'text')
    .addUniqueConstraint('event_of_payment', ['payment_id', 'number'])
    .execute()
  await db.schema.createIndex('event_of_merchant').on('event').columns(['merchant_id', 'mode', 'at_ms', 'id']).execute()
  await db.schema
    .createTable('webhook_endpoint')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('keys_closed', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('webhook_endpoint_of_url', ['merchant_id', 'mode', 'url'])
    .execute()
  await db.schema
    .createTable('delivery')
    .addColumn('endpoint_id', 'text', (column) => column.notNull().references('webhook_endpoint.id'))
    .addColumn('event_id', 'text', (column) => column.notNull().references('event.id'))
    .addColumn('payment_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at_ms', 'bigint')
    .addPrimaryKeyConstraint('delivery_key', ['endpoint_id', 'payment_id', 'number'])
    .execute()
  await db.schema
    .createIndex('delivery_due')
    .on('delivery')
    .column('next_attempt_at_ms')
    .where(sql.ref('next_attempt_at_ms'), 'is not', null)
    .execute()
  await db.schema
    .createTable('delivery_attempt')
    .addColumn('endpoint_id', 'text', (column) => column.notNull().references('webhook_endpoint.id'))
    .addColumn('event_id', 'text', (column) => column.notNull().references('event.id'))
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('failure', 'text')
    .addColumn('next_attempt_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('delivery_attempt_of_endpoint')
    .on('delivery_attempt')
    .columns(['endpoint_id', 'at_ms'])
    .execute()
  await db.schema.createIndex('delivery_attempt_age').on('delivery_attempt').column('at_ms').execute()
}

/** What was decided before stays untold: it names the payer's passkey, by which merchants could find out that they have the same customer. */
async function addDecisions(db: Kysely<unknown>): Promise<void> {
  for (const table of ['payment', 'event']) await db.schema.alterTable(table).addColumn('decision', 'text').execute()
}

/** Until then the wallet's page alone asked payers. */
async function addCeremony(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('authorization')
    .addColumn('ceremony', 'text', (column) => column.notNull().defaultTo('webauthn.get'))
    .execute()
}

async function createRecoveryCodes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recovery_code')
    .addColumn('payer_id', 'text', (column) => column.primaryKey().references('payer.id'))
    .addColumn('code_hash', 'text', (column) => column.notNull())
    .addColumn('made_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

async function createRecoveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recovery')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('payer_id', 'text', (column) => column.notNull().references('payer.id'))
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('passkey', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('recovered_at_ms', 'bigint')
    .addColumn('next_asking_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('recovery_of_payer').on('recovery').column('payer_id').execute()
  await db.schema
    .createIndex('recovery_due')
    .on('recovery')
    .column('next_asking_at_ms')
    .where(sql.ref('next_asking_at_ms'), 'is not', null)
    .execute()
  await db.schema.alterTable('passkey').addColumn('displaced_by', 'text').execute()
}

async function createMerchantPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('merchant_person')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('merchant_id', 'text', (column) => column.notNull().references('merchant.id'))
    .addColumn('role', 'text', (column) => column.notNull().check(sql`role in ('viewer', 'staff', 'owner')`))
    .addColumn('user_handle', 'text', (column) => column.notNull().unique())
    .addColumn('invitation_hash', 'text', (column) => column.unique())
    .addColumn('invited_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('credential_id', 'text', (column) => column.unique())
    .addColumn('public_key', 'text')
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('is_backed_up', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('joined_at_ms', 'bigint')
    .addColumn('removed_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('person_of_merchant').on('merchant_person').column('merchant_id').execute()
  await db.schema
    .createTable('merchant_session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('person_id', 'text', (column) => column.notNull().references('merchant_person.id'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('merchant_session_used').on('merchant_session').column('used_at_ms').execute()
}

async function timeAttempts(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('delivery_attempt').addColumn('duration_ms', 'bigint').execute()
}

async function nameMerchantPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('merchant_person').addColumn('name', 'text').execute()
}

async function addRefusals(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('event').addColumn('refused_minor', 'bigint').execute()
  await db.schema.alterTable('event').addColumn('refusal_reason', 'text').execute()
}

async function createHandoffs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('handoff')
    .addColumn('secret_hash', 'text', (column) => column.primaryKey())
    .addColumn('handle_hash', 'text', (column) => column.notNull().unique())
    .addColumn('payment_id', 'text', (column) => column.notNull().references('payment.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('handoff_of_payment').on('handoff').column('payment_id').execute()
  await db.schema.createIndex('handoff_age').on('handoff').column('expires_at_ms').execute()
}

async function createPush(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('push_subscription')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('payer_id', 'text', (column) => column.notNull().references('payer.id'))
    .addColumn('credential_id', 'text', (column) =>
      column.notNull().references('passkey.credential_id').onDelete('cascade'),
    )
    .addColumn('subscription_closed', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('push_subscription_of_payer').on('push_subscription').column('payer_id').execute()
  await db.schema.createIndex('push_subscription_by').on('push_subscription').column('credential_id').execute()
  await db.schema
    .createTable('push_notice')
    .addColumn('subscription_id', 'text', (column) =>
      column.notNull().references('push_subscription.id').onDelete('cascade'),
    )
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('push_notice_key', ['subscription_id', 'subject'])
    .execute()
  await db.schema.createIndex('push_notice_due').on('push_notice').column('next_attempt_at_ms').execute()
}

/** What was signed for it is kept until the bank has heard it, and was kept for longer before. */
async function forgetHeardUndoings(db: Kysely<PaymentTables>): Promise<void> {
  const heard = db.updateTable('passkey_wish').where('kind', '=', 'undo').where('next_asking_at_ms', 'is', null)
  await heard.set({ binding_closed: null }).execute()
}

async function timeTakenNames(db: Kysely<unknown>): Promise<void> {
  for (const name of ['taken_at_ms', 'undone_at_ms']) {
    await db.schema.alterTable('recovery').addColumn(name, 'bigint').execute()
  }
}
