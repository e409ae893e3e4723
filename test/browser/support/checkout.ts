import type { Page } from 'playwright-core'
import type { Words } from '../../../web/words/en.ts'
import { enrolmentOn } from './enrolment.ts'
import { plain } from './plain.ts'

const payee = 'Bluebird Coffee'

/** What a payer does on the page of a bill. */
export function checkoutOn(page: Page, words: Words) {
  const { pay } = words
  // The amount comes last, whatever it is.
  const payButton = page.getByRole('button', { name: plain(pay.button(payee, '')).trim() })
  const changesName = () => page.getByRole('button', { name: pay.change }).tap()
  const receipt = page.getByRole('heading', { name: pay.paid, exact: true })
  const notices = page.getByRole('alert')
  /** A notice of before is taken away when the button is pressed; it must not be taken for the next one. */
  const markNoticesAsRead = () =>
    notices.evaluateAll((read) => read.map((notice) => notice.setAttribute('data-read', '')))
  const unreadNotice = page.locator('[role=alert]:not([data-read])')

  return {
    ...enrolmentOn(page, words),
    payButton,

    typesName: (name: string) => page.getByLabel(pay.name, { exact: true }).fill(name),
    /** On a phone that remembers one person, and is in the hand of another. */
    changesName,
    paysAs: (name: string) => page.getByRole('button', { name: plain(pay.payAs(name)) }).tap(),
    async isSomebodyElse(): Promise<void> {
      await changesName()
      await page.getByRole('button', { name: pay.someoneElse }).tap()
    },
    isNewHere: () => page.getByRole('button', { name: pay.makeName }).tap(),
    choosesCardEnding: (last4: string) => page.getByRole('radio', { name: last4 }).check(),
    addsAnotherCard: () => page.getByRole('button', { name: pay.anotherCard }).tap(),

    /** Presses the button, and has a receipt. */
    async pays(): Promise<void> {
      await payButton.tap()
      await receipt.waitFor()
    },
    /** Presses the button in vain. @returns what the page says then */
    async failsToPay(): Promise<string> {
      await markNoticesAsRead()
      await payButton.tap()
      return oneLine(await unreadNotice.innerText())
    },
    /** Presses the button; what comes of it, the test says. */
    triesToPay: () => payButton.tap(),
    cancels: () => page.getByRole('button', { name: pay.cancel }).tap(),

    /** Who pays, as the page believes. */
    whoPays: () => page.locator('.who bdi').innerText(),
    /** Waits until the bill is paid, whoever paid it. */
    isPaid: () => receipt.or(page.getByRole('heading', { name: pay.paidBefore })).waitFor(),
    /** How the bill ended. */
    end: async () => oneLine(await page.locator('.ended').innerText()),
    /** Waits until the page says this. */
    sees: (text: string) => page.getByText(text).first().waitFor(),
    staysOnReceipt: () => page.getByRole('button', { name: pay.stay }).tap(),
    goesBackToShop: () => page.getByRole('button', { name: payee }).tap(),
  }
}
export type Checkout = ReturnType<typeof checkoutOn>

/** Where lines break is for the eye. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
