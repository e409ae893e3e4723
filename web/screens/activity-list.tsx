import type { ComponentChildren } from 'preact'
import { formatMoney } from '../../shared/money-text.ts'
import type { ActivityEntry, Spending } from '../../shared/wire/payment-api.ts'
import { byDay, isCostly, monthOfSpending } from '../flows/spending.ts'
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
  /** Looks at one of them; absent where nobody is signed in who may. */
  readonly open?: (entry: ActivityEntry) => void
  readonly children?: ComponentChildren
}

/** This month as a chart, and payments day by day, newest first. */
export function ActivityList({ payments, spent, asOfMs, nowMs, words, open, children }: ActivityListProps) {
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
                <Entry {...{ entry, words }} {...(open && { open })} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}

type EntryProps = Pick<ActivityListProps, 'words' | 'open'> & { readonly entry: ActivityEntry }

function Entry({ entry, words, open }: EntryProps) {
  const { locale } = useSpeech()
  const { payee, amount, refundedMinor, state, card } = entry
  const isPartRefunded = state === 'refunded' && refundedMinor < amount.minor
  const stateWords = isPartRefunded
    ? words.activity.givenBack(formatMoney({ minor: refundedMinor, currency: amount.currency }, locale))
    : words.activity.states[state]
  const contents = (
    <>
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
    </>
  )
  const look = `row entry ${isCostly(entry) ? '' : 'free'}`
  if (open === undefined) return <div class={look}>{contents}</div>
  return (
    <button type="button" class={look} onClick={() => open(entry)}>
      {contents}
    </button>
  )
}

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
