import type { Page } from 'playwright-core'
import type { CardDetails } from '../../../shared/cardholder/card-details.ts'
import type { Words } from '../../../web/words/en.ts'

/** What somebody new does, in a checkout or in the wallet: takes a name, and types a card once. */
export function enrolmentOn(page: Page, { enrol }: Words) {
  const nameField = page.getByLabel(enrol.name, { exact: true })
  const field = (label: string) => page.getByLabel(label, { exact: true })

  return {
    /** @returns what the page answers while the name is in the field */
    async triesName(name: string): Promise<string> {
      await nameField.fill(name)
      await page.locator('.field.wrong .more, .field .more.good').waitFor()
      return page.locator('.field .more').innerText()
    },

    /** Types the name and makes its passkey. */
    async takesName(name: string): Promise<void> {
      await nameField.fill(name)
      await page.getByRole('button', { name: enrol.makePasskey }).tap()
      await page.getByRole('heading', { name: enrol.cardTitle }).waitFor()
    },

    async typesCard({ number, expiry, code, name }: CardDetails): Promise<void> {
      await field(enrol.number).fill(number)
      await field(enrol.expiry).fill(`${String(expiry.month).padStart(2, '0')}${String(expiry.year).slice(-2)}`)
      await field(enrol.code).fill(code)
      await field(enrol.holder).fill(name)
    },
  }
}
