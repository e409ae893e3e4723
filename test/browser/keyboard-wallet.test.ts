/** What people do in the wallet who use no pointer: every step by Tab, Enter, Space, arrows and Escape, and nobody is left nowhere. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { keyboardOf } from './support/keyboard.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'
import { securityKeyAt } from './support/virtual-authenticator.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const sheet = (page: Page) => page.getByRole('dialog')

/** Somebody with a card, and the keys of their keyboard. */
async function atHome(name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const { page } = phone
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  const keys = keyboardOf(page)
  return {
    ...phone,
    ...keys,
    press: (key: string) => page.keyboard.press(key),
    /** Leaves a sheet by its key. @returns where they are then */
    async escapes(): Promise<string> {
      await page.keyboard.press('Escape')
      await sheet(page).waitFor({ state: 'detached' })
      return keys.focus()
    },
    /** Waits until a sheet is gone by itself. @returns where they are then */
    async comesBack(): Promise<string> {
      await sheet(page).waitFor({ state: 'detached' })
      return keys.focus()
    },
  }
}

it('a limit is moved by arrows, signed and saved', async () => {
  const { page, presses, walksTo, press, focus, escapes } = await atHome('ada')
  await presses(/^Settings/)
  await presses('Limits')
  await sheet(page).getByRole('slider', { name: 'Per day' }).waitFor()
  expect(await focus()).toMatch(/^Visa/)
  await walksTo('Per payment')
  await press('ArrowLeft')
  const amount = sheet(page).getByLabel('Exact amount per payment')
  await expect.poll(() => amount.inputValue()).toBe('10000')
  await press('Home')
  await expect.poll(() => amount.inputValue()).toBe('1')
  await presses('Save with your passkey')
  await sheet(page).getByText('Saved. Your bank holds to it.').waitFor()
  expect(await focus()).toBe('Save with your passkey')
  expect(await escapes()).toMatch(/^Settings/)
})

it('a card gets a nickname, and is removed', async () => {
  const { page, presses, types, focus, comesBack } = await atHome('annie')
  await presses(/^Settings/)
  await types('Nickname', 'Rent')
  await presses('Save')
  await sheet(page).getByRole('heading', { name: 'Rent' }).waitFor()
  await presses('Remove this card')
  expect(await focus()).toBe('Remove this card?')
  await presses('Keep it')
  expect(await focus()).toBe('Rent')
  await presses('Remove this card')
  await presses('Remove for good')
  expect(await comesBack()).toBe('No card yet')
})

it('a passkey gets a nickname, and another one comes and goes', async () => {
  const { page, presses, types, focus, escapes, comesBack } = await atHome('grace')
  await presses(/^A passkey/)
  await types('Nickname', 'Phone')
  await presses('Save')
  await sheet(page).getByRole('heading', { name: 'Phone' }).waitFor()
  expect(await escapes()).toMatch(/^Phone/)

  const key = await securityKeyAt(page)
  await presses('Add a passkey')
  await presses('On this device')
  await presses('On a security key, or in another app')
  await sheet(page).getByRole('heading', { name: 'One touch is left' }).waitFor()
  expect(await focus()).toBe('One touch is left')
  await key.remove()
  await presses('Confirm with a passkey you have')
  expect(await comesBack()).toBe('Add a passkey')
  await presses(/^Remove A passkey/)
  await sheet(page).waitFor()
  await presses('Keep it')
  expect(await focus()).toBe('A passkey')
  await presses('Remove this passkey')
  await presses('Remove for good')
  await page.getByText('It signs in no more').waitFor()
  expect(await comesBack()).toBe('Passkeys')
})

it('a recovery code is made, and put away', async () => {
  const { page, presses, comesBack } = await atHome('jean')
  await presses('Make a recovery code')
  await page.locator('.recovery-code').waitFor()
  await presses('I have it on paper')
  expect(await comesBack()).toBe('Make a new recovery code')
})

it('a payment is found among others, and its receipt opened', async () => {
  const { page, presses, types, press, walksTo, focus, escapes, shop, checkout, wallet } = await atHome('radia')
  await shop.orders('Espresso')
  await checkout.pays()
  await wallet.opens()
  const activity = page.getByRole('region', { name: 'Activity' })
  const payments = activity.getByRole('listitem')
  await payments.first().waitFor()
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  await types('Search shops', 'blue')
  await walksTo('All')
  await press('ArrowRight')
  await activity.getByRole('radio', { name: 'Paid', exact: true, checked: true }).waitFor()
  expect(await focus()).toBe('Paid')
  await presses(/Bluebird Coffee/)
  await sheet(page).waitFor()
  expect(await escapes()).toMatch(/Bluebird Coffee/)
  await press('Space')
  await presses('See the receipt')
  await page.getByRole('heading', { name: 'This bill is paid' }).waitFor()
  expect(await focus()).toBe('This bill is paid')
})

it('an account is not closed after all, and then it is', async () => {
  const { page, presses, comesBack, escapes, focus } = await atHome('lise')
  await presses('Close this account')
  await sheet(page).waitFor()
  expect(await escapes()).toBe('Close this account')
  await presses('Close this account')
  await presses('Keep my account')
  expect(await comesBack()).toBe('Close this account')
  await presses('Close this account')
  await presses('Close it with my passkey')
  await page.getByText('lise is closed.').waitFor()
  expect(await focus()).toMatch(/^Pay with your name/)
  await presses('Choose a name')
})

it('somebody signs out, and in again', async () => {
  const { page, presses, focus } = await atHome('mary')
  await presses('Sign out')
  await page.getByRole('button', { name: 'Sign in as mary' }).waitFor()
  expect(await focus()).toMatch(/^Pay with your name/)
  await presses(/Sign in as mary/)
  await page.getByRole('heading', { name: 'Hello, mary' }).waitFor()
  expect(await focus()).toMatch(/^Hello, mary/)
})

it('a bill is handed to a phone, and taken back', async () => {
  const bill = await house.merchant.asks(eur(2_40))
  const { page } = await house.phone({ desktop: true })
  const { presses, focus } = keyboardOf(page)
  await page.goto(`${house.addresses.payment}/pay/${bill}`)
  await presses('Use your phone')
  await page.getByRole('heading', { name: 'Scan this with your phone' }).waitFor()
  expect(await focus()).toBe('Scan this with your phone')
  await presses('Copy the link')
  await presses('Pay on this device instead')
  await page.getByLabel('Your name', { exact: true }).waitFor()
  expect(await focus()).toMatch(/Bluebird Coffee/)
})
