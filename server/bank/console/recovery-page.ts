import { html } from 'hono/html'
import type { Language } from '../../runtime/accepted-language.ts'
import type { RecoveryQuestion } from '../recover-card.ts'
import { cardAskedAbout, endingPage } from './cardholder-page.ts'
import { cardholderWords } from './cardholder-words.ts'
import { htmlPage } from './html-page.ts'

type Asked = Extract<RecoveryQuestion, { state: 'awaited' }>

/** Asks the cardholder whether a new passkey takes over their card, or tells what became of it. @param isWrong they showed another card */
export function recoveryPage(bankName: string, question: RecoveryQuestion, language: Language, isWrong = false) {
  const { endings } = cardholderWords[language].recovery
  if (question.state !== 'awaited') return endingPage(bankName, endings[question.state], language)
  return htmlPage(bankName, ask(bankName, question, language, isWrong), { language })
}

function ask(bankName: string, { asked, enrolment }: Asked, language: Language, isWrong: boolean) {
  const words = cardholderWords[language]
  const { recovery } = words
  return html`
<main class="narrow">
  <p class="fine">${bankName}</p>
  <h1>${recovery.title}</h1>
  <p>${recovery.lead}</p>
  ${cardAskedAbout({
    enrolment: { ...enrolment, payment_server: asked.payment_server },
    atMs: asked.asked_at_ms,
    passkey: [recovery.passkey, asked.thumbprint],
    language,
  })}
  <p>${recovery.onlyIf}</p>
  ${isWrong ? html`<p class="wrong" role="alert">${recovery.wrong}</p>` : ''}
  <form method="post" class="shown-card">
    <label>${recovery.number} <input name="number" inputmode="numeric" autocomplete="cc-number" maxlength="32" required></label>
    <label>${recovery.expiry} <input name="expiry" inputmode="numeric" autocomplete="cc-exp" maxlength="9" required></label>
    <label>${recovery.code} <input name="code" inputmode="numeric" autocomplete="cc-csc" maxlength="8" required></label>
    <div class="choices">
      <button class="primary" name="said" value="yes">${words.yes}</button>
      <button name="said" value="no" formnovalidate>${words.no}</button>
    </div>
  </form>
  <p class="fine">${recovery.until}</p>
</main>`
}
