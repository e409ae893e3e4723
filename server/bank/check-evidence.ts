import type { Assertion } from '../../shared/evidence.ts'
import {
  type AddCardIntent,
  type AddPasskeyIntent,
  challengeOf,
  intentLifetimeMs,
  type PayIntent,
  type SetLimitIntent,
  type UndoRecoveryIntent,
  type UnfreezeCardIntent,
} from '../../shared/intent.ts'
import type { PaymentDialogs } from '../../shared/payment-dialog.ts'
import { Problem } from '../../shared/problem.ts'
import type { PinnedPasskey } from '../../shared/wire/bank-api.ts'
import { verifyAssertion } from '../runtime/passkey.ts'
import type { Bank, PaymentServer } from './bank.ts'

/** How far the payment server's clock may be ahead of ours. */
const clockSkewMs = 30_000

/**
 * Whether this passkey signed this intent, on the payment server's own page, and the intent is still of now.
 * @param intent as the caller is about to act on it: whatever differs from what the payer saw has another challenge
 * @param dialogs what the browser must have shown where it asked the payer itself, also on the payee's page; absent where it had no business to
 */
export async function isSigned(
  bank: Bank,
  from: PaymentServer,
  intent: PayIntent | AddCardIntent,
  assertion: Assertion,
  passkey: PinnedPasskey,
  dialogs?: PaymentDialogs,
): Promise<boolean> {
  return isOfNow(bank, intent) && hasSigned(bank, from, intent, assertion, passkey, dialogs)
}

/** Whether an intent is not over yet, and no older than intents are. */
export function isOfNow(bank: Bank, { notAfter }: { readonly notAfter: number }): boolean {
  const leftMs = notAfter - bank.clock.nowMs()
  return leftMs > 0 && leftMs <= intentLifetimeMs + clockSkewMs
}

/** Whether this passkey signed this intent, on the payment server's own page, no matter when. */
export async function hasSigned(
  bank: Bank,
  from: PaymentServer,
  intent: PayIntent | AddCardIntent | AddPasskeyIntent | SetLimitIntent | UnfreezeCardIntent | UndoRecoveryIntent,
  assertion: Assertion,
  passkey: PinnedPasskey,
  dialogs?: PaymentDialogs,
): Promise<boolean> {
  try {
    await verifyAssertion({
      assertion,
      challenge: await challengeOf(intent),
      relyingParty: from.relyingParty,
      // The counter is the payment server's to watch, in the order of ceremonies. Here payments may arrive in another order,
      // and a replay is stopped by its nonce.
      passkey: { ...passkey, signatureCounter: 0 },
      dialogs,
    })
    return true
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    bank.log.warn('evidence-refused', { code: error.code, error: error.cause })
    return false
  }
}
