/** Several drinks on one bill, from a basket that lives in the page's address. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('is filled, changed, and paid with one bill that says each drink', async () => {
  const { page, shop, wallet, checkout } = await house.phone()
  await wallet.enrols('basil', await house.bank.issuesCard(eur(100_00)))
  await shop.opens()
  await page.getByRole('button', { name: 'Add: Espresso' }).tap()
  await page.getByLabel('How many: Matcha latte').selectOption('3')
  await page.getByRole('button', { name: 'Add: Matcha latte' }).tap()
  await page.getByRole('link', { name: 'One more: Espresso' }).tap()
  await page.getByRole('link', { name: 'One less: Matcha latte' }).tap()
  const basket = page.getByRole('region', { name: 'Your basket' })
  await basket.getByText('2 × Espresso').waitFor()
  await basket.getByText('2 × Matcha latte').waitFor()
  expect(await faultsOf(page, 'screens/shop-basket')).toEqual([])
  await basket.getByRole('button', { name: 'Order · €13.80' }).tap()
  await page.waitForURL(/\/pay\/pay_/)
  await page.getByText('Matcha latte').first().waitFor()
  await checkout.pays()
  await checkout.goesBackToShop()
  const said = await shop.says()
  for (const line of ['2 × Espresso', '€4.80', '2 × Matcha latte', '€9.00', '€13.80']) expect(said).toContain(line)
})
