/** Browsers keep, more and more, cookies of other sites from a page's frames. No way to a bill needs any. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { eur } from '../support/merchant.ts'
import { checkoutOn } from './support/checkout.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import { paymentWindowOf } from './support/payment-window.ts'
import { strangeShop } from './support/strange-shop.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const strictPhone = () => house.phone({ persistent: true, browserArguments: ['--test-third-party-cookie-phaseout'] })

/** On the page of an order, with a card under a name, in a browser that keeps third-party cookies from everybody. */
async function atOrder(name: string): Promise<PayersPhone> {
  const phone = await strictPhone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const bill = await phone.shop.orders('Espresso')
  await phone.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`)
  return phone
}
const isPaid = (page: Page) => page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()

describe('in a browser without third-party cookies', () => {
  it('a frame of another site has none, though that site itself has', async () => {
    const other = await strangeShop(
      `<script>document.cookie = 'kept=1; SameSite=None; Secure'; document.body.append('[' + document.cookie + ']')</script>`,
    )
    const otherOrigin = other.origin.replace('strange', 'other')
    const shop = await strangeShop(`<iframe src="${otherOrigin}"></iframe>`)
    const { page } = await strictPhone()
    await page.goto(otherOrigin)
    expect(await page.getByText('[').innerText()).toBe('[kept=1]')
    await page.goto(shop.origin)
    expect(await page.frameLocator('iframe').getByText('[').innerText()).toBe('[]')
    shop.close()
    other.close()
  })

  it('the redirect leads there and back', async () => {
    const { page, checkout, shop } = await atOrder('ada')
    await page.locator('.order form').getByRole('button').first().tap()
    await checkout.pays()
    await checkout.goesBackToShop()
    expect(await shop.says()).toContain('Paid. Thank you!')
  })

  it('the window over the page tells it that it is done', async () => {
    const { page, passkeys } = await atOrder('grace')
    const opening = page.waitForEvent('popup')
    await page.locator('moniker-button').getByRole('button').tap()
    const popup = await opening
    await passkeys.copyTo(popup)
    await checkoutOn(popup, en).payButton.tap()
    await isPaid(page)
  })

  it('the browser’s own way of paying does', async () => {
    const phone = await atOrder('edsger')
    await phone.page.getByRole('button', { name: 'Pay with this browser' }).tap()
    await (await paymentWindowOf(phone)).presses('Pay Bluebird Coffee')
    await isPaid(phone.page)
  })
})
