/** A bill on one screen, paid on a phone: the first screen shows a code and a number, and goes on by itself. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { scan } from './support/scan.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const minutes = (count: number) => count * 60_000

/** A desktop with a bill on it, and a way to look at what it says. */
async function desktop(bill: PaymentId, prepare?: () => void) {
  const { page, context } = await house.phone({ desktop: true })
  if (prepare) await context.addInitScript(prepare)
  await page.goto(`${house.addresses.payment}/pay/${bill}`)
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  return {
    page,
    press,
    sees: (heading: string) => page.getByRole('heading', { name: heading }).waitFor(),
    async showsCode(button = 'Use your phone') {
      await press(button)
      return { link: await scan(page), number: await page.locator('output.number').innerText() }
    },
  }
}

/** A phone whose camera has read the link. */
async function phoneAt(link: string, name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  // Only what follows the `#` would change where the wallet is open already, and no page would be loaded.
  await phone.page.goto('about:blank')
  await phone.page.goto(link)
  const { page } = phone
  return {
    ...phone,
    sees: (heading: string) => page.getByRole('heading', { name: heading }).waitFor(),
    async says(number: string) {
      await page.getByLabel('Number on the other screen').fill(number)
      await page.getByRole('button', { name: 'Continue to the bill' }).tap()
    },
  }
}

it('shows the link in letters where the browser copies nothing, as where an app shows the page', async () => {
  const first = await desktop(await house.merchant.asks(eur(3_80)), () => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
  })
  const { link } = await first.showsCode()
  await first.press('Copy the link')
  await first.page.getByText(link).waitFor()
  expect(await faultsOf(first.page, 'handoff/link')).toEqual([])
})

const another = (number: string) => (number === '99' ? '10' : String(Number(number) + 1))

