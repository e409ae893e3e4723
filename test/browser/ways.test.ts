/** The ways from a shop's page to a bill, but for the plain link: a window over the page, and a code for another device. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { en } from '../../web/words/en.ts'
import { eur } from '../support/merchant.ts'
import { checkoutOn } from './support/checkout.ts'
import { faultsOf } from './support/faults-of.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import { type PaymentWindow, paymentWindowOf } from './support/payment-window.ts'
import { strangeShop } from './support/strange-shop.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** On the shop's own page of an order that is to be paid for, with a card under a name. */
async function atOrder(name: string): Promise<PayersPhone & { bill: PaymentId }> {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const bill = await phone.shop.orders('Espresso')
  await phone.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`)
  return { ...phone, bill }
}
const buttonOn = (page: Page) => page.locator('moniker-button').getByRole('button')

/** The window that opens, in which the fingerprint reader works too. */
async function opensWindow({ page, passkeys }: PayersPhone): Promise<Page> {
  const opening = page.waitForEvent('popup')
  await buttonOn(page).tap()
  const popup = await opening
  await passkeys.copyTo(popup)
  return popup
}

describe('the button of a shop’s page', () => {
  it('opens the bill in a window, and the page goes on by itself once it is paid', async () => {
    const phone = await atOrder('ada')
    expect(await buttonOn(phone.page).innerText()).toBe('Pay with your name')
    const popup = await opensWindow(phone)
    expect(await buttonOn(phone.page).innerText()).toBe('Go on in the other window')
    const closing = popup.waitForEvent('close')
    await checkoutOn(popup, en).payButton.tap()
    await closing
    await phone.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
    expect((await house.merchant.sees(phone.bill)).state).toBe('captured')
  })

  it('gives the page back where the bill is called off', async () => {
    const phone = await atOrder('grace')
    const popup = await opensWindow(phone)
    const closing = popup.waitForEvent('close')
    await checkoutOn(popup, en).cancels()
    await closing
    await phone.page.getByRole('heading', { name: 'The payment was canceled' }).waitFor()
  })

  it('says so where the window was closed before paying, and can be pressed again', async () => {
    const phone = await atOrder('edsger')
    const popup = await opensWindow(phone)
    await popup.close()
    const news = phone.page.getByRole('status').filter({ hasText: 'The window was closed. You can go on here.' })
    await news.waitFor()
    expect(await buttonOn(phone.page).innerText()).toBe('Pay with your name')
    expect(await phone.page.getByRole('heading', { level: 1 }).innerText()).toBe('Not paid yet')
    expect(await faultsOf(phone.page, 'ways/window-closed')).toEqual([])
    expect((await house.merchant.sees(phone.bill)).state).toBe('created')
    const again = await opensWindow(phone)
    await news.waitFor({ state: 'detached' })
    await checkoutOn(again, en).payButton.tap()
    await phone.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
  })

  it('leads to the bill in the page itself where windows are blocked', async () => {
    const phone = await house.phone()
    await phone.context.addInitScript(() => Object.assign(globalThis, { open: () => null }))
    await phone.wallet.enrols('barbara', await house.bank.issuesCard(eur(100_00)))
    const bill = await phone.shop.orders('Espresso')
    await phone.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`)
    await buttonOn(phone.page).tap()
    await phone.page.waitForURL(`${house.addresses.payment}/pay/${bill}`)
    await phone.checkout.pays()
    await phone.checkout.goesBackToShop()
    expect(await phone.shop.says()).toContain('Paid. Thank you!')
  })

  it('looks as it should, also with the code for another device', async () => {
    const { page } = await atOrder('alan')
    expect(await faultsOf(page, 'ways/button')).toEqual([])
    await page.getByText('Pay on your phone').tap()
    expect(await faultsOf(page, 'ways/code')).toEqual([])
  })

  it('weighs less than 5 kB, and needs no other file', async () => {
    const file = await readFile(fileURLToPath(new URL('../../dist/web/button.js', import.meta.url)))
    expect(gzipSync(file).length).toBeLessThan(5_000)
    expect(file.toString()).not.toMatch(/\bimport\s*[({'"*]|\bfrom\s*['"]/)
  })
})

describe('a shop whose page cuts off the windows that it opens', () => {
  it('has its payer come back in that window', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('kurt', await house.bank.issuesCard(eur(100_00)))
    const bill = await house.merchant.asks(eur(2_40), { successUrl: `${house.addresses.shop}/` })
    const script = `${house.addresses.payment}/button.js`
    const shop = await strangeShop(
      `<script type="module" src="${script}"></script><moniker-button payment="${bill}"></moniker-button>`,
      { 'cross-origin-opener-policy': 'same-origin' },
    )
    await phone.page.goto(shop.origin)
    const popup = await opensWindow(phone)
    await checkoutOn(popup, en).pays()
    await popup.waitForURL(`${house.addresses.shop}/`)
    expect(phone.page.url()).toBe(`${shop.origin}/`)
    shop.close()
  })
})

describe('a page that is not the shop’s', () => {
  it('learns nothing of a bill that it opens', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('haskell', await house.bank.issuesCard(eur(100_00)))
    const bill = await phone.shop.orders('Espresso')
    const script = `${house.addresses.payment}/button.js`
    const stranger = await strangeShop(
      `<script type="module" src="${script}"></script><moniker-button payment="${bill}"></moniker-button>
      <script>addEventListener('message', ({ data }) => document.body.append(JSON.stringify(data)))</script>`,
    )
    await phone.page.goto(stranger.origin)
    const popup = await opensWindow(phone)
    await checkoutOn(popup, en).pays()
    await popup.waitForURL(`${house.addresses.shop}/orders/*`)
    expect(await phone.page.locator('body').innerText()).not.toContain('moniker')
    expect(phone.page.url()).toBe(`${stranger.origin}/`)
    stranger.close()
    // The browser says so of a message that was for somebody else.
    expect((await house.closePhones()).every((trouble) => trouble.includes('postMessage'))).toBe(true)
  })
})

