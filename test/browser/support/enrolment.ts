import type { Page } from 'playwright-core'
import type { CardDetails } from '../../../shared/cardholder/card-details.ts'
import type { Words } from '../../../web/words/en.ts'
import { plain } from './plain.ts'

/** What somebody new does, in a checkout or in the wallet: takes a name, and types a card once. */
export function enrolmentOn(page: Page, { enrol, wallet }: Words) {
  const nameField = page.getByLabel(enrol.name, { exact: true })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  /** Types the name, and leaves it to the test what comes of it. */
  async function triesToTakeName(name: string): Promise<void> {
    await nameField.fill(name)
    await page.getByRole('button', { name: enrol.makePasskey }).tap()
  }

  return {
    triesToTakeName,

    /** @returns what the page answers while the name is in the field */
    async triesName(name: string): Promise<string> {
      await nameField.fill(name)
      await page.locator('.field.wrong .more, .field .more.good').waitFor()
      return page.locator('.field .more').innerText()
    },

    /** Types the name and makes its passkey. */
    async takesName(name: string): Promise<void> {
      await triesToTakeName(name)
      await page.getByRole('heading', { name: enrol.cardTitle }).waitFor()
    },

    /** Shows who it is, before a card can be added. */
    signsInAs: (name: string) => page.getByRole('button', { name: plain(wallet.signInAs(name)) }).tap(),

    /** What a card may bear as well, behind a fold: a limit for each payment, and the cardholder's gender. */
    async typesMore(more: { readonly limit: string; readonly gender: string }): Promise<void> {
      await page.getByText(enrol.more).tap()
      await field(enrol.limit).fill(more.limit)
      await field(enrol.gender).fill(more.gender)
    },

    /** What is in the form by now. */
    typedNumber: () => field(enrol.number).inputValue(),

    async typesCard({ number, expiry, code, name }: CardDetails): Promise<void> {
      await field(enrol.number).fill(number)
      await field(enrol.expiry).fill(`${String(expiry.month).padStart(2, '0')}${String(expiry.year).slice(-2)}`)
      await field(enrol.code).fill(code)
      await field(enrol.holder).fill(name)
    },
  }
}
