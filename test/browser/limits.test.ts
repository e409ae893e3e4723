/** What a card may pay at most: lowered at once, raised by and by or by two passkeys, and seen on the bill. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'
import { securityKeyAt } from './support/virtual-authenticator.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => {
  house.lineToBank.isMended()
  expect(await house.closePhones()).toEqual([])
})
afterAll(() => house.close())

const hours = (count: number) => count * 3_600_000
const rich = () => house.bank.issuesCard(eur(100_00))
const sheet = (page: Page) => page.getByRole('dialog')
const taps = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).tap()
const exact = (page: Page, what: string) => sheet(page).getByLabel(`Exact amount ${what}`)
const slider = (page: Page, name: string) => sheet(page).getByRole('slider', { name })
const waiting = (page: Page) => sheet(page).getByRole('region', { name: 'Waiting' })

async function opensLimits(page: Page): Promise<void> {
  await taps(page, /^Settings/)
  await taps(page, 'Limits')
  await slider(page, 'Per day').waitFor()
}

/** When a raise of now holds; nobody is signed in by then. */
async function comesBackADayLater(page: Page, name: string): Promise<void> {
  house.clock.advance(hours(24) + 60_000)
  await page.goto(house.addresses.payment)
  await taps(page, `Sign in as ${name}`)
  await opensLimits(page)
}

async function saves(page: Page): Promise<void> {
  await taps(page, 'Save with your passkey')
  const underWay = sheet(page).getByRole('button', { name: 'Waiting for your passkey' })
  const unsaved = sheet(page).getByRole('button', { name: 'Save with your passkey', disabled: false })
  await expect.poll(async () => (await underWay.count()) + (await unsaved.count())).toBe(0)
}

it('lowers a limit at once; the bill says what is left, and what is above it is declined', async () => {
  const { page, wallet, shop, checkout, passkeys } = await house.phone()
  await wallet.enrols('ada', await rich())
  await opensLimits(page)
  expect(await slider(page, 'Per day').getAttribute('aria-valuetext')).toBe('no limit, €0.00 spent today')
  await exact(page, 'per day').fill('3')
  await sheet(page).getByText('What is lower holds at once.').waitFor()
  await saves(page)
  await sheet(page).getByText('Saved. Your bank holds to it.').waitFor()

  const paid = await shop.orders('Espresso')
  await page.getByText('€3.00 left of this card’s limit for today.').waitFor()
  expect(await faultsOf(page, 'limits/left')).toEqual([])
  await checkout.pays()
  expect(await house.bank.takenBy(paid)).toBe(2_40)

  const bill = await shop.orders('Espresso')
  const before = passkeys.touches()
  await page.getByText('More than what is left for today with this card: €0.60.').waitFor()
  expect(passkeys.touches()).toBe(before)
  expect(await faultsOf(page, 'limits/above')).toEqual([])
  expect(await checkout.failsToPay()).toContain('This is more than the limit of this card.')
  expect(await house.bank.takenBy(bill)).toBe(0)

  await wallet.opens()
  await opensLimits(page)
  await sheet(page).getByText('€2.40 spent today').waitFor()
  expect(await faultsOf(page, 'limits/sheet')).toEqual([])
})

it('is moved by keys and by touch, and says what is wrong with an amount', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('grace', await rich())
  await opensLimits(page)
  const perPayment = slider(page, 'Per payment')
  await perPayment.press('ArrowLeft')
  await expect.poll(() => exact(page, 'per payment').inputValue()).toBe('10000')
  await perPayment.press('Home')
  await expect.poll(() => exact(page, 'per payment').inputValue()).toBe('1')
  await perPayment.press('End')
  await expect.poll(() => exact(page, 'per payment').inputValue()).toBe('')
  await exact(page, 'per payment').fill('12,5,')
  await sheet(page).getByText('Type an amount, like 200.').waitFor()
  expect(await sheet(page).getByRole('button', { name: 'Save with your passkey' }).isDisabled()).toBe(true)
  expect(await faultsOf(page, 'limits/malformed')).toEqual([])
  const { height = 0, width = 0 } = (await perPayment.boundingBox()) ?? {}
  expect(Math.min(height, width)).toBeGreaterThanOrEqual(24)
})