it('is paid by scan, number and passkey, and the desktop goes back to the shop', async () => {
  const bill = await house.merchant.asks(eur(3_80))
  const first = await desktop(bill)
  const { link, number } = await first.showsCode()
  expect(link).toMatch(/\/phone#[A-Za-z0-9_-]{22}$/)
  expect(await faultsOf(first.page, 'handoff/code')).toEqual([])

  const phone = await phoneAt(link, 'ada')
  await phone.sees('Bluebird Coffee asks for')
  expect(await faultsOf(phone.page, 'handoff/number')).toEqual([])
  await phone.says(number)
  await first.sees('Check your phone')
  expect(await faultsOf(first.page, 'handoff/check-your-phone')).toEqual([])

  const receipt = first.sees('Paid')
  const shop = first.page.waitForURL(`${house.addresses.shop}/**`)
  await phone.checkout.payButton.tap()
  await phone.sees('Done: look at your other screen')
  await receipt
  await shop
  expect(await faultsOf(phone.page, 'handoff/done')).toEqual([])
  expect(await house.bank.takenBy(bill)).toBe(3_80)
})

it('ends with a wrong number, and goes on with a new code', async () => {
  const bill = await house.merchant.asks(eur(2_40))
  const first = await desktop(bill)
  const { link, number } = await first.showsCode()
  const phone = await phoneAt(link, 'grace')
  await phone.says('')
  await phone.page.getByText('Type the two digits.').waitFor()
  await phone.says(another(number))
  await phone.sees('That is not the number')
  expect(await faultsOf(phone.page, 'handoff/refused')).toEqual([])
  await first.sees('The number was another one')
  expect(await faultsOf(first.page, 'handoff/refused-code')).toEqual([])

  const next = await first.showsCode('Show a new code')
  expect(next.link).not.toBe(link)
  await phone.page.goto('about:blank')
  await phone.page.goto(next.link)
  await phone.says(next.number)
  await phone.checkout.payButton.waitFor()
  await phone.page.reload()
  await phone.checkout.payButton.tap()
  await phone.sees('Done: look at your other screen')
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('ends for good after five wrong numbers, and the bill can still be paid on this device', async () => {
  const bill = await house.merchant.asks(eur(2_40))
  const first = await desktop(bill)
  const { page } = await house.phone()
  for (let tries = 0; tries < 5; tries += 1) {
    const { link, number } = await first.showsCode(tries === 0 ? 'Use your phone' : 'Show a new code')
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByLabel('Number on the other screen').fill(another(number))
    await page.getByRole('button', { name: 'Continue to the bill' }).tap()
    await page.getByRole('heading', { name: 'That is not the number' }).waitFor()
    await first.sees('The number was another one')
    house.clock.advance(minutes(1))
  }
  await first.press('Show a new code')
  await first.sees('No more codes for this bill')
  expect(await first.page.getByRole('button', { name: 'Show a new code' }).count()).toBe(0)
  expect(await faultsOf(first.page, 'handoff/too-many')).toEqual([])
  expect(await house.bank.takenBy(bill)).toBe(0)
  await first.press('Pay on this device instead')
  await first.page.getByLabel('Your name', { exact: true }).waitFor()
})

it('can be tried again on either screen where the line was bad', async () => {
  const bill = await house.merchant.asks(eur(2_40))
  const first = await desktop(bill)
  await first.page.route('**/handoff', (route) => route.abort('connectionreset'))
  await first.press('Use your phone')
  await first.sees('That did not work')
  expect(await faultsOf(first.page, 'handoff/failed')).toEqual([])
  await first.page.unroute('**/handoff')
  const { link, number } = await first.showsCode('Show a new code')

  const { page } = await house.phone()
  await page.route('**/handoffs/*', (route) => route.abort('connectionreset'))
  await page.goto(link)
  await page.getByText('We could not look up this code').waitFor()
  expect(await faultsOf(page, 'handoff/unreadable')).toEqual([])
  await page.unroute('**/handoffs/*')
  await page.getByRole('button', { name: 'Try again' }).tap()
  await page.getByLabel('Number on the other screen').fill(number)
  await page.getByRole('button', { name: 'Continue to the bill' }).tap()
  await first.sees('Check your phone')
})

it('is over after five minutes, on both screens', async () => {
  const first = await desktop(await house.merchant.asks(eur(2_40)))
  const { link } = await first.showsCode()
  house.clock.advance(minutes(5))
  await first.sees('This code is too old')
  const { page } = await house.phone()
  await page.goto(link)
  await page.getByRole('heading', { name: 'This code leads nowhere any more' }).waitFor()
  expect(await faultsOf(page, 'handoff/over')).toEqual([])
})

it.each([
  ['has no passkeys', 'no-passkeys', () => Reflect.deleteProperty(globalThis, 'PublicKeyCredential')],
  [
    'is within an app, whose passkeys may not work',
    'in-app',
    () =>
      Object.defineProperty(navigator, 'userAgent', {
        value: 'Mozilla/5.0 (Linux; Android 16; Pixel 10; wv) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36',
      }),
  ],
] as const)('is the first way where the browser %s', async (_what, picture, becomesSo) => {
  const bill = await house.merchant.asks(eur(2_40))
  const first = await desktop(bill, becomesSo)
  await first.sees('Pay with your phone')
  expect(await faultsOf(first.page, `handoff/${picture}`)).toEqual([])
  const { link, number } = await first.showsCode('Show the code')
  const phone = await phoneAt(link, picture === 'in-app' ? 'lise' : 'jean')
  await phone.says(number)
  await phone.checkout.payButton.tap()
  await first.sees('Paid')
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('asks by itself where something keeps events from coming through', async () => {
  const bill = await house.merchant.asks(eur(2_40))
  const first = await desktop(bill)
  await first.page.route('**/events', (route) => route.abort('connectionreset'))
  const { link, number } = await first.showsCode()
  const phone = await phoneAt(link, 'radia')
  await phone.says(number)
  await first.sees('Check your phone')
  await phone.checkout.payButton.tap()
  await first.sees('Paid')
})

it('can be given up for the passkey of this device', async () => {
  const first = await desktop(await house.merchant.asks(eur(2_40)))
  await first.showsCode()
  await first.press('Pay on this device instead')
  await first.page.getByLabel('Your name', { exact: true }).waitFor()
})
