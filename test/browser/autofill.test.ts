/** What the browser fills in by itself: a passkey in the name field, a card in the card form. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { ceremoniesOf } from './support/ceremonies-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** A phone that has a passkey of this name and does not remember the name, at a bill; nobody picks anything by itself. */
async function atBillForgotten(name: string) {
  const known = await house.phone()
  await known.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const phone = await house.phone()
  await known.passkeys.copyTo(phone.page)
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
