import { html } from 'hono/html'
import { brandNames } from '../../../shared/brand-names.ts'
import type { Question } from '../confirm-card.ts'
import type { EnrolmentRow } from '../schema.ts'
import { hostOf } from './host-of.ts'
import { htmlPage } from './html-page.ts'

const endings = {
  confirmed: ['Your card is ready', 'You said yes. The card pays from now on.'],
  denied: ['Nothing was added', 'You said that it was not you. This card will not pay there.'],
  expired: ['This link has expired', 'Nothing was added. Add the card again to get a new link.'],
  unknown: ['This link leads nowhere', 'Nothing was added. Open the link again as you got it.'],
} as const

/** Asks the cardholder, or tells what became of it. */
export function confirmationPage(bankName: string, question: Question) {
  if (question.state === 'open') return htmlPage(bankName, ask(bankName, question.enrolment))
  const [title, sentence] = endings[question.state]
  return htmlPage(bankName, html`<main class="narrow"><h1>${title}</h1><p>${sentence}</p></main>`)
}

const ask = (bankName: string, { brand, last4, payment_server, decided_at_ms, thumbprint }: EnrolmentRow) => html`
<main class="narrow">
  <p class="fine">${bankName}</p>
  <h1>Was it you?</h1>
  <p>Somebody has added your card, to pay with a name and a passkey.</p>
  <dl class="sheet">
    <div><dt>Card</dt><dd>${brandNames[brand ?? 'unknown'] || 'Card'} •••• ${last4}</dd></div>
    <div><dt>Where</dt><dd><bdi>${hostOf(payment_server)}</bdi></dd></div>
    <div><dt>When</dt><dd>${new Date(decided_at_ms).toUTCString()}</dd></div>
    <div><dt>Passkey</dt><dd class="identifier">${thumbprint.slice(0, 12)}</dd></div>
  </dl>
  <form method="post" class="choices">
    <button class="primary" name="said" value="yes">Yes, it was me</button>
    <button name="said" value="no">No, stop it</button>
  </form>
  <p class="fine">Until you say yes, the card pays nothing there. This link works once.</p>
</main>`
