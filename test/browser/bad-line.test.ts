/** The network goes away at the worst of moments: after the money has moved, and before anybody was told. Then it comes back. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { languages } from '../../web/words/language.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { zh } from '../../web/words/zh.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const script = (part: string) => new RegExp(`/assets/${part}-[^/]*\\.js$`)
const isCutOff = (page: Page, part: string) => page.route(script(part), (route) => route.abort('connectionreset'))

/** On a phone that has never been here, and keeps nothing of the app; the payer picks their passkey from the autofill. */
async function atFirstBill(name: string, prepare: (page: Page) => Promise<unknown> = async () => undefined) {
  const known = await house.phone()
  await known.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const phone = await house.phone({ withoutWorker: true })
  await known.passkeys.copyTo(phone.page)
  await prepare(phone.page)
  const bill = await phone.shop.orders('Espresso')
  await phone.checkout.sees('Paying as')
  return { ...phone, bill }
}

it('the receipt is here before the bill is paid', async () => {
  const fetched: string[] = []
  const { page, checkout, bill } = await atFirstBill('ada', async (page) => {
    page.on('requestfinished', (request) => fetched.push(request.url()))
  })
  for (const part of ['settled', 'waiting', 'en']) {
    await expect.poll(() => fetched.some((url) => script(part).test(url))).toBe(true)
  }
  await page.route('**/assets/**', (route) => route.abort('connectionreset'))
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('the receipt that did not come is fetched again', async () => {
  const { page, checkout, bill } = await atFirstBill('grace', (page) => isCutOff(page, 'settled'))
  const failure = page.waitForEvent('requestfailed', (request) => script('settled').test(request.url()))
  await checkout.triesToPay()
  await failure
  await page.unroute(script('settled'))
  await checkout.isPaid()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('a receipt that never comes leaves a way on, and it is the receipt', async () => {
  const { page, checkout, bill } = await atFirstBill('katherine', (page) => isCutOff(page, 'settled'))
  await checkout.triesToPay()
  await checkout.sees(en.broken.next)
  expect(await faultsOf(page, 'bad-line/broken')).toEqual([])
  await page.unroute(script('settled'))
  await page.getByRole('button', { name: en.reload }).tap()
  await checkout.isPaid()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('words that never come leave a way on, and it is to load the page again', async () => {
  const { page } = await house.phone({ withoutWorker: true })
  await isCutOff(page, 'wallet-en')
  await page.goto(`${house.addresses.payment}/lost`)
  await page.getByText(en.broken.next).waitFor()
  await page.unroute(script('wallet-en'))
  await page.getByRole('button', { name: en.reload }).tap()
  await page.getByRole('heading', { name: walletEn.loss.title }).waitFor()
})

it('a language that never comes leaves what there is as it is, and is there once the page is loaded again', async () => {
  const { page, checkout } = await atFirstBill('mary', (page) => isCutOff(page, 'first-zh'))
  await page.getByRole('button', { name: languages.zh }).tap()
  await page.getByText(en.broken.next).waitFor()
  expect(await checkout.whoPays()).toBe('mary')
  await checkout.payButton.waitFor()
  await page.unroute(script('first-zh'))
  await page.getByRole('button', { name: en.reload }).tap()
  await page.getByText(zh.pay.touch).waitFor()
})

it('a language that never comes leaves the merchants’ console as it is, too', async () => {
  const { page } = await house.phone({ withoutWorker: true })
  await isCutOff(page, 'console-zh')
  await page.goto(`${house.addresses.payment}/console`)
  const entry = page.getByRole('heading', { level: 1 })
  const before = await entry.innerText()
  await page.getByRole('button', { name: languages.zh }).tap()
  await page.getByText(en.broken.next).waitFor()
  expect(await entry.innerText()).toBe(before)
})

it('why a bill cannot be paid is here before anybody tries to', async () => {
  const fetched: string[] = []
  const { page, checkout } = await atFirstBill('radia', async (page) => {
    page.on('requestfinished', (request) => fetched.push(request.url()))
  })
  for (const part of ['what-happened', 'en']) {
    await expect.poll(() => fetched.some((url) => script(part).test(url))).toBe(true)
  }
  await page.route('**/assets/**', (route) => route.abort('connectionreset'))
  await page.route('**/confirmation', (route) => route.abort('connectionreset'))
  expect(await checkout.failsToPay()).toContain(en.notices['answer-lost'].what)
})

it('a bill that ended while there was no network says so once there is one', async () => {
  const { context, checkout } = await atFirstBill('dorothy')
  await context.setOffline(true)
  house.clock.advance(31 * 60_000)
  await context.setOffline(false)
  expect(await checkout.end()).toContain('This bill has expired')
})
