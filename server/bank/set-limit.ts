import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { consumeNonce } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openSignedRecord, type SignedRecord } from './bound-record.ts'
import { type LimitHistory, limitsOf, raiseWaitsMs } from './card-limits.ts'
import { initialLimits } from './card-record.ts'
import { isSigned } from './check-evidence.ts'
import { eventsOf } from './enrolment-store.ts'
import type { BankTransaction } from './ledger.ts'
import { findLimit, keepRequest, limitHistoryOf } from './limit-store.ts'
import { lock } from './lock.ts'
import { refused } from './response-codes.ts'

/** Sets what a card may be asked for. Only its payer can: by a passkey that pays with it. */
export async function setLimit(bank: Bank, from: PaymentServer, body: BankBody<'limit'>): Promise<BankAnswer<'limit'>> {
  const bound = await openSignedRecord(bank, from, body.record, body.evidence.assertion)
  if (bound === null || bound.contents.card !== body.card) return refused(body.card, 'invalid-card')
  const isAgreed = await isAgreedTo(bank, from, body, bound)
  return bank.database.inTransaction(async (transaction) => {
    await lock(transaction, bank.database.engine, from.issuer, body.card)
    const isKept = await findLimit(transaction, from.issuer, body.card, body.evidence.intent.nonce)
    if (!isKept && !(isAgreed && (await keep(bank, from, body, transaction)))) {
      return refused(body.card, 'evidence-refused')
    }
    return answerOf(bank, bound, await limitHistoryOf(transaction, from.issuer, body.card))
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
  return isAbout && (await isSigned(bank, from, intent, assertion, passkey))
}

/** @returns false where the intent was used before, or the passkey is not the card's any more */
async function keep(
  bank: Bank,
  from: PaymentServer,
  { card, evidence }: BankBody<'limit'>,
  transaction: BankTransaction,
): Promise<boolean> {
  const nowMs = bank.clock.nowMs()
  const { nonce, limits } = evidence.intent
  if ((await eventsOf(transaction, from.issuer, card)).includes('unbound')) return false
  if (!(await consumeNonce(transaction, { paymentServer: from.issuer, nonce, reference: card, nowMs }))) return false
  const { requests } = await limitHistoryOf(transaction, from.issuer, card)
  const of = { payment_server: from.issuer, card }
  await keepRequest(transaction, of, requests.length + 1, { limits, setAtMs: nowMs, nonce })
  return true
}

function answerOf(bank: Bank, { contents }: SignedRecord, history: LimitHistory): BankAnswer<'limit'> {
  const nowMs = bank.clock.nowMs()
  const limits = limitsOf(initialLimits(contents), history, nowMs)
  const last = history.requests.at(-1)
  if (limits === null || last === undefined) throw new Error('a limit that was kept is gone')
  return { outcome: 'limited', card: contents.card, limits, fullFromMs: last.setAtMs + raiseWaitsMs }
}
