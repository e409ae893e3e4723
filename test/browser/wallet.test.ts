/** The wallet in the hand of somebody who is signed in. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { en } from '../../web/words/en.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { layoutShiftOf } from './support/layout-shift.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const minutes = (count: number) => count * 60_000
const rich = () => house.bank.issuesCard(eur(100_00))
/** The simulator's test card about which the bank asks its holder. */
const asked: CardDetails = {
  number: parseCardNumber('4000002500003155'),
  expiry: { month: 12, year: 2030 },
  name: 'ADA LOVELACE',
  code: '123',
}

const saysYesAtBank = (page: Page) => answersBank(page, 'Yes, it was me', 'Your card is ready')

/** Follows the link to the bank, answers there, and closes its page. */
async function answersBank(page: Page, answer: string, result: string): Promise<void> {
  const opening = page.context().waitForEvent('page')
  await page.getByRole('link', { name: 'Go to Harbour Bank' }).tap()
  const bank = await opening
  expect(await bank.evaluate(() => window.opener)).toBeNull()
  await bank.getByRole('button', { name: answer }).tap()
  await bank.getByRole('heading', { name: result }).waitFor()
  await bank.close()
}

it('keeps the receipt of what was given back in part, also on paper', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('rosa', await house.bank.issuesCard(eur(100_00)))
  const bill = await shop.orders('Flat white')
  await checkout.pays()
  const looks = () => page.goto(`${house.addresses.payment}/pay/${bill}`)
  taken(await house.merchant.refunds(bill, 1_00))
  await looks()
  await page.getByRole('heading', { name: en.pay.paidBefore }).waitFor()
  const receipt = await page.locator('.receipt dl').innerText()
  expect(receipt).toContain('€1.00')
  expect(receipt).toContain('Approval')
  await page.getByRole('button', { name: 'Save the proof' }).waitFor()
  expect(await faultsOf(page, 'pay/refunded')).toEqual([])
  await page.emulateMedia({ media: 'print' })
  await page.getByRole('button', { name: 'Print' }).waitFor({ state: 'hidden' })
  expect(await page.locator('.receipt dl').isVisible()).toBe(true)
  taken(await house.merchant.refunds(bill))
  await looks()
  await page.getByRole('heading', { name: 'Refunded' }).waitFor()
  expect(await page.locator('.receipt dl').innerText()).toContain('€3.80')
})

it('tells that the bank wants to hear from the cardholder, until it has', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('ada', asked)
  const question = page.getByRole('alert').filter({ hasText: 'Harbour Bank wants to hear from you' })
  await question.waitFor()
  expect(await faultsOf(page, 'wallet/bank-asks')).toEqual([])

  await page.getByRole('button', { name: 'I have said yes' }).tap()
  await page.getByText('The bank has not heard from you yet.').waitFor()
  await saysYesAtBank(page)
  await page.getByRole('button', { name: 'I have said yes' }).tap()
  await question.waitFor({ state: 'detached' })
})

it('leads a new payer from the checkout to the bank, and pays after', async () => {
  const { page, shop, checkout } = await house.phone()
  const bill = await shop.orders('Espresso')
  await checkout.isNewHere()
  await checkout.takesName('grace')
  await checkout.typesCard(asked)
  await checkout.triesToPay()
  await checkout.sees('Harbour Bank wants to hear from you')
  expect(await faultsOf(page, 'wallet/bank-asks-in-checkout')).toEqual([])
  await saysYesAtBank(page)
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('says of a card that its holder told the bank to stop that it pays nothing, in the wallet and on a bill', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('hilda', asked)
  await answersBank(page, 'No, stop it', 'Nothing was added')
  const denied = page.getByRole('status').filter({ hasText: 'You told Harbour Bank that it was not you' })
  await page.getByRole('button', { name: 'I have said yes' }).tap()
  await denied.filter({ hasText: 'This card pays nothing here. Remove it, or ask your bank.' }).waitFor()
  expect(await page.getByRole('link', { name: 'Go to Harbour Bank' }).count()).toBe(0)
  expect(await faultsOf(page, 'wallet/bank-denied')).toEqual([])

  const bill = await shop.orders('Espresso')
  await checkout.triesToPay()
  await denied.waitFor()
  expect(await faultsOf(page, 'wallet/bank-denied-in-checkout')).toEqual([])
  expect(await house.bank.takenBy(bill)).toBe(0)
})

it('says that nobody answered the bank in time; removed and added again, the card is asked about anew', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('emilie', asked)
  const question = page.getByRole('alert').filter({ hasText: 'Harbour Bank wants to hear from you' })
  await question.waitFor()
  house.clock.advance(minutes(31))
  await wallet.opens()
  await wallet.signsInAs('emilie')
  await page.getByText('The link to Harbour Bank is over').waitFor()
  expect(await question.count()).toBe(0)
  expect(await faultsOf(page, 'wallet/bank-lapsed')).toEqual([])

  await page.getByRole('button', { name: /^Settings/ }).tap()
  await page.getByRole('button', { name: 'Remove this card' }).tap()
  await page.getByRole('button', { name: 'Remove for good' }).tap()
  await page.getByRole('link', { name: 'Add a card' }).tap()
  await wallet.typesCard(asked)
  await page.getByRole('button', { name: 'Add card' }).tap()
  await saysYesAtBank(page)
  await page.getByRole('button', { name: 'I have said yes' }).tap()
  await question.waitFor({ state: 'detached' })
})

