import { intentLifetimeMs } from '../../shared/intent.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { lock } from '../runtime/lock.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { hasSigned } from './check-evidence.ts'
import type { BankTransaction } from './ledger.ts'
import { displacedPasskey, keepRevocation } from './passkey-store.ts'
import { confirmedRecoveries, displacedBy, keepUndoing, thumbprintsOf } from './recovery-store.ts'

const hearsLateMs = 24 * 60 * 60_000

/** Gives a payer's cards back to the passkeys that a recovery took them from, as one of those signed. */
export async function undoRecovery(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'undo'>,
): Promise<BankAnswer<'undo'>> {
  const { recovery } = body
  const isAgreed = await isSignedByFormer(bank, from, body)
  const outcome = await bank.database.inTransaction(async (transaction) => {
    await lock(transaction, bank.database.engine, 'recovery', from.issuer, body.payer)
    return undo(bank, from, body, isAgreed, transaction)
  })
  return { outcome, recovery }
}

async function isSignedByFormer(
  bank: Bank,
  from: PaymentServer,
  { recovery, payer, evidence }: BankBody<'undo'>,
): Promise<boolean> {
  const { intent, assertion } = evidence
  if (intent.recovery !== recovery || intent.payer !== payer) return false
  const of = { paymentServer: from.issuer, payer, recovery }
  const passkey = await displacedPasskey(bank.database.db, of, assertion.credentialId)
  return passkey !== null && hasSigned(bank, from, intent, assertion, passkey)
}

async function undo(
  bank: Bank,
  from: PaymentServer,
  { recovery, payer, evidence }: BankBody<'undo'>,
  isAgreed: boolean,
  transaction: BankTransaction,
): Promise<BankAnswer<'undo'>['outcome']> {
  const of = { payment_server: from.issuer, payer, recovery }
  const nowMs = bank.clock.nowMs()
  const confirmed = (await confirmedRecoveries(transaction, of)).find((one) => one.recovery === recovery)
  if (confirmed === undefined) return 'absent'
  if (!isAgreed) return 'refused'
  if (confirmed.isUndone) return 'undone'
  // Signed in time it counts also where this bank was out of reach, for a day: an intent lives no longer than its lifetime.
  const endsAtMs = confirmed.recoveredAtMs + recoveryHoldMs
  if (evidence.intent.notAfter >= endsAtMs + intentLifetimeMs || nowMs >= endsAtMs + hearsLateMs) return 'refused'
  const former = await displacedBy(transaction, of)
  for (const thumbprint of await thumbprintsOf(transaction, of)) {
    if (former.includes(thumbprint)) continue
    await keepRevocation(transaction, { payment_server: from.issuer, payer, thumbprint, revoked_at_ms: nowMs })
  }
  await keepUndoing(transaction, { payment_server: from.issuer, recovery, undone_at_ms: nowMs })
  return 'undone'
}
