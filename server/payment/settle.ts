import type { PaymentId } from '../../shared/identifiers.ts'
import { passkeyThumbprint, signerOf } from '../../shared/passkey.ts'
import type { BankAnswer } from '../../shared/wire/bank-api.ts'
import type { Log } from '../runtime/room.ts'
import { type In, isAsking, type Payment, type Try } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'

type Said = BankAnswer<'authorize'> | BankAnswer<'inquire'> | BankAnswer<'reverse'>
/** What the bank said of a try, and its signed words; null where nothing that can be believed was said. */
export type Word = { readonly body: Said; readonly signed: string } | null
type Approved = Extract<Said, { outcome: 'approved' }>
type Asking = In<'approving' | 'unknown'>

const movesAtMost = 5

/**
 * Writes down what became of a try. Money moves once because each move is a compare-and-set: whoever comes second (a worker
 * that asked again, a late first answer) finds the payment moved and leaves it.
 */
export function settlement(payments: PaymentStore, log: Log) {
  /** @param reference of the try the word is about; a payment that is at another try by now is left alone */
  async function settle(id: PaymentId, reference: string, word: Word): Promise<Payment> {
    // Meanwhile a worker may have moved it from approving to unknown, where the same word still counts.
    for (let attempt = 0; attempt < movesAtMost; attempt += 1) {
      const payment = await payments.get(id)
      const { lastTry } = payment
      if (!isAsking(payment) || lastTry?.reference !== reference) return payment
      if (await write(payment, lastTry, word)) {
        const settled = await payments.get(id)
        log.info('payment-settled', { payment: id, state: settled.state })
        return settled
      }
    }
    return payments.get(id)
  }

  /** @returns false where somebody else moved the payment first */
  async function write(payment: Asking, attempt: Try, word: Word): Promise<boolean> {
    if (word === null || !(await isAboutAll(payment, attempt, word.body))) return leaveUnknown(payment)
    const { body, signed } = word
    if (body.outcome === 'approved') {
      const { approvalCode, bookedAtMs } = body
      return payments.approve(payment, attempt, { signed, approvalCode, bookedAtMs }, 'bank-approved')
    }
    if (body.outcome === 'declined') return payments.decline(payment, attempt, body.reason, { signed }, 'bank-declined')
    // The bank promises never to book this reference, so nothing was paid: the payer may try again under the next one. Voided
    // would end a bill that the bank's silence, and not the payer, made fail.
    if (body.outcome === 'reversed') return payments.decline(payment, attempt, 'reversed', { signed }, 'bank-reversed')
    return leaveUnknown(payment) // absent: the original may still arrive
  }

  const leaveUnknown = async (payment: Asking): Promise<boolean> =>
    !isApproving(payment) || payments.advance(payment, 'unknown', 'bank-silent')

  return settle
}
export type Settle = ReturnType<typeof settlement>

const isApproving = (payment: Payment): payment is In<'approving'> => payment.state === 'approving'

/** An answer about another amount than was asked for is no answer to what was asked. */
async function isAboutAll(payment: Payment, attempt: Try, said: Said): Promise<boolean> {
  if (said.outcome !== 'approved' && said.outcome !== 'declined') return true
  const { minor, currency } = payment.amount
  if (said.amount.minor !== minor || said.amount.currency !== currency) return false
  if (said.outcome === 'declined') return true
  if (said.payee !== payment.payee.id) return false
  const isWhole = said.capturedMinor === (payment.capture === 'automatic' ? minor : 0)
  return isWhole && isApprovalOf(attempt, said)
}

/** The bank books what the payer signed, by the passkey that signed it: an approval of anything else is none of this try. */
async function isApprovalOf(attempt: Try, { challenge, signer, ceremony, face }: Approved): Promise<boolean> {
  const isSameFace = face.brand === attempt.face.brand && face.last4 === attempt.face.last4
  const isSameCeremony = ceremony === attempt.ceremony && challenge === attempt.challenge
  return (
    isSameCeremony && isSameFace && signer === (await signerOf(await passkeyThumbprint(attempt.passkey), challenge))
  )
}
