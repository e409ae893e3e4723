import { formatMoney } from '../../shared/money-text.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { mayExpire } from '../flows/pay-flow.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { useFirstSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'

type BillSlipProps = { readonly bill: Bill; readonly onEnd?: () => void; readonly compact?: boolean }

/** So many are read at a glance; more of them are opened by who wants to read them. */
const fewLines = 4

function Lines({ bill: { lines, amount } }: { bill: Bill }) {
  const { words, locale } = useFirstSpeech()
  if (lines.length === 0) return null
  const list = (
    <ul class="lines">
      {lines.map(({ description, quantity, unitAmountMinor }) => (
        <li>
          <span>
            {quantity > 1 && `${quantity} × `}
            <bdi>{description}</bdi>
          </span>
          <bdi>{formatMoney({ minor: quantity * unitAmountMinor, currency: amount.currency }, locale)}</bdi>
        </li>
      ))}
    </ul>
  )
  if (lines.length <= fewLines) return list
  return (
    <details class="all-lines">
      <summary>{words.pay.lines(lines.length)}</summary>
      {list}
    </details>
  )
}

/** Who asks, how much, what for, and until when. First on every screen of a payment. */
export function BillSlip({ bill, onEnd, compact = false }: BillSlipProps) {
  const { words, locale } = useFirstSpeech()
  return (
    <section class={compact ? 'slip compact' : 'slip'} aria-label={words.pay.bill}>
      <h1 class="payee">
        <Avatar name={bill.payee.name} />
        <bdi>{bill.payee.name}</bdi>
      </h1>
      <p class="amount">{formatMoney(bill.amount, locale)}</p>
      {bill.description && !compact && (
        <p class="what">
          <bdi>{bill.description}</bdi>
        </p>
      )}
      {!compact && <Lines bill={bill} />}
      <p class="small">
        <span>
          <Say phrase={words.pay.reference(bill.reference)} />
        </span>
        {onEnd && mayExpire(bill) && <Countdown bill={bill} onEnd={onEnd} />}
      </p>
    </section>
  )
}
