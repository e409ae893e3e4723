import { html } from 'hono/html'
import type { Language } from '../../runtime/accepted-language.ts'
import type { Question } from '../confirm-card.ts'
import type { EnrolmentRow } from '../schema.ts'
import { cardAskedAbout, endingPage } from './cardholder-page.ts'
import { type CardholderWords, cardholderWords } from './cardholder-words.ts'
import { htmlPage } from './html-page.ts'

/** Asks the cardholder, or tells what became of it. */
export function confirmationPage(bankName: string, question: Question, language: Language) {
  const words = cardholderWords[language]
  if (question.state !== 'open') return endingPage(bankName, words.confirmation.endings[question.state], language)
  return htmlPage(bankName, ask(bankName, question.enrolment, words, language), { language })
}

const ask = (bankName: string, enrolment: EnrolmentRow, words: CardholderWords, language: Language) => html`
<main class="narrow">
  <p class="fine">${bankName}</p>
  <h1>${words.confirmation.title}</h1>
  <p>${words.confirmation.lead}</p>
  ${cardAskedAbout({
    enrolment,
    atMs: enrolment.decided_at_ms,
    passkey: [words.confirmation.passkey, enrolment.thumbprint],
    language,
  })}
  <form method="post" class="choices">
    <button class="primary" name="said" value="yes">${words.yes}</button>
    <button name="said" value="no">${words.no}</button>
  </form>
  <p class="fine">${words.confirmation.until}</p>
</main>`
