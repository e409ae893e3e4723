import { createHash } from 'node:crypto'
import { base64url } from '../../shared/bytes.ts'
import { type CanonicalValue, canonicalJson } from '../../shared/canonical-json.ts'
import { isWithinLimits, nothingSpent } from '../../shared/card-limits.ts'
import { faceOf, hasExpired } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import { challengeOf } from '../../shared/intent.ts'
import { money } from '../../shared/money.ts'
import { paymentDialogsOf } from '../../shared/payment-dialog.ts'
import { Problem } from '../../shared/problem.ts'
import { recoveredLimits } from '../../shared/recovery.ts'
import { type BankAnswer, type BankBody, holdLifetimeMs } from '../../shared/wire/bank-api.ts'
import { lock } from '../runtime/lock.ts'
import {
  type Authorization,
  authorizationsOf,
  consumeNonce,
  type EnrolledFace,
  isReversed,
  isStanding,
  outcomeOf,
} from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openSignedRecord, type SignedRecord } from './bound-record.ts'
import { limitsOf } from './card-limits.ts'
import { type CardRecordContents, initialLimits } from './card-record.ts'
import { isSigned } from './check-evidence.ts'
import { confirmationOf } from './confirmation-store.ts'
import { eventsOf, isFrozen } from './enrolment-store.ts'
import { placeHold } from './hold-store.ts'
import { accountFor, asksCardholder, findKnownCard, standingRefusal } from './known-card.ts'
import { type BankTransaction, lockAccount, standingOf } from './ledger.ts'
import { limitHistoryOf, spentFrom } from './limit-store.ts'
import { heldRecovery } from './recovery-store.ts'
import { declined } from './response-codes.ts'
import type { CardEventKind } from './schema.ts'
import { bookCapture } from './settlement.ts'

/**
 * Asks for money. The bank believes nothing but the payer's own signature over what it books.
 *
 * Nothing is written until all is decided, and then in one transaction: a crash leaves all of it or nothing.
 * @throws {Problem} `reference-reused` for another request under a reference that was decided
 */
export async function authorize(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'authorize'>,
): Promise<BankAnswer<'authorize'>> {
  const digest = createHash('sha256')
    .update(canonicalJson(body as CanonicalValue))
    .digest('base64url')
  // Signatures are checked before the transaction: they take longest, and depend on nothing that it could change.
  const proven = await provenRecord(bank, from, body)
  const challenge = proven === null ? '' : base64url(await challengeOf(body.evidence.intent))
  const order: Order = { bank, from, body, digest, proven, challenge }
  return bank.database.inTransaction((transaction) => decide(order, transaction))
}

type Order = {
  readonly bank: Bank
  readonly from: PaymentServer
  readonly body: BankBody<'authorize'>
  readonly digest: string
  /** The card it is paid with and the passkey that signed, where the payer's evidence holds; null where anything about it does not. */
  readonly proven: SignedRecord | null
  /** Of the intent that is booked, base64url; empty where the evidence does not hold. */
  readonly challenge: string
}

/** The record opens only for the payer, card and passkey it was made for, and only under an intent that this passkey signed. */
async function provenRecord(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'authorize'>,
): Promise<SignedRecord | null> {
  const { intent, assertion } = body.evidence
  const signed = await openSignedRecord(bank, from, body.record, assertion)
  if (signed === null || !isAbout(body, signed.contents)) return null
  const dialogs = paymentDialogsOf(intent, faceOf(signed.contents.number))
  return (await isSigned(bank, from, intent, assertion, signed.passkey, dialogs)) ? signed : null
}

/** One payer, one card, one payment, wherever they are named: what is booked is what the intent says, and that is what was signed. */
function isAbout(body: BankBody<'authorize'>, contents: CardRecordContents): boolean {
  const { reference, payment, payer, evidence } = body
  const { intent } = evidence
  return (
    reference.startsWith(`${payment}.`) &&
    intent.payment === payment &&
    intent.payer === payer &&
    intent.card === contents.card &&
    contents.payer === payer
  )
}

async function decide(order: Order, transaction: BankTransaction): Promise<BankAnswer<'authorize'>> {
  const { bank, from, body } = order
  // An authorization and the reversal that overtook it must see each other.
  await lock(transaction, bank.database.engine, from.issuer, body.payment)
  const tries = await authorizationsOf(transaction, from.issuer, body.payment)
  const decided = tries.find(({ reference }) => reference === body.reference)
  if (decided !== undefined) return answerAgain(decided, order.digest)
  if (await isReversed(transaction, from.issuer, body.reference)) {
    return declined(body.reference, body.evidence.intent.amount, 'reversed')
  }
  const verdict = await judge(order, transaction, tries)
  return asAnswer(await write(order, transaction, verdict))
}

/** An account that pays, or the reason why none does. */
type Verdict =
  | { readonly account: string; readonly reason: null }
  | { readonly account: string | null; readonly reason: DeclineReason }

