import { html } from 'hono/html'
import { htmlPage } from './html-page.ts'

/** What those read who ask for the console of a bank that is no simulator, and give no password. */
export const operatorsPage = (bankName: string) =>
  htmlPage(
    bankName,
    html`<main class="narrow">
      <p class="fine">${bankName}</p>
      <h1>For operators</h1>
      <p>This page shows the books to those who run the bank. Open it again, and give the operator’s token as the password.</p>
    </main>`,
  )
