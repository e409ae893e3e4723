import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { keepRevocation } from './passkey-store.ts'

/** Takes a passkey away from a payer, for good. It takes the payment server's word: whoever says so falsely moves no money by it. */
export async function revokePasskey(
  bank: Bank,
  from: PaymentServer,
  { payer, passkey }: BankBody<'revoke'>,
): Promise<BankAnswer<'revoke'>> {
  await keepRevocation(bank.database.db, {
    payment_server: from.issuer,
    payer,
    thumbprint: passkey,
    revoked_at_ms: bank.clock.nowMs(),
  })
  return { outcome: 'revoked', passkey }
}
