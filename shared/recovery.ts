/** What holds after a name was got back by somebody who had lost every passkey of it. */
import { lowerLimits } from './card-limits.ts'
import type { Currency } from './money-text.ts'
import { roundEuroMinor } from './round-euro.ts'
import type { CardLimits } from './wire/intent-schema.ts'

/** How long whoever has a passkey of before can undo it, and little can be spent: time to notice it. */
export const recoveryHoldMs = 72 * 60 * 60_000

const perPaymentEuros = 50
const perDayEuros = 100

/** The most that a card of such a name may be asked for until then, in whatever currency, whatever its own limits are. */
export const recoveredLimits = (currency: Currency): CardLimits => ({
  currency,
  perPaymentMinor: perPaymentEuros * roundEuroMinor(currency),
  perDayMinor: perDayEuros * roundEuroMinor(currency),
  perMonthMinor: null,
})

/** What a card of such a name may pay until then. */
export const limitsWhileHeld = (own: CardLimits | null, currency: Currency): CardLimits | null =>
  lowerLimits(own, recoveredLimits(currency))
