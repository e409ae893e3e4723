import type { Page } from 'playwright-core'
import type { CardDetails } from '../../../shared/cardholder/card-details.ts'
import type { Words } from '../../../web/words/en.ts'
import { enrolmentOn } from './enrolment.ts'

/** What somebody does in the wallet itself, outside of any checkout. */
export function walletOn(page: Page, origin: string, words: Words) {
  const enrolment = enrolmentOn(page, words)

  /** To where a recovery code is offered. */
  async function addsFirstCard(name: string, card: CardDetails): Promise<void> {
    await page.goto(`${origin}/enrol`)
    await enrolment.takesName(name)
    await enrolment.typesCard(card)
    await page.getByRole('button', { name: words.enrol.add }).tap()
    await page.locator('.recovery-step').waitFor()
  }

  return {
    ...enrolment,
    opens: () => page.goto(origin),
    beginsEnrolment: () => page.goto(`${origin}/enrol`),

    /** Takes a name, and leaves the card for later. */
    async takesNameAlone(name: string): Promise<void> {
      await page.goto(`${origin}/enrol`)
      await enrolment.takesName(name)
    },

    /** Waits until the phone keeps what the app is made of. */
    async isReadyForOffline(): Promise<void> {
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready
      })
    },

    addsFirstCard,

    /** From nothing to a name that can pay, without a recovery code for now. */
    async enrols(name: string, card: CardDetails): Promise<void> {
      await addsFirstCard(name, card)
      await page.getByRole('button', { name: words.enrol.later, exact: true }).tap()
      // Its picture is seen while it is being added, too.
      await page.waitForURL(`${origin}/`)
      await page.locator('.card-picture').waitFor()
    },
  }
}
export type WalletPages = ReturnType<typeof walletOn>
