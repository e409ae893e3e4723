import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openBoundRecord } from './bound-record.ts'
import { closeRecord } from './card-record.ts'
import { refused } from './response-codes.ts'

/** Makes a record anew under the current key. The old one goes on opening until its key is taken away. */
export async function resealRecord(
  bank: Bank,
  from: PaymentServer,
  { card, record }: BankBody<'reseal'>,
): Promise<BankAnswer<'reseal'>> {
  const contents = await openBoundRecord(bank, from, record)
  if (contents === null || contents.card !== card) return refused(card, 'invalid-card')
  return { outcome: 'resealed', card, record: closeRecord(contents, bank.keys.records, bank.random) }
}
