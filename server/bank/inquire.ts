import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { findAuthorization, isReversed, outcomeOf } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'

/** What became of an authorization. Writes nothing: `absent` is no promise, only a reversal makes sure that it stays so. */
export async function inquire(
  bank: Bank,
  from: PaymentServer,
  { reference }: BankBody<'inquire'>,
): Promise<BankAnswer<'inquire'>> {
  const decided = await findAuthorization(bank.database.db, from.issuer, reference)
  if (decided !== undefined) return outcomeOf(decided)
  const isTombstone = await isReversed(bank.database.db, from.issuer, reference)
  return { outcome: isTombstone ? 'reversed' : 'absent', reference }
}
