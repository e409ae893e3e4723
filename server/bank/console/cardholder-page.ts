import { html } from 'hono/html'
import { brandNames } from '../../../shared/brand-names.ts'
import type { Language } from '../../runtime/accepted-language.ts'
import type { EnrolmentRow } from '../schema.ts'
import { cardholderWords } from './cardholder-words.ts'
import { hostOf } from './host-of.ts'
import { htmlPage } from './html-page.ts'

/** What became of a question. */
export const endingPage = (bankName: string, [title, sentence]: readonly [string, string], language: Language) =>
  htmlPage(bankName, html`<main class="narrow"><h1>${title}</h1><p>${sentence}</p></main>`, { language })

type AskedAbout = {
  readonly enrolment: Pick<EnrolmentRow, 'brand' | 'last4' | 'payment_server'>
  readonly atMs: number
  /** What it is called, and its thumbprint. */
  readonly passkey: readonly [label: string, thumbprint: string]
  readonly language: Language
}

/** The card, who asks, when, and for which passkey. */
export function cardAskedAbout({ enrolment, atMs, passkey: [label, thumbprint], language }: AskedAbout) {
  const words = cardholderWords[language]
  const { brand, last4, payment_server } = enrolment
  return html`<dl class="sheet">
    <div><dt>${words.card}</dt><dd>${brandNames[brand ?? 'unknown'] || words.card} •••• ${last4}</dd></div>
    <div><dt>${words.where}</dt><dd><bdi>${hostOf(payment_server)}</bdi></dd></div>
    <div><dt>${words.when}</dt><dd>${momentIn(language, atMs)}</dd></div>
    <div><dt>${label}</dt><dd class="identifier">${thumbprint.slice(0, 12)}</dd></div>
  </dl>`
}

/** The page does not know where its reader is. */
const momentIn = (language: Language, atMs: number): string =>
  new Intl.DateTimeFormat(language, {
    dateStyle: 'full',
    timeStyle: 'long',
    timeZone: 'UTC',
  }).format(atMs)
