import { money } from '../../shared/money.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { outcomeOf } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { findHold, releaseHold } from './hold-store.ts'
import { declined } from './response-codes.ts'
import { withAuthorization } from './with-authorization.ts'

/** Releases what an authorization still holds. What was captured before stays captured. */
export function voidHold(
  bank: Bank,
  from: PaymentServer,
  { reference }: BankBody<'void'>,
): Promise<BankAnswer<'void'>> {
  return withAuthorization(bank, from.issuer, reference, async (transaction, decided) => {
    if (decided === undefined) return { outcome: 'absent', reference }
    const amount = money(decided.amount_minor, decided.currency)
    const outcome = await outcomeOf(decided)
    if (outcome.outcome === 'declined') return outcome
    if (outcome.outcome === 'reversed') return declined(reference, amount, 'reversed')
    const hold = await findHold(transaction, from.issuer, reference)
    if (hold === null || hold.released === 'captured') return declined(reference, amount, 'not-permitted')
    const once = { payment_server: from.issuer, reference }
    await releaseHold(transaction, { ...once, cause: 'voided', released_at_ms: bank.clock.nowMs() })
    return { outcome: 'voided', reference, payee: decided.payee, capturedMinor: decided.captured_minor }
  })
}