/** Presses the button of the browser's own way of paying. @returns the window that it shows */
async function opensPaymentWindow(phone: PayersPhone): Promise<PaymentWindow> {
  await phone.page.getByRole('button', { name: 'Pay with this browser' }).tap()
  return paymentWindowOf(phone)
}

describe('the browser’s own way of paying', () => {
  it('opens the bill over the shop’s page, and the page goes on by itself once it is paid', async () => {
    const phone = await atOrder('niklaus')
    const paymentWindow = await opensPaymentWindow(phone)
    await paymentWindow.presses('Pay Bluebird Coffee')
    await paymentWindow.sees('Paid')
    await phone.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
    expect((await house.merchant.sees(phone.bill)).state).toBe('captured')
  })

  it('gives the page back where the bill is called off', async () => {
    const phone = await atOrder('tony')
    const paymentWindow = await opensPaymentWindow(phone)
    await paymentWindow.presses(en.pay.cancel)
    await phone.page.getByRole('heading', { name: 'The payment was canceled' }).waitFor()
  })

  it('can be pressed again where the page in the window is gone', async () => {
    const phone = await atOrder('robin')
    await (await opensPaymentWindow(phone)).crashes()
    await (await opensPaymentWindow(phone)).presses('Pay Bluebird Coffee')
    await phone.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
  })

  it('installs itself on a device where the wallet never was', async () => {
    const { bill, passkeys } = await atOrder('leslie')
    const phone = await house.phone()
    await passkeys.copyTo(phone.page)
    await phone.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`)
    expect(phone.context.serviceWorkers()).toEqual([])
    const paymentWindow = await opensPaymentWindow(phone)
    await paymentWindow.typesName('leslie')
    await paymentWindow.presses('Pay Bluebird Coffee')
    await phone.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
    expect(phone.context.serviceWorkers().map((worker) => worker.url())).toEqual([`${house.addresses.payment}/sw.js`])
  })

  it('gives way to the bill in the page itself where the browser will not have it', async () => {
    const phone = await atOrder('adele')
    await phone.page.evaluate(() => {
      const refuse = () => Promise.reject(new DOMException('', 'NotSupportedError'))
      Object.assign(globalThis, {
        PaymentRequest: class {
          show = refuse
        },
      })
    })
    await phone.page.getByRole('button', { name: 'Pay with this browser' }).tap()
    await phone.page.waitForURL(`${house.addresses.payment}/pay/${phone.bill}`)
  })

  it('tells the shop’s page where to go, and that it was called off', async () => {
    const phone = await atOrder('frances')
    await asksBrowserFor(phone, phone.bill)
    await (await paymentWindowOf(phone)).crashes()
    expect(await answerOf(phone)).toEqual({ payment: phone.bill, status: 'canceled' })

    await asksBrowserFor(phone, phone.bill)
    await (await paymentWindowOf(phone)).presses(en.pay.cancel)
    expect(await answerOf(phone)).toEqual({ payment: phone.bill, status: 'canceled', url: phone.page.url() })
  })

  it('tells a page that is not the shop’s neither what was paid nor where to go', async () => {
    const phone = await atOrder('katherine')
    const stranger = await strangeShop('<p>Strange</p>')
    await phone.page.goto(stranger.origin)
    await asksBrowserFor(phone, phone.bill)
    await (await paymentWindowOf(phone)).presses('Pay Bluebird Coffee')
    expect(await answerOf(phone)).toEqual({ payment: phone.bill, status: 'returned' })
    stranger.close()
  })
})

/** A page with nothing of ours in it asks its browser, and shows what it hears. */
async function asksBrowserFor({ page }: PayersPhone, payment: PaymentId): Promise<void> {
  const method = `${house.addresses.payment}/pay`
  await page.evaluate(putOwnButton, { method, payment })
  await page.getByRole('button', { name: 'Own button' }).tap()
}

const answerOf = async ({ page }: PayersPhone): Promise<unknown> =>
  JSON.parse(await page.locator('output').filter({ hasText: '"' }).innerText())

/** Runs in the page. */
function putOwnButton({ method, payment }: { method: string; payment: string }): void {
  const button = document.createElement('button')
  const output = document.createElement('output')
  button.textContent = 'Own button'
  button.addEventListener('click', async () => {
    const total = { label: 'Coffee', amount: { currency: 'EUR', value: '2.40' } }
    const request = new PaymentRequest([{ supportedMethods: method, data: { payment } }], { total })
    const response = await request.show()
    await response.complete('success')
    output.textContent = JSON.stringify(response.details)
  })
  for (const old of document.querySelectorAll('.own')) old.remove()
  const own = document.createElement('div')
  own.className = 'own'
  own.append(button, output)
  document.body.append(own)
}

describe('the code on a shop’s page', () => {
  it('leads another device to the bill, and the page goes on by itself once it is paid', async () => {
    const desk = await house.phone()
    const bill = await desk.shop.orders('Espresso')
    await desk.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`)
    await desk.page.getByText('Pay on your phone').tap()
    const link = await desk.page.locator('.ways a').getAttribute('href')
    const phone = await house.phone()
    await phone.wallet.enrols('donald', await house.bank.issuesCard(eur(100_00)))
    await phone.page.goto(link ?? '')
    await phone.checkout.pays()
    await desk.page.getByRole('heading', { name: 'Paid. Thank you!' }).waitFor()
  })
})
