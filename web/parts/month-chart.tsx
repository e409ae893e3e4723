import { formatMoney } from '../../shared/money-text.ts'
import type { MonthOfSpending } from '../flows/spending.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { useSpeech } from './language-context.ts'

const barWidth = 10
const height = 56
const shortest = 2

type MonthChartProps = { readonly month: MonthOfSpending; readonly today: number; readonly words: WalletWords }

/** A bar a day. Drawn for the eye; the sentence says the same to everybody else. */
export function MonthChart({ month: { currency, totalMinor, payments, days }, today, words }: MonthChartProps) {
  const { locale } = useSpeech()
  const total = formatMoney({ minor: totalMinor, currency }, locale)
  const most = Math.max(...days)
  return (
    <figure class="month">
      <figcaption>
        <span>{words.activity.month}</span>
        <strong class="total">{total}</strong>
        <span>{words.activity.payments(payments)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${days.length * barWidth} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.activity.chart(total)}
      >
        {days.map((minor, index) => {
          const tall = shortest + (minor / most) * (height - shortest)
          const kind = minor === 0 ? 'none' : index + 1 === today ? 'today' : 'some'
          return (
            <rect
              key={index}
              class={kind}
              x={index * barWidth + 1.5}
              y={height - tall}
              width={barWidth - 3}
              height={tall}
              rx={shortest / 2}
            />
          )
        })}
      </svg>
    </figure>
  )
}