it('believes a yes that the bank heard in time, however late the wallet is opened', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('noor', asked)
  await saysYesAtBank(page)
  house.clock.advance(minutes(31))
  await wallet.opens()
  await wallet.signsInAs('noor')
  await page.locator('.card-picture').waitFor()
  await page.locator('.bank-question').waitFor({ state: 'detached' })
  const bill = await shop.orders('Espresso')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('moves nothing that is seen while it opens', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('sophie', await rich())
  await wallet.opens()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  await page.waitForLoadState('networkidle')
  expect(await layoutShiftOf(page)).toBe(0)
})

it('freezes a card by one tap, and lets it pay again by a touch', async () => {
  const { page, wallet, shop, checkout, passkeys, taps } = await house.phone()
  await wallet.enrols('katherine', await rich())
  const before = { taps: taps(), touches: passkeys.touches() }
  await page.getByRole('button', { name: /^Freeze/ }).tap()
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
  expect({ taps: taps() - before.taps, touches: passkeys.touches() - before.touches }).toEqual({ taps: 1, touches: 0 })
  expect(await faultsOf(page, 'wallet/frozen')).toEqual([])

  const bill = await shop.orders('Espresso')
  expect(await checkout.failsToPay()).toContain('This card is frozen.')
  expect(await house.bank.takenBy(bill)).toBe(0)

  await wallet.opens()
  await passkeys.setUserVerified(false)
  await page.getByRole('button', { name: /^Unfreeze/ }).tap()
  await page.getByText('Your passkey was not used.').waitFor()
  await passkeys.setUserVerified(true)
  await page.getByRole('button', { name: /^Unfreeze/ }).tap()
  await page.getByRole('button', { name: /^Freeze/ }).waitFor()
  await shop.orders('Espresso')
  await checkout.pays()
})

