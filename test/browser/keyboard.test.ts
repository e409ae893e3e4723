/** What people do who use no pointer: every step by Tab, Enter, Escape and what they type. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { keyboardOf } from './support/keyboard.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('a new payer orders, takes a name, types a card and pays', async () => {
  const { page, shop } = await house.phone()
  const { presses, types } = keyboardOf(page)
  const { number, expiry, code, name } = await house.bank.issuesCard(eur(100_00))

  await shop.opens()
  await presses('Order: Espresso')
  await page.waitForURL(/\/pay\/pay_/)
  await presses('Choose a name')
  await types('Your new name', 'ada')
  await page.getByText('is yours').waitFor()
  await page.keyboard.press('Enter')
  await types('Card number', number)
  await types('Expiry date', `${String(expiry.month).padStart(2, '0')}${String(expiry.year % 100)}`)
  await types('Security code', code)
  await types('Name on card', name)
  await presses(/^Pay Bluebird Coffee/)
  await page.getByRole('heading', { name: 'Paid' }).waitFor()
  await presses(/Bluebird Coffee/)
  expect(await shop.says()).toContain('€2.40')
})

it('a new screen has the focus from its first moment, so that what is typed at once is not lost', async () => {
  const { page, shop } = await house.phone()
  const { presses } = keyboardOf(page)
  await shop.opens()
  await presses('Order: Espresso')
  await page.waitForURL(/\/pay\/pay_/)
  const hadFocus = page.evaluate(focusOfFirstHeading)
  await presses('Choose a name')
  expect(await hadFocus).toBe('Choose your name')
})

it('a payer freezes a card, looks into its settings, and is back where they were', async () => {
  const { page, wallet } = await house.phone()
  const { presses, focus } = keyboardOf(page)
  await wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  await presses(/^Freeze/)
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
  await presses(/^Settings/)
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  expect(await dialog.evaluate((sheet) => sheet.contains(document.activeElement))).toBe(true)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await focus()).toMatch(/^Settings/)
})

/** Runs in the page: where the focus is in the very task that shows the next screen's heading. */
function focusOfFirstHeading(): Promise<string> {
  return new Promise((tell) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.enrolment h2')) return
      observer.disconnect()
      const { activeElement } = document
      tell(activeElement instanceof HTMLHeadingElement ? activeElement.innerText : 'elsewhere')
    })
    observer.observe(document.body, { childList: true, subtree: true })
  })
}
