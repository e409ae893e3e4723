/** What the browser is told and offers by itself: a passkey in the name field, a card in its form, a passkey for its payment dialog. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { ceremoniesOf } from './support/ceremonies-of.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** Somebody with a card, on a phone of their own. */
async function known(name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  return phone
}

/** A phone that has a passkey of this name and does not remember the name, at a bill; nobody picks anything by itself. */
async function atBillForgotten(name: string) {
  const { passkeys } = await known(name)
  const phone = await house.phone()
  await passkeys.copyTo(phone.page)
  await phone.passkeys.setPresence(false)
  const ceremonies = await ceremoniesOf(phone.context)
  await phone.page.clock.install()
  await phone.shop.orders('Espresso')
  await expect.poll(ceremonies).toEqual(['get conditional'])
  return { ...phone, ceremonies }
}

it('offers a passkey again, once a touch has come to nothing', async () => {
  const { checkout, passkeys, ceremonies } = await atBillForgotten('ada')
  await checkout.typesName('ada')
  await passkeys.setUserVerified(false)
  await passkeys.setPresence(true)
  expect(await checkout.failsToPay()).toContain('Your passkey was not used.')
  await expect.poll(ceremonies).toEqual(['get conditional', 'get optional', 'get conditional'])
})

it('says that nobody has the passkey any more that was picked, and lets the device drop it', async () => {
  const owner = await known('mabel')
  const { page, shop, passkeys } = await house.phone()
  await owner.passkeys.copyTo(page)
  await owner.page.getByRole('button', { name: 'Close this account' }).tap()
  await owner.page.getByRole('button', { name: 'Close it with my passkey' }).tap()
  await owner.page.getByText('Its cards and passkeys are gone.').waitFor()
  await shop.orders('Espresso')
  await page
    .getByText('Nobody has this passkey any more. Nothing was charged. Your device was asked to drop it')
    .waitFor()
  expect(await faultsOf(page, 'pay/passkey-gone')).toEqual([])
  await expect.poll(() => passkeys.credentials()).toHaveLength(0)
})

it('says why nobody came of a touch in the name field', async () => {
  const owner = await known('ruth')
  const { page, shop } = await house.phone()
  await owner.passkeys.copyTo(page)
  await page.route('**/api/sessions', (route) => route.abort('connectionreset'))
  await shop.orders('Espresso')
  await page.getByText('The connection failed.').waitFor()
})

it('takes away no touch that is on its way, however long it takes', async () => {
  const { page, checkout, ceremonies } = await atBillForgotten('grace')
  await checkout.typesName('grace')
  await checkout.triesToPay()
  await checkout.sees('Waiting for your passkey')
  const offers: string[] = []
  page.on('request', (request) => request.url().endsWith('/api/sessions/intent') && offers.push(request.url()))
  await page.clock.fastForward(4 * 60_000)
  await page.evaluate(() => fetch('/api/session'))
  expect(offers).toEqual([])
  expect(ceremonies()).toEqual(['get conditional', 'get optional'])
  await checkout.sees('Waiting for your passkey')
})

it('is told what every field of a name and of a card is', async () => {
  const { page, shop, checkout } = await house.phone()
  const tokenOf = (label: string) => page.getByLabel(label, { exact: true }).getAttribute('autocomplete')
  await shop.orders('Espresso')
  expect(await tokenOf('Your name')).toBe('username webauthn')
  await checkout.isNewHere()
  expect(await tokenOf('Your new name')).toBe('username')
  await checkout.takesName('katherine')
  const tokens = {
    'Card number': 'cc-number',
    'Expiry date': 'cc-exp',
    'Security code': 'cc-csc',
    'Name on card': 'cc-name',
  }
  const told = Object.keys(tokens).map(async (label) => [label, await tokenOf(label)] as const)
  expect(Object.fromEntries(await Promise.all(told))).toEqual(tokens)
})

describe('a new passkey', () => {
  it('is made so that the browser’s own payment dialog may use it, where the browser has one', async () => {
    const { context, wallet } = await house.phone()
    const ceremonies = await ceremoniesOf(context)
    await wallet.takesNameAlone('dorothy')
    expect(ceremonies()).toEqual(['create platform, for payments'])
  })

  it('may live anywhere, where the browser has none', async () => {
    const { page, context, wallet } = await house.phone()
    const ceremonies = await ceremoniesOf(context)
    await page.addInitScript(() => {
      PublicKeyCredential.getClientCapabilities = async () => ({ 'extension:payment': false })
    })
    await wallet.takesNameAlone('mary')
    expect(ceremonies()).toEqual(['create anywhere'])
  })
})
