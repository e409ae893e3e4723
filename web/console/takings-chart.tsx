import { formatMoney } from '../../shared/money-text.ts'
import { Bars } from '../parts/bars.tsx'
import { dateOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import type { Takings } from './flows/takings-run.ts'
import { useConsoleWords } from './use-console-words.ts'

/** What the last days brought, in one currency: as bars for the eye, and as a table for everybody. */
export function TakingsChart({ of: { currency, payments, days, startsMs } }: { readonly of: Takings }) {
  const { locale } = useSpeech()
  const { takings: said } = useConsoleWords()
  const moneyOf = (minor: number) => formatMoney({ minor, currency }, locale)
  const total = moneyOf(days.reduce((sum, minor) => sum + minor, 0))
  return (
    <figure class="month">
      <figcaption>
        <span>{said.title}</span>
        <strong class="total">{total}</strong>
        <span>{said.payments(payments)}</span>
      </figcaption>
      <Bars values={days} now={days.length - 1} label={said.chart(total)} />
      <details>
        <summary>{said.table}</summary>
        <table>
          <tbody>
            {days.map((minor, index) => (
              <tr key={index}>
                <th scope="row">{dateOf(startsMs[index] ?? 0, locale)}</th>
                <td>{moneyOf(minor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
