import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { isReversed, outcomeOf } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { releaseHold } from './hold-store.ts'
import { bookReversal } from './settlement.ts'
import { paymentOf, withAuthorization } from './with-authorization.ts'

/**
 * Undoes an authorization: releases what it holds and gives back what was captured. Where there is none yet, it leaves a
 * tombstone, so that an original still on its way comes too late. Asked again it answers again and does nothing.
 */
export function reverse(
  bank: Bank,
  from: PaymentServer,
  { reference }: BankBody<'reverse'>,
): Promise<BankAnswer<'reverse'>> {
  const reversed = { outcome: 'reversed', reference } as const
  return withAuthorization(bank, from.issuer, reference, async (transaction, decided) => {
    const outcome = decided === undefined ? null : await outcomeOf(decided)
    if (outcome?.outcome === 'declined') return outcome
    if (await isReversed(transaction, from.issuer, reference)) return reversed
    const once = { payment_server: from.issuer, reference }
    const nowMs = bank.clock.nowMs()
    await transaction
      .insertInto('reversal')
      .values({ ...once, payment: paymentOf(reference), reversed_at_ms: nowMs })
      .execute()
    if (decided === undefined) return reversed
    await releaseHold(transaction, { ...once, cause: 'reversed', released_at_ms: nowMs })
    await bookReversal(bank, transaction, decided)
    return reversed
  })
}
