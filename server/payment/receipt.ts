import { timingSafeEqual } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import type { Bytes } from '../../shared/bytes.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { type BankKey, receiptBytes, receiptFileName, receiptFormat } from '../../shared/receipt/receipt.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import type { PublicKey, Secret } from '../runtime/keys.ts'
import type { AtRest } from './at-rest.ts'
import { keptEvidence } from './kept-evidence.ts'
import { isPaid, type Payment } from './payment-record.ts'
import { bodyContext, type PaymentStore } from './payment-store.ts'

/** Writes the file that proves a payment: `shared/receipt/README.md`. */
export function receiptWriter(tools: {
  payments: PaymentStore
  atRest: AtRest
  key: Secret
  bankKeys: readonly PublicKey[]
  relyingParty: { readonly id: string }
}) {
  const { payments, atRest, key, bankKeys, relyingParty } = tools

  const tokenOf = (payment: PaymentId, nonce: string): string => keyedHashText(key, 'receipt', payment, nonce)

  return {
    /**
     * @throws {Problem} `receipt-missing` where it is not paid, or was before evidence was kept, or the key that the bank signed it with is
     *   not pinned any more
     */
    async write(payment: Payment): Promise<Bytes> {
      const { lastTry } = payment
      if (!isPaid(payment) || lastTry === null || lastTry.passkey === '') throw new Problem('receipt-missing')
      const { body_closed, answer } = await payments.evidenceOf(lastTry)
      const bankKey =
        answer === null ? undefined : bankKeys.find(({ kid }) => kid === decodeProtectedHeader(answer).kid)
      if (answer === null || bankKey === undefined) throw new Problem('receipt-missing')
      const { intent, assertion } = keptEvidence(atRest.open(bodyContext(lastTry.reference), body_closed))
      return receiptBytes({
        format: receiptFormat,
        intent,
        evidence: assertion,
        passkey: lastTry.passkey,
        relyingParty: relyingParty.id,
        decision: answer,
        bankKey: publicMembers(bankKey),
        card: lastTry.face,
      })
    },

    /**
     * Lets the browser that confirmed a payment fetch its receipt, without a session. Of all the confirmations of a bill it fits the one
     * with this nonce: who tried in vain does not get the receipt of who paid.
     */
    tokenOf,

    isFor({ id, lastTry }: Payment, token: string | undefined): boolean {
      if (lastTry === null || token === undefined) return false
      const [given, right] = [Buffer.from(token), Buffer.from(tokenOf(id, lastTry.intentNonce))]
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}
export type Receipts = ReturnType<typeof receiptWriter>

export const receiptHeaders = (payment: PaymentId) => ({
  'content-type': 'application/json',
  'content-disposition': `attachment; filename="${receiptFileName(payment)}"`,
})

const publicMembers = ({ kty, crv, x, y, kid }: PublicKey): BankKey => ({ kty, crv, x, y, kid })
