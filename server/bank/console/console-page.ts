import { html } from 'hono/html'
import { brandNames } from '../../../shared/brand-names.ts'
import { groupDigits } from '../../../shared/cardholder/card-number.ts'
import { declineCodes } from '../../../shared/decline.ts'
import { type Currency, formatMoney } from '../../../shared/money.ts'
import {
  type AccountReport,
  booksBalance,
  type DecisionReport,
  type HoldReport,
  type HourReport,
  type JournalEntry,
  type LedgerCheck,
} from '../ledger-report.ts'
import type { MischiefOrder } from '../misbehave.ts'
import { type TestCard, testCards } from '../test-cards.ts'
import { dayChart } from './day-chart.ts'
import { declineWords } from './decline-words.ts'
import { htmlPage } from './html-page.ts'
import { standingOrders, switches } from './switches.ts'

type ConsoleFacts = {
  readonly name: string
  readonly isSimulator: boolean
  readonly nowMs: number
  readonly check: LedgerCheck
  readonly journal: readonly JournalEntry[]
  readonly decisions: readonly DecisionReport[]
  readonly holds: readonly HoldReport[]
  readonly accounts: readonly AccountReport[]
  readonly hours: readonly HourReport[]
  readonly orders: readonly MischiefOrder[]
}

export const consolePage = (facts: ConsoleFacts) =>
  htmlPage(facts.name, consoleBody(facts), { scripts: html`<script type="module" src="/console.js"></script>` })

const consoleBody = (facts: ConsoleFacts) => html`
    <header class="masthead">
      <h1>${facts.name}</h1>
      ${facts.isSimulator ? html`<p class="badge">Simulator: no real money</p>` : ''}
    </header>
    <main>
      ${facts.isSimulator ? standingOrders(facts.orders) : ''}
      <div class="books">
        <div id="books" data-live>${booksLine(facts.check)}</div>
        <p>as of <span id="clock" data-live>${moment(facts.nowMs)}</span></p>
      </div>
      <div id="day" data-live>${dayChart(facts.hours, facts.nowMs)}</div>
      <div class="columns">
        <div class="column">
          ${section('Journal', 'journal', facts.journal.map(journalEntry), 'No money has moved yet.')}
        </div>
        <div class="column">
          ${section('Decisions', 'decisions', facts.decisions.map(decision), 'Nobody has asked for money yet.')}
          ${section('Holds', 'holds', facts.holds.map(hold), 'No money is set aside.')}
          ${section('Accounts', 'accounts', facts.accounts.map(account), 'No accounts yet.')}
        </div>
      </div>
      ${facts.isSimulator ? html`${switches()} ${testCardSection()}` : ''}
    </main>`

const booksLine = (check: LedgerCheck) => html`<p class="${booksBalance(check) ? 'good' : 'bad'}">
  <strong>${booksBalance(check) ? 'The books balance.' : 'The books do not balance.'}</strong>
  ${check.transactions} ${check.transactions === 1 ? 'transaction' : 'transactions'},
</p>`

/** What is marked `data-live`, `console.js` puts in anew where it has changed; whatever else is on the page stays as it is. */
const section = (title: string, name: string, items: readonly unknown[], empty: string) => html`
<section aria-labelledby="${name}">
  <h2 id="${name}">${title}</h2>
  <div id="${name}-entries" data-live>
    ${items.length === 0 ? html`<p class="empty">${empty}</p>` : html`<ul class="${name}">${items}</ul>`}
  </div>
</section>`

const journalEntry = (entry: JournalEntry) => {
  const [giver, taker] = [entry.postings.at(0), entry.postings.at(-1)]
  if (giver === undefined || taker === undefined) return ''
  return html`<li>
    <div class="row">
      <span class="what">${whatHappened(entry.kind)} <bdi>${giver.label}</bdi> → <bdi>${taker.label}</bdi></span>
      <span class="amount">${amount(taker.minor, taker.currency)}</span>
    </div>
    <div class="row fine">
      <span class="identifier">${entry.payment ?? entry.id}</span>
      ${moment(entry.bookedAtMs)}
    </div>
  </li>`
}

const happenings = { opening: 'Opening balance', capture: 'Paid', refund: 'Refunded', reversal: 'Reversed' } as const
const whatHappened = (kind: JournalEntry['kind']) => html`<span class="tag ${kind}">${happenings[kind]}</span>`

const decision = (decided: DecisionReport) => html`<li>
  <div class="row">
    <span class="what">${outcomeTag(decided)} <bdi>${decided.payeeName}</bdi></span>
    <span class="amount">${amount(decided.minor, decided.currency)}</span>
  </div>
  <div class="row fine">
    <span>${whyOf(decided)}<span class="identifier">${decided.reference}</span></span>
    ${moment(decided.decidedAtMs)}
  </div>
</li>`

const outcomeTag = ({ reason, isReversed }: DecisionReport) => {
  if (reason !== null) return html`<span class="tag declined">Declined</span>`
  return isReversed
    ? html`<span class="tag reversal">Reversed</span>`
    : html`<span class="tag approved">Approved</span>`
}

const whyOf = ({ reason }: DecisionReport) =>
  reason === null ? '' : html`${declineWords[reason]} (${declineCodes[reason]}) · `

const hold = (held: HoldReport) => html`<li>
  <div class="row">
    <span class="what"><bdi>${held.payeeName}</bdi>, from <bdi>${held.accountLabel}</bdi></span>
    <span class="amount">${amount(held.minor, held.currency)}</span>
  </div>
  <div class="row fine"><span class="identifier">${held.reference}</span><span>until ${moment(held.expiresAtMs)}</span></div>
</li>`

const kinds = { debit: 'Debit', credit: 'Credit', payee: 'Payee', equity: 'Bank' } as const

const account = (shown: AccountReport) => html`<li>
  <div class="row">
    <span class="what"><span class="tag ${shown.kind}">${kinds[shown.kind]}</span> <bdi>${shown.label}</bdi></span>
    <span class="amount">${amount(shown.balanceMinor, shown.currency)}</span>
  </div>
  <div class="row fine">
    <span class="identifier">${shown.id}</span>
    ${shown.kind === 'debit' || shown.kind === 'credit' ? spendable(shown) : ''}
  </div>
</li>`

const spendable = ({ availableMinor, heldMinor, currency }: AccountReport) => html`<span
  >${amount(availableMinor, currency)} to spend${heldMinor > 0 ? html`, ${amount(heldMinor, currency)} held` : ''}</span
>`

const testCardSection = () => html`
<section aria-labelledby="test-cards">
  <h2 id="test-cards">Test cards</h2>
  <p class="fine">Any expiry date to come, any name, and any code of the right length but zeros, which is a wrong code.</p>
  <ul class="test-cards">${testCards.map(testCard)}</ul>
</section>`

const testCard = ({ number, brand, does }: TestCard) => html`<li>
  <code class="number">${groupDigits(number)}</code>
  <span class="tag">${brandNames[brand] || 'Card'}</span>
  <p>${does}</p>
</li>`

const amount = (minor: number, currency: Currency): string =>
  signed(minor, (size) => formatMoney({ minor: size, currency }, 'en'))

/** The sign is put before the whole, since a currency's decimals are counted from the digits. */
const signed = (minor: number, format: (minor: number) => string): string =>
  minor < 0 ? `−${format(-minor)}` : format(minor)

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })
const moment = (atMs: number) => html`<time datetime="${new Date(atMs).toISOString()}">${clock.format(atMs)} UTC</time>`
