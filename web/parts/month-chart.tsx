import { formatMoney } from '../../shared/money-text.ts'
import type { MonthOfSpending } from '../flows/spending.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { Bars } from './bars.tsx'
import { useSpeech } from './language-context.ts'

type MonthChartProps = { readonly month: MonthOfSpending; readonly today: number; readonly words: WalletWords }

/** A bar a day. Drawn for the eye; the sentence says the same to everybody else. */
export function MonthChart({ month: { currency, totalMinor, payments, days }, today, words }: MonthChartProps) {
  const { locale } = useSpeech()
  const total = formatMoney({ minor: totalMinor, currency }, locale)
  return (
    <figure class="month">
      <figcaption>
        <span>{words.activity.month}</span>
        <strong class="total">{total}</strong>
        <span>{words.activity.payments(payments)}</span>
      </figcaption>
      <Bars values={days} now={today - 1} label={words.activity.chart(total)} />
    </figure>
  )
}
