import type { ComponentChildren } from 'preact'
import { formatMoney } from '../../shared/money-text.ts'
import type { ActivityEntry, Spending } from '../../shared/wire/payment-api.ts'
import { byDay, monthOfSpending } from '../flows/spending.ts'
import { Avatar } from '../parts/avatar.tsx'
import { CardLine } from '../parts/card-line.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { MonthChart } from '../parts/month-chart.tsx'
import { Say } from '../parts/say.tsx'
import type { WalletWords } from '../words/wallet-en.ts'

type ActivityListProps = {
  readonly payments: readonly ActivityEntry[]
  readonly spent: Spending['spent']
  /** When it was seen, where that is not now. */
  readonly asOfMs: number | null
  readonly nowMs: number
  readonly words: WalletWords
  readonly children?: ComponentChildren
}

/** This month as a chart, and payments day by day, newest first. */
export function ActivityList({ payments, spent, asOfMs, nowMs, words, children }: ActivityListProps) {
  const { locale } = useSpeech()
  const [month, ...others] = monthOfSpending(spent, nowMs)
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <section class="activity" aria-labelledby="activity-title">
      <h2 id="activity-title">{words.activity.title}</h2>
      {asOfMs !== null && (
        <p class="as-of">
          <Say phrase={words.activity.asOf(time.format(asOfMs))} />
        </p>
      )}
      {month && <MonthChart month={month} today={new Date(nowMs).getDate()} words={words} />}
      {others.map(({ currency, totalMinor }) => (
        <p key={currency} class="also">
          {words.activity.also(formatMoney({ minor: totalMinor, currency }, locale))}
        </p>
      ))}
      {children}
      {byDay(payments).map(({ startsAtMs, entries }) => (
        <div key={startsAtMs} class="day">
          <h3>{dayName(startsAtMs, nowMs, locale)}</h3>
          <ul class="name-list">
            {entries.map((entry) => (
              <li key={entry.payment}>
                <Entry entry={entry} words={words} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}

function Entry({ entry, words }: { readonly entry: ActivityEntry; readonly words: WalletWords }) {
  const { locale } = useSpeech()
  const { payment, payee, amount, refundedMinor, state, card } = entry
  const isPartRefunded = state === 'refunded' && refundedMinor < amount.minor
  const stateWords = isPartRefunded
    ? words.activity.givenBack(formatMoney({ minor: refundedMinor, currency: amount.currency }, locale))
    : words.activity.states[state]
  return (
    <a class={`row entry ${costs(entry) ? '' : 'free'}`} href={`/pay/${payment}`}>
      <Avatar name={payee.name} />
      <span class="to">
        <bdi>{payee.name}</bdi>
        <small>
          <CardLine face={card} />
        </small>
      </span>
      <span class="sum">
        <span class="money">{formatMoney(amount, locale)}</span>
        {stateWords && <small>{stateWords}</small>}
      </span>
    </a>
  )
}

/** Whether money went, or may still go. */
const costs = ({ state, amount, refundedMinor }: ActivityEntry): boolean =>
  !['declined', 'expired', 'canceled', 'voided', 'created'].includes(state) && refundedMinor < amount.minor

const dayMs = 24 * 60 * 60_000

/** Today and yesterday by word, older days by date. */
function dayName(startsAtMs: number, nowMs: number, locale: string): string {
  // Days are counted between midnights, which summer time puts 23 or 25 hours apart.
  const daysAgo = Math.round((new Date(nowMs).setHours(0, 0, 0, 0) - startsAtMs) / dayMs)
  if (daysAgo === 0 || daysAgo === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-daysAgo, 'day')
  }
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(startsAtMs)
}