it('tells when a raise will hold, and lets it be taken back', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('katherine', await rich())
  await opensLimits(page)
  await exact(page, 'per payment').fill('3')
  await saves(page)
  await exact(page, 'per payment').fill('20')
  await sheet(page).getByText('What is higher holds from').waitFor()
  await saves(page)
  await waiting(page).getByText('per payment €20.00').waitFor()
  expect(await exact(page, 'per payment').inputValue()).toBe('3')
  expect(await waiting(page).getByRole('button', { name: 'Raise now' }).count()).toBe(0)
  await waiting(page).scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'limits/waiting')).toEqual([])
  await taps(page, 'Keep the limits of now')
  await waiting(page).waitFor({ state: 'detached' })
  await comesBackADayLater(page, 'katherine')
  expect(await exact(page, 'per payment').inputValue()).toBe('3')
})

it('holds a raise after 24 hours, here and at the bank', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('rosalind', await rich())
  await opensLimits(page)
  await exact(page, 'per payment').fill('1')
  await saves(page)
  await exact(page, 'per payment').fill('20')
  await saves(page)
  await waiting(page).getByText('per payment €20.00').waitFor()
  const early = await shop.orders('Espresso')
  await page.getByText('More than this card may pay at once: €1.00.').waitFor()
  expect(await checkout.failsToPay()).toContain('This is more than the limit of this card.')
  expect(await house.bank.takenBy(early)).toBe(0)

  await comesBackADayLater(page, 'rosalind')
  expect(await exact(page, 'per payment').inputValue()).toBe('20')
  expect(await waiting(page).count()).toBe(0)
  const bill = await shop.orders('Espresso')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('reads the limits again where they could not be read', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('lise', await rich())
  await page.route('**/limits', (route) => route.abort('connectionreset'))
  await taps(page, /^Settings/)
  await taps(page, 'Limits')
  await sheet(page).getByText('The connection failed.').waitFor()
  expect(await faultsOf(page, 'limits/unreadable')).toEqual([])
  await page.unroute('**/limits')
  await taps(page, 'Try again')
  await slider(page, 'Per day').waitFor()
})

it('raises at once where a second passkey signs the same', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('mary', await rich())
  const key = await securityKeyAt(page)
  await taps(page, 'Add a passkey')
  await taps(page, 'On this device')
  await taps(page, 'On a security key, or in another app')
  await sheet(page).getByRole('heading', { name: 'One touch is left' }).waitFor()
  const onKey = await key.credentials()
  await key.remove()
  await taps(page, 'Confirm with a passkey you have')
  await page.getByText('The passkey was added.').waitFor()
  house.clock.advance(hours(25))

  await wallet.opens()
  await wallet.signsInAs('mary')
  await opensLimits(page)
  await exact(page, 'per payment').fill('1')
  await saves(page)
  await exact(page, 'per payment').fill('20')
  await sheet(page).getByText('or now with your other passkey').waitFor()
  await saves(page)
  await waiting(page).getByRole('button', { name: 'Raise now with your other passkey' }).waitFor()
  expect(await faultsOf(page, 'limits/second')).toEqual([])
  const again = await securityKeyAt(page)
  for (const credential of onKey) await again.addCredential(credential)
  await taps(page, 'Raise now with your other passkey')
  await waiting(page).waitFor({ state: 'detached' })
  expect(await exact(page, 'per payment').inputValue()).toBe('20')
  await again.remove()

  const bill = await shop.orders('Espresso')
  await page.getByText('This card pays €20.00 at most at once.').waitFor()
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('is said to hold here already where the bank has not answered', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('annie', await rich())
  await opensLimits(page)
  await exact(page, 'per payment').fill('1')
  house.lineToBank.becomes(async () => {
    throw new TypeError('fetch failed')
  })
  await saves(page)
  await sheet(page).getByText('Your bank has not answered yet.').waitFor()
  expect(await faultsOf(page, 'limits/untold')).toEqual([])
})
