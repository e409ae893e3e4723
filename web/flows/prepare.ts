/** Nothing is signed here that was not read here: an intent that says something else than the screen never reaches the passkey. */
import type { Bytes } from '../../shared/bytes.ts'
import { challengeOf, type Intent, type IntentFor, intentLifetimeMs, type Purpose } from '../../shared/intent.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { DoorError } from './notice.ts'

/** An intent that says what the screen says, and the challenge computed from it. */
export type Prepared<I extends Intent = Intent> = { readonly intent: I; readonly challenge: Bytes }

/** A minute less than an intent lives, so that the person has that minute to find their finger. */
export const preparedLifetimeMs = intentLifetimeMs - 60_000

/** Whether what was asked for then may still be signed now. */
export const isFresh = ({ madeAtMs }: { readonly madeAtMs: number }, nowMs: number): boolean =>
  nowMs - madeAtMs < preparedLifetimeMs

/** @throws {DoorError} `intent-mismatch` */
export async function prepared<P extends Purpose>(
  purpose: P,
  intent: IntentFor<P>,
  saysWhatIsShown: boolean,
): Promise<Prepared<IntentFor<P>>> {
  // The type says so, but it was a server that answered.
  if (intent.v !== 1 || intent.purpose !== purpose || !saysWhatIsShown) throw new DoorError('intent-mismatch')
  return { intent, challenge: await challengeOf(intent) }
}

/** Whether a pay intent is the bill on screen, and carries exactly the seal that was made here. */
export function paysWhatIsShown(intent: IntentFor<'pay'>, bill: Bill, seal: string | null): boolean {
  return (
    intent.payment === bill.id &&
    intent.payee.name === bill.payee.name &&
    intent.payee.origin === bill.payee.origin &&
    intent.amount.minor === bill.amount.minor &&
    intent.amount.currency === bill.amount.currency &&
    intent.reference === bill.reference &&
    (intent.seal ?? null) === seal
  )
}
