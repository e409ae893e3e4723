import type { PaymentId } from '../../shared/identifiers.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { lock } from '../runtime/lock.ts'
import { type Authorization, findAuthorization } from './authorization-store.ts'
import type { Bank } from './bank.ts'
import type { BankTransaction } from './ledger.ts'

/** The payment that an authorization is a try to pay. */
export const paymentOf = (reference: string): PaymentId => paymentIdSchema.parse(reference.split('.', 1)[0])

/** Does something to an authorization, while nobody else can do anything to its payment: all of it, or nothing. */
export function withAuthorization<T>(
  bank: Bank,
  paymentServer: string,
  reference: string,
  work: (transaction: BankTransaction, decided: Authorization | undefined) => Promise<T>,
): Promise<T> {
  return bank.database.inTransaction(async (transaction) => {
    // An authorization and the reversal that overtook it must see each other.
    await lock(transaction, bank.database.engine, paymentServer, paymentOf(reference))
    return work(transaction, await findAuthorization(transaction, paymentServer, reference))
  })
}
