/** The network goes away at the worst of moments: after the money has moved, and before anybody was told. Then it comes back. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { languages } from '../../web/words/language.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { zh } from '../../web/words/zh.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { losesAnswers } from './support/lost-answer.ts'
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

it('the first words that did not come are fetched again', async () => {
  let tries = 0
  const { checkout } = await atFirstBill('lise', (page) =>
    page.route(script('first-en'), (route) => {
      tries += 1
      return tries === 1 ? route.abort('connectionreset') : route.continue()
    }),
  )
  expect(tries).toBeGreaterThan(1)
  await checkout.pays()
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

it('a receipt stays what it is where nothing of the wallet comes', async () => {
  const { page, shop, checkout } = await house.phone({ withoutWorker: true })
  await isCutOff(page, 'wallet-en')
  await shop.orders('Espresso')
  await checkout.isNewHere()
  await checkout.takesName('rachel')
  await checkout.typesCard(await house.bank.issuesCard(eur(100_00)))
  await checkout.pays()
  await checkout.staysOnReceipt()
  // Asked for as often as it is worth, and then no more.
  const tries: string[] = []
  page.on('requestfailed', (request) => script('wallet-en').test(request.url()) && tries.push(request.url()))
  await expect.poll(() => tries.length, { timeout: 15_000 }).toBeGreaterThan(0)
  await page.getByRole('button', { name: en.pay.print }).waitFor()
  expect(await page.getByText(en.broken.next).count()).toBe(0)
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

/** Somebody in their wallet, with one card. */
async function atHome(name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const { page } = phone
  const taps = (button: string | RegExp) => page.getByRole('button', { name: button }).tap()
  const sees = (button: RegExp) => page.getByRole('button', { name: button }).waitFor()
  await sees(/^Freeze/)
  return { ...phone, taps, sees }
}

describe('a freeze', () => {
  it('whose answer got lost is there, and the wallet says so', async () => {
    const { page, shop, checkout, taps, sees } = await atHome('edith')
    await losesAnswers(page, 'freeze')
    await taps(/^Freeze/)
    await sees(/^Unfreeze/)
    expect(await page.getByText('The connection failed.').count()).toBe(0)
    await shop.orders('Espresso')
    expect(await checkout.failsToPay()).toContain('This card is frozen.')
  })

  it('without a network is none, and the wallet says so; with one it takes another tap', async () => {
    const { page, context, taps, sees } = await atHome('jean')
    await context.setOffline(true)
    await taps(/^Freeze/)
    await page.getByText('The connection failed. Try again when you are connected.').waitFor()
    await sees(/^Freeze/)
    expect(await page.getByText('Frozen').count()).toBe(0)
    expect(await faultsOf(page, 'bad-line/not-frozen')).toEqual([])
    await context.setOffline(false)
    await taps(/^Freeze/)
    await sees(/^Unfreeze/)
    expect(await page.getByText('The connection failed.').count()).toBe(0)
  })
})

describe('a change of limits', () => {
  /** Somebody who lets a card pay one euro at once, less than an espresso costs, and has not signed it yet. */
  async function atLimits(name: string) {
    const home = await atHome(name)
    await home.taps(/^Settings/)
    await home.taps('Limits')
    const perPayment = home.page.getByLabel('Exact amount per payment')
    await perPayment.fill('1')
    const saves = () => home.taps('Save with your passkey')
    return { ...home, perPayment, saves }
  }
  const saved = 'Saved. Your bank holds to it.'
  const failed = 'The connection failed. Try again when you are connected.'

  it('whose answer got lost holds, and the wallet says so after one touch', async () => {
    const { page, passkeys, saves, shop, checkout } = await atLimits('rosa')
    const touches = passkeys.touches()
    await losesAnswers(page, 'limits')
    await saves()
    await page.getByText(saved).waitFor()
    expect(await page.getByText(failed).count()).toBe(0)
    expect(passkeys.touches()).toBe(touches + 1)
    await shop.orders('Espresso')
    expect(await checkout.failsToPay()).toContain('This is more than the limit of this card.')
  })

  it('without a network is none, and the wallet says so; what was typed stays, and holds once it is signed again', async () => {
    const { page, context, perPayment, saves, shop, checkout } = await atLimits('rosalind')
    await context.setOffline(true)
    await saves()
    await page.getByText(failed).waitFor()
    expect(await perPayment.inputValue()).toBe('1')
    expect(await faultsOf(page, 'bad-line/limits-unsaved')).toEqual([])
    await context.setOffline(false)
    await saves()
    await page.getByText(saved).waitFor()
    await shop.orders('Espresso')
    expect(await checkout.failsToPay()).toContain('This is more than the limit of this card.')
  })
})
