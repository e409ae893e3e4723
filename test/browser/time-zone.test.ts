/** A payment is of the day and the month that it was where its payer is, whatever time it is elsewhere. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const minutes = (count: number) => count * 60_000

it('a payment after midnight in Auckland is of the new month there, and of the old one in Los Angeles', async () => {
  const phone = await house.phone({ timezoneId: 'Pacific/Auckland' })
  const { page, wallet, shop, checkout } = phone
  await wallet.enrols('beatrice', await house.bank.issuesCard(eur(100_00)))
  const newMonthMs = await page.evaluate((nowMs) => {
    const now = new Date(nowMs)
    return new Date(now.getFullYear(), now.getMonth() + 1, 1).getTime()
  }, house.clock.nowMs())
  const paysAt = async (drink: string, atMs: number) => {
    house.clock.advance(atMs - house.clock.nowMs())
    await page.clock.setFixedTime(atMs)
    await shop.orders(drink)
    await checkout.pays()
  }
  await paysAt('Espresso', newMonthMs - minutes(5))
  await paysAt('Flat white', newMonthMs + minutes(5))

  await wallet.opens()
  await wallet.signsInAs('beatrice')
  const activity = page.getByRole('region', { name: 'Activity' })
  const month = (total: string) => ({ name: `What you spent on each day of this month: ${total} in all.` })
  await activity.getByRole('img', month('€3.80')).waitFor()
  expect(await activity.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(['Today', 'Yesterday'])
  const bars = activity.locator('.month rect')
  const [first, ...others] = await bars.evaluateAll((days) => days.map((day) => day.getAttribute('class')))
  expect([first, new Set(others)]).toEqual(['today', new Set(['none'])])

  const { page: elsewhere, wallet: walletElsewhere } = await house.phone({ timezoneId: 'America/Los_Angeles' })
  await phone.passkeys.copyTo(elsewhere)
  await elsewhere.clock.setFixedTime(house.clock.nowMs())
  await walletElsewhere.opens()
  await elsewhere.getByRole('button', { name: 'Sign in with your passkey' }).tap()
  await elsewhere.getByRole('img', month('€6.20')).waitFor()
  expect(await elsewhere.locator('.activity').getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(['Today'])
})
