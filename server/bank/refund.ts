import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { isStanding } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { declined } from './response-codes.ts'
import { bookRefund, wasRefunded } from './settlement.ts'
import { withAuthorization } from './with-authorization.ts'

/**
 * Gives captured money back. Parts may be given one after another, never more than was captured.
 * @throws {Problem} `reference-reused` for another amount under a name that was used
 */
export function refund(bank: Bank, from: PaymentServer, body: BankBody<'refund'>): Promise<BankAnswer<'refund'>> {
  const { reference, name, amount } = body
  return withAuthorization(bank, from.issuer, reference, async (transaction, decided) => {
    if (decided === undefined) return declined(reference, amount, 'not-permitted')
    const { payee, captured_minor: capturedMinor } = decided
    const refunded = (refundedMinor: number) =>
      ({ outcome: 'refunded', reference, name, amount, payee, capturedMinor, refundedMinor }) as const
    if (await wasRefunded(transaction, decided, body)) return refunded(decided.refunded_minor)
    if (decided.reversed_at_ms !== null) return declined(reference, amount, 'reversed')
    if (!isStanding(decided)) return declined(reference, amount, 'not-permitted')
    const leftMinor = decided.captured_minor - decided.refunded_minor
    if (amount.currency !== decided.currency || amount.minor > leftMinor) {
      return declined(reference, amount, 'invalid-amount')
    }
    await bookRefund(bank, transaction, decided, { name, minor: amount.minor })
    return refunded(decided.refunded_minor + amount.minor)
  })
}