it('says that the bank has not heard of a freeze yet, where it has not', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('mary', await rich())
  await page.getByRole('button', { name: /^Freeze/ }).waitFor()
  house.lineToBank.becomes(async () => {
    throw new TypeError('fetch failed')
  })
  await page.getByRole('button', { name: /^Freeze/ }).tap()
  await page.getByText('Your bank has not answered yet.').waitFor()
  expect(await faultsOf(page, 'wallet/freeze-untold')).toEqual([])
  house.lineToBank.isMended()
  await expect
    .poll(
      async () => {
        await wallet.opens()
        await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
        return page.getByText('Your bank has not answered yet.').count()
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toBe(0)
})

it('names a card, pays with another first, and removes one for good', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('annie', await rich())
  await page.getByRole('link', { name: 'Add a card' }).tap()
  await wallet.typesCard(await rich())
  await page.getByRole('button', { name: 'Add card' }).tap()
  await expect.poll(() => page.locator('.card-picture').count()).toBe(2)
  const settings = page.getByRole('button', { name: /^Settings/ })
  const dialog = page.getByRole('dialog')

  await settings.nth(1).tap()
  await dialog.getByLabel('Nickname').fill('Rent 家')
  await dialog.getByRole('button', { name: 'Save' }).tap()
  await dialog.getByRole('heading', { name: 'Rent 家' }).waitFor()
  expect(await faultsOf(page, 'wallet/card-settings')).toEqual([])
  await dialog.getByRole('button', { name: 'Pay with this card first' }).tap()
  await page
    .locator('.card-picture')
    .first()
    .filter({ hasText: 'Used first' })
    .filter({ hasText: 'Rent 家' })
    .filter({ hasText: 'Harbour Bank' })
    .waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  await settings.first().tap()
  await dialog.getByRole('button', { name: 'Remove this card' }).tap()
  expect(await faultsOf(page, 'wallet/card-removal')).toEqual([])
  await dialog.getByRole('button', { name: 'Remove for good' }).tap()
  await expect.poll(() => page.locator('.card-picture').count()).toBe(1)
  await dialog.waitFor({ state: 'detached' })

  const bill = await shop.orders('Espresso')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('calls cards on the bill what their owner calls them, and says which is frozen', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('maryam', await rich())
  await page.getByRole('link', { name: 'Add a card' }).tap()
  await wallet.typesCard(await rich())
  await page.getByRole('button', { name: 'Add card' }).tap()
  await expect.poll(() => page.locator('.card-picture').count()).toBe(2)
  const settings = page.getByRole('button', { name: /^Settings/ })
  await settings.first().tap()
  await page.getByRole('dialog').getByLabel('Nickname').fill('Rent 家')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).tap()
  await page.getByRole('dialog').getByRole('heading', { name: 'Rent 家' }).waitFor()
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: /^Freeze/ })
    .nth(1)
    .tap()
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()

  const bill = await shop.orders('Espresso')
  await page.getByRole('radio', { name: /^Rent 家, Visa ending in \d{4}$/, checked: true }).waitFor()
  await page.getByRole('radio', { name: /^Visa ending in \d{4}, Frozen$/ }).waitFor()
  expect(await faultsOf(page, 'pay/two-cards')).toEqual([])
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('signs out, and still knows the name', async () => {
  const { page, wallet, context } = await house.phone()
  await wallet.enrols('barbara', await rich())
  await page.getByRole('button', { name: 'Sign out' }).tap()
  await page.getByRole('button', { name: 'Sign in as barbara' }).waitFor()
  expect((await context.cookies()).filter(({ name }) => name === '__Host-moniker')).toEqual([])
  await page.reload()
  await page.getByRole('button', { name: 'Sign in as barbara' }).waitFor()
  await page.getByRole('button', { name: 'Forget barbara' }).tap()
  await page.getByRole('heading', { name: 'Pay with your name.' }).waitFor()
  await page.getByRole('button', { name: 'Sign in as barbara' }).waitFor({ state: 'detached' })
})

it('is all there in Chinese', async () => {
  const { page, wallet } = await house.phone({ locale: 'zh-CN' })
  await wallet.enrols('王小明', asked)
  await page.getByText('Harbour Bank 想和您确认一下').waitFor()
  expect(await faultsOf(page, 'wallet/bank-asks-zh')).toEqual([])
  await page.getByRole('button', { name: /^冻结/ }).tap()
  await page.getByRole('button', { name: /^解冻/ }).waitFor()
  await page.getByRole('button', { name: /^设置/ }).tap()
  await page.getByRole('dialog').getByLabel('备注名').waitFor()
  expect(await faultsOf(page, 'wallet/card-settings-zh')).toEqual([])
})

it('shows what was paid: this month as a chart, by day, and each payment with its receipt', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('dorothy', await rich())
  await page.getByText('Nothing yet. What you pay shows up here.').waitFor()
  for (const drink of ['Espresso', 'Flat white']) {
    await shop.orders(drink)
    await checkout.pays()
    await shop.says()
  }
  await wallet.opens()
  const activity = page.getByRole('region', { name: 'Activity' })
  await activity.getByRole('img', { name: 'What you spent on each day of this month: €6.20 in all.' }).waitFor()
  const entries = activity.getByRole('listitem').getByRole('button')
  expect(await entries.allInnerTexts()).toEqual([
    expect.stringMatching(/Bluebird Coffee.*€3\.80/s),
    expect.stringMatching(/Bluebird Coffee.*€2\.40/s),
  ])
  expect(await faultsOf(page, 'wallet/home')).toEqual([])
  await activity.scrollIntoViewIfNeeded()
  await entries.last().scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'wallet/activity')).toEqual([])
  await entries.first().tap()
  await page.getByRole('link', { name: 'See the receipt' }).tap()
  await page.getByRole('heading', { name: 'This bill is paid' }).waitFor()
  await page.goBack()
  await entries.first().waitFor()
})

it('finds payments by the name of a shop, and by what came of them', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('frances', await rich())
  await shop.orders('Espresso')
  await checkout.pays()
  await wallet.opens()
  const activity = page.getByRole('region', { name: 'Activity' })
  const entries = activity.getByRole('listitem').getByRole('button')
  await entries.first().waitFor()
  await activity.getByLabel('Search shops').fill('owl')
  await activity.getByText('No payment like that.').waitFor()
  expect(await faultsOf(page, 'wallet/nothing-found')).toEqual([])
  await activity.getByLabel('Search shops').fill('bluebird')
  await entries.first().waitFor()
  await activity.getByRole('radio', { name: 'Given back' }).check()
  await activity.getByText('No payment like that.').waitFor()
  await activity.getByRole('radio', { name: 'Paid', exact: true }).check()
  await entries.first().waitFor()
})

