/** However impatient a payer is, and whatever gets lost: money moves once, by the bank's own books. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { eur } from '../support/merchant.ts'
import { checkoutOn } from './support/checkout.ts'
import { losesAnswers } from './support/lost-answer.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => {
  house.lineToBank.isMended()
  expect(await house.closePhones()).toEqual([])
})
afterAll(() => house.close())

async function atBill(name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  return { ...phone, bill: await phone.shop.orders('Flat white') }
}

it('a double tap is one payment', async () => {
  const { shop, checkout, passkeys, bill } = await atBill('ada')
  const touchesBefore = passkeys.touches()
  await checkout.payButton.dblclick()
  expect(await shop.says()).toContain('Paid. Thank you!')
  expect(passkeys.touches() - touchesBefore).toBe(1)
  expect(await house.bank.takenBy(bill)).toBe(3_80)
})

it('two tabs of one bill are one payment, and both show it paid', async () => {
  const { page, context, checkout, passkeys, bill } = await atBill('grace')
  const otherPage = await context.newPage()
  await passkeys.copyTo(otherPage)
  await otherPage.goto(page.url())
  const otherCheckout = checkoutOn(otherPage, en)
  await Promise.all([checkout.payButton.waitFor(), otherCheckout.payButton.waitFor()])
  await Promise.all([checkout.triesToPay(), otherCheckout.triesToPay()])
  await Promise.all([checkout.isPaid(), otherCheckout.isPaid()])
  expect(await house.bank.takenBy(bill)).toBe(3_80)
})

it('an answer that never reached the phone is asked for again, not paid again', async () => {
  const { page, shop, checkout, bill } = await atBill('katherine')
  await losesAnswers(page, 'confirmation')
  await checkout.triesToPay()
  await checkout.sees('You will not be charged twice.')
  expect(await shop.says()).toContain('Paid. Thank you!')
  expect(await house.bank.takenBy(bill)).toBe(3_80)
})

it('a question that never left the phone is no payment, and may be asked again', async () => {
  const { page, checkout, bill } = await atBill('dorothy')
  await page.route('**/confirmation', (route) => route.abort('connectionrefused'))
  expect(await checkout.failsToPay()).toBe(
    'No answer came. This bill is still open. You can try again: it is never charged twice.',
  )
  await page.unroute('**/confirmation')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(3_80)
})
