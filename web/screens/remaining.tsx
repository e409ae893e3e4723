import { useEffect, useState } from 'preact/hooks'
import { nothingSpent, remainingOf } from '../../shared/card-limits.ts'
import type { CardId } from '../../shared/identifiers.ts'
import { formatMoney } from '../../shared/money-text.ts'
import { limitsWhileHeld } from '../../shared/recovery.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import type { Allowance, Bill } from '../../shared/wire/payment-api.ts'
import type { PayRun } from '../flows/pay-run.ts'
import { useSpeech } from '../parts/language-context.ts'

type RemainingProps = { readonly bill: Bill; readonly card: CardId; readonly run: PayRun }

/** What the chosen card may still pay, for who is signed in; said before a passkey is asked. */
export function Remaining({ bill, card, run }: RemainingProps) {
  const { words, locale } = useSpeech()
  const [allowance, setAllowance] = useState<Allowance | null>(null)
  useEffect(() => {
    let isCurrent = true
    setAllowance(null)
    void run.allowance(card).then((read) => {
      if (isCurrent) setAllowance(read)
    })
    return () => {
      isCurrent = false
    }
  }, [run, card, bill.state, bill.triesLeft])
  const limits = allowance === null ? null : limitsOf(allowance, bill)
  if (allowance === null || limits === null) return null
  const { currency } = limits
  if (currency !== bill.amount.currency) return <strong>{words.pay.above.currency(currency)}</strong>
  const spent = allowance.spent.find((one) => one.currency === currency) ?? nothingSpent
  const remaining = remainingOf(limits, spent)
  if (remaining === null) return null
  const left = formatMoney({ minor: remaining.minor, currency }, locale)
  const isAbove = bill.amount.minor > remaining.minor
  return isAbove ? (
    <strong>{words.pay.above[remaining.by](left)}</strong>
  ) : (
    <span>{words.pay.left[remaining.by](left)}</span>
  )
}

const limitsOf = ({ limits, heldUntilMs }: Allowance, { amount }: Bill): CardLimits | null =>
  heldUntilMs === null ? limits : limitsWhileHeld(limits, amount.currency)
