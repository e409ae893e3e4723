/** Every passkey is lost, and its owner has a code on paper, the card, and another phone. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import { withWrongCode } from '../support/bank.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** Somebody with a card, a phone, and a code on paper. */
async function prudent(name: string): Promise<{ phone: PayersPhone; card: CardDetails; paper: string }> {
  const phone = await house.phone()
  const card = await house.bank.issuesCard(eur(500_00))
  await phone.wallet.enrols(name, card)
  await phone.page.getByRole('button', { name: 'Make a recovery code' }).tap()
  const paper = await phone.page.locator('.recovery-code').innerText()
  await phone.page.getByRole('button', { name: 'I have it on paper' }).tap()
  return { phone, card, paper }
}

/** On another phone, as far as the bank's question. */
async function begins({ page }: PayersPhone, name: string, paper: string): Promise<void> {
  await page.goto(`${house.addresses.payment}/lost`)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Recovery code').fill(paper)
  await page.getByRole('button', { name: 'Freeze all my cards' }).tap()
  await page.getByRole('heading', { name: 'Your cards are frozen' }).waitFor()
}

async function opensBank({ page }: PayersPhone): Promise<Page> {
  const opened = page.waitForEvent('popup')
  await page.getByRole('link', { name: /^Go to / }).tap()
  return opened
}

async function shows(bank: Page, { number, expiry, code }: CardDetails): Promise<void> {
  await bank.getByLabel('Card number').fill(number)
  await bank.getByLabel('Valid until').fill(`${String(expiry.month).padStart(2, '0')}/${expiry.year % 100}`)
  await bank.getByLabel('Code on the card').fill(code)
  await bank.getByRole('button', { name: 'Yes, it was me' }).tap()
}

it('a name comes back to a new phone by the code and the card, pays, and goes back to whoever says that it was not them', async () => {
  const { phone: old, card, paper } = await prudent('ada')

  const phone = await house.phone()
  await begins(phone, 'ada', paper)
  const { page } = phone
  expect(await faultsOf(page, 'recover/offered')).toEqual([])
  await page.getByRole('button', { name: 'Make a new passkey' }).tap()
  await page.getByRole('heading', { name: 'wants to see your card' }).waitFor()
  expect(await faultsOf(page, 'recover/waiting')).toEqual([])

  const bank = await opensBank(phone)
  await bank.getByRole('heading', { name: 'Does a new passkey take over your card?' }).waitFor()
  expect(await bank.locator('.identifier').innerText()).toBe(await page.locator('.recovery-code').innerText())
  expect(await faultsOf(bank, 'recover/bank')).toEqual([])
  await shows(bank, withWrongCode(card))
  await bank.getByText('This is not what is on the card.').waitFor()
  expect(await faultsOf(bank, 'recover/bank-wrong')).toEqual([])
  await shows(bank, card)
  await bank.getByRole('heading', { name: 'The new passkey has your card' }).waitFor()
  expect(await faultsOf(bank, 'recover/bank-done')).toEqual([])
  await bank.close()

  await page.getByRole('heading', { name: 'Your name is yours again' }).waitFor()
  expect(await faultsOf(page, 'recover/recovered')).toEqual([])
  await page.getByRole('button', { name: 'Open the wallet' }).tap()
  await page.getByText('This name was got back').waitFor()
  expect(await faultsOf(page, 'recover/wallet')).toEqual([])
  await page.getByRole('button', { name: 'Make a recovery code' }).waitFor()
  await page.getByRole('button', { name: /^Unfreeze/ }).tap()
  await page.getByRole('button', { name: /^Freeze/ }).waitFor()
  await page.getByRole('button', { name: /^Settings/ }).tap()
  await page.getByRole('button', { name: 'Limits' }).tap()
  await page.getByText('a card pays at most €50.00 at once and €100.00 a day').waitFor()
  await page.getByLabel('Exact amount per payment').fill('20')
  await page.getByText('What is lower holds at once.').waitFor()
  expect(await faultsOf(page, 'recover/limits')).toEqual([])
  await phone.shop.orders('Espresso')
  await page.getByText('This card pays €50.00 at most at once.').waitFor()
  await phone.checkout.pays()

  await old.shop.orders('Espresso')
  await old.page.getByRole('button', { name: /^Pay / }).tap()
  await old.page.getByText('Somebody got this name back').waitFor()
  const wallet = old.page.getByRole('link', { name: 'See your wallet' })
  await wallet.waitFor()
  expect(await faultsOf(old.page, 'recover/pays-in-vain')).toEqual([])
  await wallet.tap()
  await old.page.getByRole('button', { name: 'Sign in as ada' }).tap()
  await old.page.getByRole('heading', { name: 'Somebody got this name back' }).waitFor()
  expect(await faultsOf(old.page, 'recover/taken')).toEqual([])
  await old.page.getByRole('button', { name: 'This was not me' }).tap()
  await old.page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
  await old.shop.orders('Espresso')
  await old.checkout.pays()

  await page.goto(house.addresses.payment)
  await page.getByRole('button', { name: 'Sign in as ada' }).tap()
  await page.getByRole('alert').waitFor()
})

it('a cardholder who says no keeps the name where it was, and after 72 hours nobody undoes anything', async () => {
  const { phone: old, card, paper } = await prudent('grace')
  const phone = await house.phone()
  await begins(phone, 'grace', paper)
  await phone.page.getByRole('button', { name: 'Make a new passkey' }).tap()
  const bank = await opensBank(phone)
  await bank.getByRole('button', { name: 'No, stop it' }).tap()
  await bank.getByRole('heading', { name: 'Nothing was changed' }).waitFor()
  await bank.close()
  await phone.page.getByRole('heading', { name: 'Your name did not come back' }).waitFor()
  expect(await faultsOf(phone.page, 'recover/over')).toEqual([])

  await phone.page.getByRole('link', { name: 'Try again' }).tap()
  await begins(phone, 'grace', paper)
  await phone.page.getByRole('button', { name: 'Make a new passkey' }).tap()
  const again = await opensBank(phone)
  await shows(again, card)
  await again.getByRole('heading', { name: 'The new passkey has your card' }).waitFor()
  await again.close()
  await phone.page.getByRole('heading', { name: 'Your name is yours again' }).waitFor()

  await old.page.goto(house.addresses.payment)
  await old.page.getByRole('button', { name: 'Sign in as grace' }).tap()
  await old.page.getByRole('heading', { name: 'Somebody got this name back' }).waitFor()
  house.clock.advance(recoveryHoldMs)
  await old.page.getByRole('button', { name: 'This was not me' }).tap()
  await old.page.getByRole('heading', { name: 'This passkey has no name any more' }).waitFor()
  expect(await faultsOf(old.page, 'recover/too-late')).toEqual([])
})
