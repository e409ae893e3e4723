/** The whole of a payment, from the menu to the shop's thanks. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
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

it('a new payer enrols and pays inside the checkout, with two touches of the passkey', async () => {
  const { page, shop, checkout, passkeys } = await house.phone()
  const card = await house.bank.issuesCard(eur(100_00))
  await shop.opens()
  expect(await faultsOf(page, 'pay/menu')).toEqual([])

  const bill = await shop.orders('Flat white')
  expect(await checkout.payButton.innerText()).toBe('Pay Bluebird Coffee €3.80')
  expect(await faultsOf(page, 'pay/bill')).toEqual([])

  await checkout.isNewHere()
  await checkout.triesName('ada')
  expect(await faultsOf(page, 'pay/name')).toEqual([])
  await checkout.takesName('ada')
  await checkout.typesCard(card)
  expect(await faultsOf(page, 'pay/card')).toEqual([])

  await checkout.pays()
  await checkout.staysOnReceipt()
  await page.getByRole('link', { name: 'Make a recovery code' }).waitFor()
  expect(await faultsOf(page, 'pay/receipt')).toEqual([])
  expect(passkeys.touches()).toBe(2)

  await checkout.goesBackToShop()
  expect(await shop.says()).toContain('Paid. Thank you!')
  expect(await faultsOf(page, 'pay/order')).toEqual([])

  expect(await house.bank.takenBy(bill)).toBe(3_80)
  await page.goto(house.addresses.bank)
  const booked = page.getByRole('region', { name: 'Journal' }).getByRole('listitem').filter({ hasText: bill })
  expect(await booked.innerText()).toMatch(/^Paid.*→ Bluebird Coffee\s+€3\.80/)
  expect(await faultsOf(page, 'pay/bank')).toEqual([])
})

it('a returning payer pays in two touches: the button, then the fingerprint', async () => {
  const { page, shop, checkout, wallet, passkeys, taps } = await house.phone()
  await wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  const bill = await shop.orders('Espresso')
  expect(await checkout.whoPays()).toBe('grace')
  expect(await faultsOf(page, 'pay/returning')).toEqual([])

  const before = { taps: taps(), touches: passkeys.touches() }
  await checkout.pays()
  expect({ taps: taps() - before.taps, touches: passkeys.touches() - before.touches }).toEqual({ taps: 1, touches: 1 })

  // The receipt leads back by itself.
  expect(await shop.says()).toContain('Paid. Thank you!')
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it.each([
  ['somebody new', false],
  ['a payer who is known', true],
])('nothing of a bill that %s sees moves while it opens', async (_who, isKnown) => {
  const { page, shop, checkout, wallet } = await house.phone()
  if (isKnown) await wallet.enrols('evelyn', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Espresso')
  await page.reload()
  await checkout.payButton.waitFor()
  await page.waitForLoadState('networkidle')
  expect(await layoutShiftOf(page)).toBe(0)
})

it('a payer with a Chinese name pays in Chinese, from the menu to the thanks', async () => {
  const { page, shop, checkout, passkeys } = await house.phone({ locale: 'zh-CN' })
  const bill = await shop.orders('抹茶拿铁')
  expect(await checkout.payButton.innerText()).toBe('付给 Bluebird Coffee €4.50')
  expect(await page.locator('html').getAttribute('lang')).toBe('zh')

  await checkout.isNewHere()
  expect(await checkout.triesName('王小明')).toBe('王小明 归您了')
  await checkout.takesName('王小明')
  await checkout.typesCard(await house.bank.issuesCard(eur(100_00)))
  expect(await faultsOf(page, 'pay/card-zh')).toEqual([])
  await checkout.pays()
  await checkout.staysOnReceipt()
  expect(await faultsOf(page, 'pay/receipt-zh')).toEqual([])
  expect(await passkeys.credentials()).toMatchObject([{ userName: '王小明' }])

  await checkout.goesBackToShop()
  expect(await shop.says()).toContain('已付款')
  expect(await house.bank.takenBy(bill)).toBe(4_50)
})

it('nothing is kept on the phone of who has only looked at a bill', async () => {
  const { page, shop, checkout } = await house.phone()
  await shop.orders('Espresso')
  await checkout.payButton.waitFor()
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([])
})

it('a payer whom this phone forgot picks their passkey from the autofill, and types nothing', async () => {
  const known = await house.phone()
  await known.wallet.enrols('katherine', await house.bank.issuesCard(eur(100_00)))
  const forgetful = await house.phone()
  await known.passkeys.copyTo(forgetful.page)

  const bill = await forgetful.shop.orders('Espresso')
  await forgetful.checkout.sees('Paying as')
  expect(await forgetful.checkout.whoPays()).toBe('katherine')
  await forgetful.checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('a payer who leaves the autofill alone types the name, in any spelling of it', async () => {
  const known = await house.phone()
  await known.wallet.enrols('Mary_Jackson', await house.bank.issuesCard(eur(100_00)))
  const forgetful = await house.phone()
  await known.passkeys.copyTo(forgetful.page)

  await forgetful.passkeys.setPresence(false)
  const bill = await forgetful.shop.orders('Espresso')
  await forgetful.checkout.typesName('mary_jackson')
  await forgetful.passkeys.setPresence(true)
  await forgetful.checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('two people who share a phone each pay under their own name', async () => {
  const { page, shop, checkout, wallet } = await house.phone()
  await wallet.enrols('annie', await house.bank.issuesCard(eur(100_00)))
  await page.context().clearCookies()
  await wallet.enrols('barbara', await house.bank.issuesCard(eur(100_00)))
  const bill = await shop.orders('Espresso')
  expect(await checkout.whoPays()).toBe('barbara')
  await checkout.changesName()
  expect(await faultsOf(page, 'pay/names')).toEqual([])
  await checkout.paysAs('annie')
  expect(await checkout.whoPays()).toBe('annie')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('a receipt is shared in words that name neither card nor payer', async () => {
  const { page, shop, checkout, wallet } = await house.phone()
  // This browser has no share sheet on this system: what it would be given is kept instead.
  await page.addInitScript(() => {
    Object.assign(navigator, { share: async ({ text }: ShareData) => void Object.assign(window, { shared: text }) })
  })
  await wallet.enrols('noether', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Espresso')
  await checkout.pays()
  await checkout.staysOnReceipt()
  await page.getByRole('button', { name: 'Share', exact: true }).tap()
  const shared = await page.evaluate(() => ('shared' in window ? String(window.shared) : ''))
  expect(shared.replaceAll(/[\u2068\u2069]/g, '')).toMatch(
    /^Paid €2\.40 to Bluebird Coffee on \w+ \d+, \d{4}\. Order coffee-\S+, approval \w{6}\.$/,
  )
  expect(await faultsOf(page, 'pay/share')).toEqual([])
})

it('a payer reads line by line what a bill is for, a long one once they open it', async () => {
  const { page } = await house.phone()
  const lines = [
    { description: 'Flat white', quantity: 2, unitAmountMinor: 3_80 },
    { description: 'قهوة عربية', quantity: 1, unitAmountMinor: 4_00 },
    { description: 'Thank you for coming back to us a third time this week', quantity: 1, unitAmountMinor: -1_00 },
  ]
  const short = await house.merchant.sees(await house.merchant.asks(eur(10_60), { lines }))
  await page.goto(short.url)
  expect(await page.locator('.lines').innerText()).toMatch(/2 × Flat white\s+€7.60.*-€1.00/s)
  expect(await faultsOf(page, 'pay/lines')).toEqual([])

  const many = Array.from({ length: 12 }, (_, index) => ({
    description: `Tea ${index}`,
    quantity: 1,
    unitAmountMinor: 50,
  }))
  const long = await house.merchant.sees(await house.merchant.asks(eur(6_00), { lines: many }))
  await page.goto(long.url)
  expect(await page.getByText('Tea 7').isVisible()).toBe(false)
  await page.getByText('What it is for: 12 things').tap()
  await page.getByText('Tea 7').waitFor()
  expect(await faultsOf(page, 'pay/many-lines')).toEqual([])
})

it.each([
  ['no-preference', 1],
  ['reduce', 0],
] as const)(
  'turns something while it waits only for who has not asked for less motion: %s',
  async (reducedMotion, count) => {
    const { page, shop, checkout, wallet, passkeys } = await house.phone()
    await page.emulateMedia({ reducedMotion })
    await wallet.enrols(count === 0 ? 'hedy' : 'joan', await house.bank.issuesCard(eur(100_00)))
    await shop.orders('Espresso')
    await passkeys.setPresence(false)
    await checkout.triesToPay()
    await checkout.sees('Waiting for your passkey')
    const moving = () => document.getAnimations().filter(({ playState }) => playState === 'running').length
    await expect.poll(() => page.evaluate(moving)).toBe(count)
  },
)
