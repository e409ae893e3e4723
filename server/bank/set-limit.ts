import { areSameLimits, isRaise } from '../../shared/card-limits.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { lock } from '../runtime/lock.ts'
import { limitStandingOf } from './allowance.ts'
import { consumeNonce } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openSignedRecord, type SignedRecord } from './bound-record.ts'
import { limitsOf } from './card-limits.ts'
import { initialLimits } from './card-record.ts'
import { hasSigned, isOfNow } from './check-evidence.ts'
import { eventsOf } from './enrolment-store.ts'
import type { BankTransaction } from './ledger.ts'
import { type KeptRequest, keepRequest, keepSecond, limitHistoryOf } from './limit-store.ts'
import { longBoundOf } from './passkey-store.ts'
import { heldRecovery } from './recovery-store.ts'
import { refused } from './response-codes.ts'

/** Sets what a card may be asked for. Only its payer can: by a passkey that pays with it. */
export async function setLimit(bank: Bank, from: PaymentServer, body: BankBody<'limit'>): Promise<BankAnswer<'limit'>> {
  const bound = await openSignedRecord(bank, from, body.record, body.evidence.assertion)
  if (bound === null || bound.contents.card !== body.card) return refused(body.card, 'invalid-card')
  const isAgreed = await isAgreedTo(bank, from, body, bound)
  return bank.database.inTransaction(async (transaction) => {
    await lock(transaction, bank.database.engine, from.issuer, body.card)
    const { requests } = await limitHistoryOf(transaction, from.issuer, body.card)
    const isKept = requests.some(({ nonces }) => nonces.includes(body.evidence.intent.nonce))
    if (!isKept && !(isAgreed && (await keep(bank, bound, body, requests.at(-1), transaction)))) {
      return refused(body.card, 'evidence-refused')
    }
    return { outcome: 'limited', ...(await limitStandingOf(bank, transaction, bound.contents)) }
  })
}

async function isAgreedTo(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'limit'>,
  { contents, passkey }: SignedRecord,
): Promise<boolean> {
  const { intent, assertion } = body.evidence
  const isAbout = intent.card === contents.card && intent.payer === contents.payer && body.payer === contents.payer
  // Of any age: the bank may have been out of reach for long, and its number keeps it from undoing a later one.
  return isAbout && (await hasSigned(bank, from, intent, assertion, passkey))
}

/** @returns false where the intent was used before, the passkey is not the card's any more, or its name was recovered too short a while ago to raise */
async function keep(
  bank: Bank,
  bound: SignedRecord,
  { card, evidence }: BankBody<'limit'>,
  last: KeptRequest | undefined,
  transaction: BankTransaction,
): Promise<boolean> {
  const nowMs = bank.clock.nowMs()
  const { paymentServer } = bound.contents
  const { nonce, limits, change, notAfter } = evidence.intent
  if ((await eventsOf(transaction, paymentServer, card)).includes('unbound')) return false
  if (await isHeldBack(bank, bound, limits, transaction)) return false
  if (!(await consumeNonce(transaction, { paymentServer, nonce, reference: card, nowMs }))) return false
  const { thumbprint } = bound.passkey
  const of = { payment_server: paymentServer, card }
  const mayRaise = isOfNow(bank, { notAfter })
  if (last === undefined || change > last.change) {
    const said = { place: change, nonce, set_at_ms: nowMs, thumbprint, may_raise: mayRaise ? 1 : 0 }
    await keepRequest(transaction, of, limits, said)
  } else if (mayRaise && (await isSeconded(bound, last, evidence.intent, transaction, nowMs))) {
    await keepSecond(transaction, { ...of, place: change, nonce, thumbprint, seconded_at_ms: nowMs })
  }
  return true
}

/** After a recovery, limits are lowered alone for a while. */
async function isHeldBack(
  bank: Bank,
  { contents }: SignedRecord,
  asked: CardLimits,
  transaction: BankTransaction,
): Promise<boolean> {
  const { paymentServer, payer, card } = contents
  const nowMs = bank.clock.nowMs()
  if ((await heldRecovery(transaction, { payment_server: paymentServer, payer }, nowMs)) === null) return false
  const history = await limitHistoryOf(transaction, paymentServer, card)
  return isRaise(limitsOf(initialLimits(contents), history, nowMs), asked)
}

/** Whether this is the second passkey's word for the very change that was made last. */
async function isSeconded(
  { contents, passkey }: SignedRecord,
  last: KeptRequest,
  { change, limits }: BankBody<'limit'>['evidence']['intent'],
  transaction: BankTransaction,
  nowMs: number,
): Promise<boolean> {
  const isSame = change === last.change && areSameLimits(limits, last.limits)
  if (!isSame || last.secondedAtMs !== null || last.signedBy === null || last.signedBy === passkey.thumbprint)
    return false
  const { paymentServer, payer, card } = contents
  const longBound = await longBoundOf(transaction, { paymentServer, payer, card, nowMs })
  return longBound.includes(last.signedBy) && longBound.includes(passkey.thumbprint)
}
