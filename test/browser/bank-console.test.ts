/** The bank's page, as somebody sees it who leaves it open while others pay. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type MisbehaviourName, whatItDoes } from '../../server/bank/misbehave.ts'
import type { BankOperation } from '../../shared/wire/bank-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
let payer: PayersPhone
let bank: Page
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** A payer's phone, and somebody else's desk with the bank's page on it. */
async function opensBoth(name: string): Promise<void> {
  payer = await house.phone()
  await payer.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  bank = (await house.phone()).page
  await bank.goto(house.addresses.bank)
  // A page that was loaded again has forgotten this.
  await bank.evaluate(() => document.documentElement.setAttribute('data-not-reloaded', ''))
}
const isReloaded = () => bank.evaluate(() => !document.documentElement.hasAttribute('data-not-reloaded'))
const entriesUnder = (heading: string) => bank.getByRole('region', { name: heading }).getByRole('listitem')
/** Presses a button of the form that makes the bank misbehave. */
const misbehaves = async (what: MisbehaviourName, operation: BankOperation, times: number) => {
  await bank.getByLabel('What goes wrong').selectOption({ label: whatItDoes(what) })
  await bank.getByLabel('When asked to').selectOption(operation)
  await bank.getByLabel('Times').fill(String(times))
  await bank.getByRole('button', { name: 'Misbehave' }).tap()
  await bank.getByText('This bank will misbehave.').waitFor()
}
const warning = () => bank.locator('#warning')

it('shows what others pay, hold and are given back while it is open', async () => {
  await opensBoth('ada')
  const bars = bank.locator('.day rect.approved:not([height="0"])')
  expect(await bars.count()).toBe(0)
  await bank.getByText('Nobody has asked for money yet.').waitFor()

  const bill = await payer.shop.orders('Espresso')
  await payer.checkout.pays()
  await entriesUnder('Journal').filter({ hasText: bill }).filter({ hasText: '€2.40' }).waitFor()
  await entriesUnder('Decisions').filter({ hasText: bill }).filter({ hasText: 'Approved' }).waitFor()
  await bars.waitFor()
  expect(await bank.locator('.day figcaption').innerText()).toBe('Last 24 hours: 1 approved, 0 declined')

  const deposit = await house.merchant.asks(eur(50_00), { capture: 'manual' })
  await payer.page.goto(`${house.addresses.payment}/pay/${deposit}`)
  await payer.checkout.pays()
  const hold = entriesUnder('Holds').filter({ hasText: `${deposit}.1` })
  await hold.filter({ hasText: '€50.00' }).waitFor()
  expect(await faultsOf(bank, 'bank/console')).toEqual([])
  taken(await house.merchant.captures(deposit, 20_00))
  await hold.filter({ hasText: '€30.00' }).waitFor()
  taken(await house.merchant.voids(deposit))
  await hold.waitFor({ state: 'detached' })
  expect(await isReloaded()).toBe(false)
})

it('misbehaves as its form is told, and takes neither focus nor selection from whoever reads', async () => {
  await opensBoth('grace')
  await misbehaves('error-after', 'authorize', 2)
  expect(await warning().innerText()).toMatch(/Books, and answers 503\.\s+authorize, 2 times/)
  expect(await faultsOf(bank, 'bank/misbehaving')).toEqual([])

  const behave = bank.getByRole('button', { name: 'Behave again' })
  await behave.focus()
  await bank.locator('.number').first().selectText()
  const selected = () => bank.evaluate(() => getSelection()?.toString())
  const before = await selected()
  expect(before).toMatch(/^4111/)

  // What was booked under an error is asked for again, and found.
  const bill = await payer.shop.orders('Espresso')
  await payer.checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
  await entriesUnder('Journal').filter({ hasText: bill }).waitFor()
  await warning().getByText('authorize, 1 time', { exact: true }).waitFor()
  expect(await behave.evaluate((button) => button === document.activeElement)).toBe(true)
  expect(await selected()).toBe(before)

  await bank.keyboard.press('Enter')
  await warning().waitFor({ state: 'hidden' })

  // Somebody else's word is heard here too, when the page looks again.
  await misbehaves('ignore', 'statement', 1)
  await house.bank.receives(new Request(`${house.addresses.bank}/simulator/misbehaviours`, { method: 'DELETE' }))
  await warning().waitFor({ state: 'hidden' })
})