it('freezes the card at once for who does not recognise a payment, and hands over its proof', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('hypatia', await rich())
  const bill = await shop.orders('Espresso')
  await checkout.pays()
  await wallet.opens()
  await page.getByRole('region', { name: 'Activity' }).getByRole('listitem').getByRole('button').tap()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('€2.40').waitFor()
  expect(await faultsOf(page, 'wallet/payment')).toEqual([])
  await dialog.getByRole('button', { name: 'I don’t recognise this' }).tap()
  expect(await faultsOf(page, 'wallet/unfamiliar')).toEqual([])
  await dialog.getByRole('button', { name: /^Freeze/ }).tap()
  await dialog.getByText('The card is frozen, and pays nothing.').waitFor()
  const started = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save the proof' }).tap()
  expect((await started).suggestedFilename()).toBe(`moniker-receipt-${bill}.json`)
  await shop.orders('Espresso')
  expect(await checkout.failsToPay()).toContain('This card is frozen.')
})

it('opens without a network with what was seen last, and says so; who signs out leaves nothing', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('gladys', await rich())
  await shop.orders('Espresso')
  await checkout.pays()
  await shop.says()
  await wallet.opens()
  const payments = page.getByRole('region', { name: 'Activity' }).getByRole('listitem')
  await payments.first().waitFor()
  await wallet.isReadyForOffline()
  await page.reload()
  await payments.first().waitFor()

  await context.setOffline(true)
  await page.reload()
  await page.getByText(/^As of /).waitFor()
  expect(await payments.count()).toBe(1)
  await page.locator('.card-picture').waitFor()
  await payments.first().scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'wallet/offline')).toEqual([])

  await context.setOffline(false)
  await page.reload()
  await page.getByRole('button', { name: 'Sign out' }).tap()
  await page.getByRole('button', { name: 'Sign in as gladys' }).waitFor()
  await context.setOffline(true)
  await page.reload()
  await page.getByText('You are offline. This is what this device remembers.').waitFor()
  expect(await payments.count()).toBe(0)
})

it('shows what happened elsewhere to who comes back to it', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('emmy', await rich())
  const bill = await shop.orders('Espresso')
  await checkout.pays()
  await shop.says()
  await wallet.opens()
  const activity = page.getByRole('region', { name: 'Activity' })
  await activity.getByRole('listitem').first().waitFor()
  await page.getByRole('button', { name: /^Settings/ }).waitFor()

  const other = await context.newPage()
  await other.goto(house.addresses.payment)
  await other.getByRole('button', { name: /^Freeze/ }).tap()
  await other.getByRole('button', { name: /^Unfreeze/ }).waitFor()
  await other.close()
  taken(await house.merchant.refunds(bill))
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
  await activity.getByText('Given back', { exact: true }).last().waitFor()
  await activity.getByRole('img', { name: /€2\.40 in all/ }).waitFor({ state: 'detached' })
})

it('remembers a freeze when the network is gone, and is as it is once the network is back', async () => {
  const { page, context, wallet } = await house.phone()
  await wallet.enrols('olga', await rich())
  await wallet.isReadyForOffline()
  await page.reload()
  await page.getByText('Nothing yet. What you pay shows up here.').waitFor()
  await page.getByRole('button', { name: /^Freeze/ }).tap()
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
  await context.setOffline(true)
  await page.reload()
  await page.locator('.card-picture').filter({ hasText: 'Frozen' }).filter({ hasText: 'Harbour Bank' }).waitFor()
  await context.setOffline(false)
  // The network that Chromium pretends to lose comes back without a word.
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.getByRole('button', { name: /^Unfreeze/ }).waitFor()
})

it('says that the server is at fault rather than that nobody is signed in, and tries again when asked', async () => {
  const { page, wallet } = await house.phone()
  await wallet.enrols('amalie', await rich())
  await page.getByText('Nothing yet. What you pay shows up here.').waitFor()
  await page.route('**/api/session', (route) => route.fulfill({ status: 503, body: 'overloaded' }))
  await page.reload()
  await page.getByText('Moniker cannot be reached right now.').waitFor()
  await page.locator('.card-picture').waitFor()
  expect(await faultsOf(page, 'wallet/unreachable')).toEqual([])
  await page.unroute('**/api/session')
  await page.getByRole('button', { name: 'Try again' }).tap()
  await page.getByRole('button', { name: /^Freeze/ }).waitFor()
})
