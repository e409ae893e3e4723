import { html } from 'hono/html'
import { brandNames } from '../../../shared/brand-names.ts'
import type { RecoveryQuestion } from '../recover-card.ts'
import { hostOf } from './host-of.ts'
import { htmlPage } from './html-page.ts'

const endings = {
  confirmed: ['The new passkey has your card', 'You said yes. The passkeys of before pay nothing with it any more.'],
  denied: ['Nothing was changed', 'You said that it was not you. Your card stays with the passkeys it had.'],
  lapsed: [
    'This link is over',
    'Nothing was changed by it. Begin again where you lost your passkeys to get a new link.',
  ],
  unknown: ['This link leads nowhere', 'Nothing was changed. Open the link again as you got it.'],
} as const

/** Asks the cardholder whether a new passkey takes over their card, or tells what became of it. @param isWrong they showed another card */
export function recoveryPage(bankName: string, question: RecoveryQuestion, isWrong = false) {
  if (question.state === 'awaited') return htmlPage(bankName, ask(bankName, question, isWrong))
  const [title, sentence] = endings[question.state]
  return htmlPage(bankName, html`<main class="narrow"><h1>${title}</h1><p>${sentence}</p></main>`)
}

const ask = (
  bankName: string,
  { asked, enrolment: { brand, last4 } }: Extract<RecoveryQuestion, { state: 'awaited' }>,
  isWrong: boolean,
) => html`
<main class="narrow">
  <p class="fine">${bankName}</p>
  <h1>Does a new passkey take over your card?</h1>
  <p>Somebody says that every passkey of this card is lost. If you say yes, a new passkey takes over this card, and the old ones lose it.</p>
  <dl class="sheet">
    <div><dt>Card</dt><dd>${brandNames[brand ?? 'unknown'] || 'Card'} •••• ${last4}</dd></div>
    <div><dt>Where</dt><dd><bdi>${hostOf(asked.payment_server)}</bdi></dd></div>
    <div><dt>When</dt><dd>${new Date(asked.asked_at_ms).toUTCString()}</dd></div>
    <div><dt>New passkey</dt><dd class="identifier">${asked.thumbprint.slice(0, 12)}</dd></div>
  </dl>
  <p>Say yes only if your own device shows you the same new passkey. Show us that you have the card:</p>
  ${isWrong ? html`<p class="wrong" role="alert">This is not what is on the card. Nothing was changed; look again.</p>` : ''}
  <form method="post" class="shown-card">
    <label>Card number <input name="number" inputmode="numeric" autocomplete="cc-number" maxlength="32" required></label>
    <label>Valid until, MM/YY <input name="expiry" inputmode="numeric" autocomplete="cc-exp" maxlength="9" required></label>
    <label>Code on the card <input name="code" inputmode="numeric" autocomplete="cc-csc" maxlength="8" required></label>
    <div class="choices">
      <button class="primary" name="said" value="yes">Yes, it was me</button>
      <button name="said" value="no" formnovalidate>No, stop it</button>
    </div>
  </form>
  <p class="fine">Until you say yes, nothing changes. This link works once.</p>
</main>`
