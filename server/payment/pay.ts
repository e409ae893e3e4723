import type { z } from 'zod'
import { base64url } from '../../shared/bytes.ts'
import { type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { challengeOf } from '../../shared/intent.ts'
import { Problem } from '../../shared/problem.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import type { confirmationRequest } from '../../shared/wire/payment-api.ts'
import type { Clock, Log } from '../runtime/room.ts'
import { agreementTo } from './agreement.ts'
import type { AtRest } from './at-rest.ts'
import type { BankClient } from './bank-client.ts'
import { assertOpen, type Expiry } from './expire.ts'
import type { PayerNamed } from './identity/name.ts'
import type { ProvenPayer, Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import { evidenceToKeep } from './kept-evidence.ts'
import { leaseMs } from './pause.ts'
import { isPaid, type Payment } from './payment-record.ts'
import { bodyContext, type PaymentStore } from './payment-store.ts'
import type { Reconciliation } from './reconcile.ts'
import type { CardStore } from './retrieval/card-store.ts'
import type { KeepCard } from './retrieval/keep-card.ts'
import type { RetrieveCard } from './retrieval/retrieve-card.ts'
import type { Settle } from './settle.ts'

/** What the payer's page sends: a name, the intent as it was issued, the passkey's signature over it. */
export type Confirmation = z.output<typeof confirmationRequest>

type PayTools = {
  readonly bills: Expiry
  readonly payments: PaymentStore
  readonly payerNamed: PayerNamed
  readonly prove: Prover
  readonly pseudonyms: Pseudonyms
  readonly keepCard: KeepCard
  readonly retrieveCard: RetrieveCard
  readonly bank: BankClient
  readonly settle: Settle
  readonly reconcile: Reconciliation
  readonly cards: CardStore
  readonly atRest: AtRest
  readonly clock: Clock
  readonly log: Log
}

/** The story of one payment: each line is a step of the protocol. No card comes out without a proof; that would not compile. */
export function payer(tools: PayTools) {
  const { bills, payments, bank, settle, reconcile, keepCard, retrieveCard, pseudonyms, atRest, clock } = tools

  async function pay(id: PaymentId, confirmation: Confirmation): Promise<Payment> {
    const bill = await bills.current(id)
    if (isSentAgain(bill, confirmation)) return decided(bill)
    const open = assertOpen(bill)

    // S301: the passkey signs this amount to this payee, and nothing else.
    const payer = await prove(open, confirmation)
    if (confirmation.sealed !== undefined) await addCard(open, payer, confirmation.sealed)

    // S302: only a proven payer unlocks the card, and it comes out sealed to the bank. It is part of the question below.
    const card = await retrieveCard(payer, payer.evidence.intent.card)

    // What the bank will be asked is on the disk before it is asked. Of two confirmations one gets past here.
    const question = authorizationOf(open, payer, card)
    const beginning = await begin(open, payer, card, question)
    if (beginning === 'overtaken') return overtaken(id, confirmation)
    // More than the payer's own limits leave is declined as the bank would decline it.
    if (beginning === 'limit-exceeded') return payments.get(id)

    // S303: the bank checks the payer's own signature, and books. Silence is not a no: then it is asked what it did.
    const paid = await settle(id, question.reference, await bank.authorize(question))
    if (isPaid(paid) && !card.isConfirmed) await keepConfirmed(id, payer, card)
    return paid.state === 'unknown' ? reconcile.askAgain(id) : paid
  }

  /** A card that pays is one that its holder has confirmed. The payment is settled: the next one may write it down as well. */
  async function keepConfirmed(payment: PaymentId, payer: ProvenPayer, card: RetrievedCard): Promise<void> {
    try {
      await tools.cards.keepConfirmation(payer.id, card.id, null)
    } catch (error) {
      tools.log.warn('card-confirmation-not-kept', { payment, error })
    }
  }

  /** S304: what fails may be tried again; the fifth failure ends this payment, and never the name. */
  async function prove(bill: OpenBill, { username, intent, response, sealed }: Confirmation): Promise<ProvenPayer> {
    const payer = await tools.payerNamed(username)
    const seal = sealed === undefined ? undefined : await sealHashOf(sealed)
    const card = seal === undefined ? intent.card : pseudonyms.cardOfSeal(payer, seal)
    const agreement = agreementTo(bill, { payer: pseudonyms.towardsBank(payer), card, seal })
    // What pays has a face to show; a card that is only now added has none that anybody here has seen.
    const face = seal === undefined ? await tools.cards.faceOf(payer, card) : null
    return countingRefusal(bill, tools.prove.payment(payer, { intent, response }, agreement, face))
  }

  /** A first payment adds the card it pays with. A wrong card is a failure like a wrong passkey: nobody tries cards here. */
  const addCard = (bill: OpenBill, payer: ProvenPayer, sealed: SealedCard): Promise<void> =>
    countingRefusal(bill, keepCard(payer, sealed))

  async function countingRefusal<T>(bill: OpenBill, step: Promise<T>): Promise<T> {
    try {
      return await step
    } catch (error) {
      const isRefusal = error instanceof Problem && (error.code === 'passkey-refused' || error.code === 'card-refused')
      if (isRefusal) await payments.countFailure(bill.id)
      throw error
    }
  }

  const authorizationOf = (bill: OpenBill, payer: ProvenPayer, { record }: RetrievedCard): BankBody<'authorize'> => ({
    reference: `${bill.id}.${bill.tries + 1}`,
    payment: bill.id,
    payer: pseudonyms.towardsBank(payer.id),
    record,
    evidence: payer.evidence,
    capture: bill.capture,
  })

  const begin = async (bill: OpenBill, payer: ProvenPayer, card: RetrievedCard, question: BankBody<'authorize'>) =>
    payments.beginTry(
      bill,
      {
        reference: question.reference,
        payer: payer.id,
        card: card.id,
        face: card.face,
        intentNonce: payer.evidence.intent.nonce,
        challenge: base64url(await challengeOf(payer.evidence.intent)),
        passkey: payer.passkey.publicKey,
        ceremony: payer.evidence.assertion.ceremony,
        bodyClosed: atRest.close(bodyContext(question.reference), evidenceToKeep(payer.evidence)),
        nextInquiryAtMs: clock.nowMs() + leaseMs,
      },
      card.limits,
    )

  async function overtaken(id: PaymentId, confirmation: Confirmation): Promise<Payment> {
    const bill = await bills.current(id)
    if (isSentAgain(bill, confirmation)) return decided(bill)
    assertOpen(bill)
    throw new Problem('payment-in-progress') // the other one has failed meanwhile; the next confirmation may win
  }

  const underway = new Map<string, Promise<Payment>>()
  /**
   * Pays a bill, once, however often it is asked. The same evidence twice at once (a double tap) gets one answer.
   * @returns the payment as it is now: paid, declined (an answer, not an error), or `unknown` while the bank is silent
   * @throws {Problem} `payment-…`, `intent-…`, `passkey-refused`, `card-…`, `bank-unreachable`
   */
  return function payOnce(id: PaymentId, confirmation: Confirmation): Promise<Payment> {
    const evidence = `${id} ${confirmation.intent.nonce}`
    const first = underway.get(evidence)
    if (first !== undefined) return first
    const answer = pay(id, confirmation).finally(() => underway.delete(evidence))
    underway.set(evidence, answer)
    return answer
  }
}
export type Pay = ReturnType<typeof payer>

type OpenBill = ReturnType<typeof assertOpen>
type RetrievedCard = Awaited<ReturnType<RetrieveCard>>

/** An intent is signed once, so its nonce tells a request that was sent again from a second confirmation. */
const isSentAgain = (bill: Payment, { intent }: Confirmation): boolean => bill.lastTry?.intentNonce === intent.nonce

/** @throws {Problem} `payment-in-progress` */
function decided(bill: Payment): Payment {
  if (bill.state === 'approving') throw new Problem('payment-in-progress')
  return bill
}
