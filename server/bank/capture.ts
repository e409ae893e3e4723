import type { DeclineReason } from '../../shared/decline.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { type Authorization, isStanding } from './authorization-store.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { findHold, type Hold, releaseHold } from './hold-store.ts'
import { declined } from './response-codes.ts'
import { bookCapture, wasCaptured } from './settlement.ts'
import { withAuthorization } from './with-authorization.ts'

/**
 * Takes money that was set aside. Parts may be taken one after another, never more than was authorized.
 * @throws {Problem} `reference-reused` for another amount, or another `isFinal`, under a name that was used
 */
export function capture(bank: Bank, from: PaymentServer, body: BankBody<'capture'>): Promise<BankAnswer<'capture'>> {
  const { reference, name, amount, isFinal } = body
  return withAuthorization(bank, from.issuer, reference, async (transaction, decided) => {
    const no = (reason: DeclineReason) => declined(reference, amount, reason)
    if (decided === undefined) return no('not-permitted')
    const captured = (totals: { captured_minor: number; refunded_minor: number }) =>
      ({
        outcome: 'captured',
        reference,
        name,
        amount,
        payee: decided.payee,
        capturedMinor: totals.captured_minor,
        refundedMinor: totals.refunded_minor,
      }) as const
    if (await wasCaptured(transaction, decided, body)) return captured(decided)
    const hold = await findHold(transaction, from.issuer, reference)
    const reason = captureRefusal(decided, hold, body, bank.clock.nowMs())
    if (reason !== null) return no(reason)
    await bookCapture(bank, transaction, decided, { name, minor: amount.minor, isFinal })
    const capturedMinor = decided.captured_minor + amount.minor
    if (isFinal || capturedMinor === decided.amount_minor) {
      const once = { payment_server: from.issuer, reference }
      await releaseHold(transaction, { ...once, cause: 'captured', released_at_ms: bank.clock.nowMs() })
    }
    return captured({ ...decided, captured_minor: capturedMinor })
  })
}

function captureRefusal(
  decided: Authorization,
  hold: Hold | null,
  { amount }: BankBody<'capture'>,
  nowMs: number,
): DeclineReason | null {
  if (decided.reversed_at_ms !== null) return 'reversed'
  // By its own moment, not by whether the tick that releases it has come.
  if (!isStanding(decided) || hold === null || hold.expiresAtMs <= nowMs) return 'not-permitted'
  const leftMinor = decided.amount_minor - decided.captured_minor
  if (amount.currency !== decided.currency || amount.minor > leftMinor) return 'invalid-amount'
  return hold.released === null ? null : 'not-permitted'
}