async function judge(order: Order, transaction: BankTransaction, tries: readonly Authorization[]): Promise<Verdict> {
  const { bank, from, body, proven } = order
  const { nonce, amount } = body.evidence.intent
  const once = { paymentServer: from.issuer, nonce, reference: body.reference, nowMs: bank.clock.nowMs() }
  if (proven === null || !(await consumeNonce(transaction, once))) return no('evidence-refused')
  const { contents: record } = proven
  if (tries.some(isStanding)) return no('not-permitted')
  const known = await findKnownCard(bank, transaction, record.number)
  if (known === null) return no('invalid-card')
  const reason =
    eventRefusal(await eventsOf(transaction, from.issuer, record.card)) ??
    standingRefusal(known, amount) ??
    (hasExpired(record.expiry, bank.clock.nowMs()) ? 'expired-card' : null)
  if (reason !== null) return no(reason)
  if (asksCardholder(known)) {
    const said = await confirmationOf(transaction, from.issuer, record.card)
    if (said?.is_confirmed !== 1) return no('not-permitted')
  }
  const account = await accountFor(bank, transaction, known, record.holder, amount.currency)
  if (account === null) return no('not-permitted')
  await lockAccount(transaction, bank.database.engine, account)
  const limited = await limitReason(order, transaction, record, account)
  if (limited !== null) return { account, reason: limited }
  const { availableMinor } = await standingOf(transaction, account)
  return availableMinor < amount.minor ? { account, reason: 'insufficient-funds' } : { account, reason: null }
}

const no = (reason: DeclineReason): Verdict => ({ account: null, reason })

function eventRefusal(events: readonly CardEventKind[]): DeclineReason | null {
  if (events.includes('unbound')) return 'evidence-refused'
  return isFrozen(events) ? 'card-frozen' : null
}

/** Called with the account locked, so that payments side by side see each other. */
async function limitReason(
  { bank, from, body }: Order,
  transaction: BankTransaction,
  record: CardRecordContents,
  account: string,
): Promise<DeclineReason | null> {
  const nowMs = bank.clock.nowMs()
  const limits = limitsOf(initialLimits(record), await limitHistoryOf(transaction, from.issuer, record.card), nowMs)
  const isSpentLimited = limits !== null && (limits.perDayMinor !== null || limits.perMonthMinor !== null)
  const spentInAll = () => spentFrom(transaction, { paymentServer: from.issuer, payer: record.payer, account, nowMs })
  const spent = isSpentLimited ? await spentInAll() : nothingSpent
  const { amount } = body.evidence.intent
  const held = await heldRecovery(transaction, { payment_server: from.issuer, payer: record.payer }, nowMs)
  if (held !== null && !isWithinLimits(recoveredLimits(amount.currency), amount, await spentInAll()))
    return 'limit-exceeded'
  return isWithinLimits(limits, amount, spent) ? null : 'limit-exceeded'
}

async function write(order: Order, transaction: BankTransaction, verdict: Verdict): Promise<Authorization> {
  const { bank, from, body } = order
  const { amount, payee, card } = body.evidence.intent
  const nowMs = bank.clock.nowMs()
  const row = {
    payment_server: from.issuer,
    reference: body.reference,
    payment: body.payment,
    request_digest: order.digest,
    challenge: order.challenge,
    card,
    payer: body.payer,
    account: verdict.account,
    payee: payee.id,
    payee_name: payee.name,
    amount_minor: amount.minor,
    currency: amount.currency,
    reason: verdict.reason,
    approval_code: verdict.reason === null ? approvalCode(bank) : null,
    decided_at_ms: nowMs,
    thumbprint: order.proven?.passkey.thumbprint ?? null,
    ceremony: order.proven === null ? null : body.evidence.assertion.ceremony,
  }
  await transaction.insertInto('authorization').values(row).execute()
  const nothingYet = { reversed_at_ms: null, captured_minor: 0, refunded_minor: 0 }
  const authorization = { ...row, ...faceOfRecord(order.proven), ...nothingYet }
  if (verdict.reason !== null) return authorization
  if (body.capture === 'automatic') {
    await bookCapture(bank, transaction, authorization, { name: 'automatic', minor: amount.minor, isFinal: true })
    return { ...authorization, captured_minor: amount.minor }
  }
  await placeHold(transaction, {
    payment_server: from.issuer,
    reference: body.reference,
    account: verdict.account,
    amount_minor: amount.minor,
    expires_at_ms: nowMs + holdLifetimeMs,
  })
  return authorization
}

const faceOfRecord = (proven: SignedRecord | null): EnrolledFace =>
  proven === null ? { brand: null, last4: null } : faceOf(proven.contents.number)

// 32 of them, so that every byte is as likely as another; without I, L, O and 1, which look alike.
const approvalAlphabet = '023456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** ISO 8583 field 38. */
const approvalCode = (bank: Bank): string =>
  Array.from(bank.random(6), (byte) => approvalAlphabet.charAt(byte % approvalAlphabet.length)).join('')

async function answerAgain(decided: Authorization, digest: string): Promise<BankAnswer<'authorize'>> {
  if (decided.request_digest !== digest) throw new Problem('reference-reused')
  return asAnswer(decided)
}

async function asAnswer(authorization: Authorization): Promise<BankAnswer<'authorize'>> {
  const outcome = await outcomeOf(authorization)
  if (outcome.outcome !== 'reversed') return outcome
  return declined(outcome.reference, money(authorization.amount_minor, authorization.currency), 'reversed')
}
