/** The screens that people meet seldom, in every room that has any: whoever does meet them can read and use them. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { en } from '../../web/words/en.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => {
  house.lineToBank.isMended()
  house.lineFromShop.isMended()
  expect(await house.closePhones()).toEqual([])
})
afterAll(() => house.close())

const minutes = (count: number) => count * 60_000
const isCutOff = async () => {
  throw new TypeError('connection refused')
}

describe('the wallet', () => {
  it('says that there is no such bill', async () => {
    const { page } = await house.phone()
    await page.goto(`${house.addresses.payment}/pay/pay_AAAAAAAAAAAAAAAAAAAAAA`)
    await page.getByText('There is no such bill.').waitFor()
    expect(await faultsOf(page, 'screens/unreadable')).toEqual([])
  })

  it('cannot begin with a name out of reach of the server, and tries again when asked', async () => {
    const { page, wallet } = await house.phone()
    await page.route('**/api/configuration', (route) => route.fulfill({ status: 503, body: 'overloaded' }))
    await wallet.beginsEnrolment()
    await page.getByText('Moniker cannot be reached right now.').waitFor()
    expect(await faultsOf(page, 'screens/enrolment-unreachable')).toEqual([])
    await page.unroute('**/api/configuration')
    await page.getByRole('button', { name: 'Try again' }).tap()
    await wallet.takesName('mileva')
  })

  it('says of a card whose limit is no amount what to type, and adds it once it is one', async () => {
    const { page, wallet } = await house.phone()
    await wallet.takesNameAlone('emmy')
    await wallet.typesCard(await house.bank.issuesCard(eur(100_00)))
    await wallet.typesMore({ limit: '12,5,', gender: '' })
    await page.getByText(en.enrol.more).tap()
    const limit = page.getByRole('textbox', { name: en.enrol.limit })
    await limit.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Add card' }).tap()
    await page.getByText('Type an amount, like 200.').waitFor()
    expect(await limit.evaluate((field) => field === document.activeElement)).toBe(true)
    expect(await faultsOf(page, 'screens/card-limit-malformed')).toEqual([])
    await limit.fill('12,5')
    await page.getByRole('button', { name: 'Add card' }).tap()
    await page.locator('.recovery-step').waitFor()
  })

  it('says that there is nothing at an address', async () => {
    const { page } = await house.phone()
    await page.goto(`${house.addresses.payment}/nowhere-at-all`)
    await page.getByText('There is nothing at this address').waitFor()
    expect(await faultsOf(page, 'screens/nowhere')).toEqual([])
  })
})

it.each([
  ['each problem', '/problems'],
  ['one problem', '/problems/capture-exceeds'],
  ['the merchant API', '/docs'],
])('a developer reads about %s', async (name, path) => {
  const { page } = await house.phone()
  await page.goto(`${house.addresses.payment}${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await faultsOf(page, `screens/${name.replaceAll(' ', '-')}`)).toEqual([])
})

describe('the bank asks its cardholder', () => {
  /** The simulator's test card about which the bank asks its holder. */
  const asked: CardDetails = {
    number: parseCardNumber('4000002500003155'),
    expiry: { month: 12, year: 2030 },
    name: 'ADA LOVELACE',
    code: '123',
  }

  /** Somebody new with that card, and on the bank's page about it. */
  async function atBank(name: string) {
    const phone = await house.phone()
    await phone.wallet.enrols(name, asked)
    const link = phone.page.getByRole('link', { name: 'Go to Harbour Bank' })
    await phone.page.goto((await link.getAttribute('href')) ?? '')
    await phone.page.getByRole('heading', { name: 'Was it you?' }).waitFor()
    return phone.page
  }
  const says = (page: Page, heading: string) => page.getByRole('heading', { name: heading }).waitFor()

  it('and believes a yes', async () => {
    const page = await atBank('ada')
    expect(await faultsOf(page, 'screens/bank-asks')).toEqual([])
    await page.getByRole('button', { name: 'Yes, it was me' }).tap()
    await says(page, 'Your card is ready')
    expect(await faultsOf(page, 'screens/bank-confirmed')).toEqual([])
  })

  it('and believes a no', async () => {
    const page = await atBank('grace')
    await page.getByRole('button', { name: 'No, stop it' }).tap()
    await says(page, 'Nothing was added')
    expect(await faultsOf(page, 'screens/bank-denied')).toEqual([])
  })

  it('and not for ever', async () => {
    const page = await atBank('katherine')
    house.clock.advance(minutes(31))
    await page.reload()
    await says(page, 'This link has expired')
    expect(await faultsOf(page, 'screens/bank-expired')).toEqual([])
  })

  it('and nobody else', async () => {
    const { page } = await house.phone()
    await page.goto(`${house.addresses.bank}/confirmations/guessed`)
    await says(page, 'This link leads nowhere')
    expect(await faultsOf(page, 'screens/bank-unknown')).toEqual([])
  })
})

describe('the shop says of an order', () => {
  /** On the shop's own page of an order that is to be paid for. */
  async function atOrder() {
    const phone = await house.phone()
    const bill = await phone.shop.orders('Espresso')
    const order = `${house.addresses.shop}/orders/${(await house.merchant.sees(bill)).reference}`
    return { ...phone, bill, opensOrder: () => phone.page.goto(order) }
  }

  it('that it is not paid yet', async () => {
    const { page, shop, opensOrder } = await atOrder()
    await opensOrder()
    expect(await shop.says()).toContain('Not paid yet')
    expect(await faultsOf(page, 'screens/order-waiting')).toEqual([])
  })

  it('that the till cannot be reached', async () => {
    const { page, shop, opensOrder } = await atOrder()
    house.lineFromShop.becomes(isCutOff)
    await opensOrder()
    expect(await shop.says()).toContain('We cannot reach the till')
    expect(await faultsOf(page, 'screens/order-unreachable')).toEqual([])
  })

  it('that the bill was called off', async () => {
    const { page, shop, bill, opensOrder } = await atOrder()
    await house.merchant.cancels(bill)
    await opensOrder()
    expect(await shop.says()).toContain('The payment was canceled')
    expect(await faultsOf(page, 'screens/order-canceled')).toEqual([])
  })

  it('that the bill has expired', async () => {
    const { page, shop, opensOrder } = await atOrder()
    house.clock.advance(minutes(31))
    await opensOrder()
    expect(await shop.says()).toContain('The bill has expired')
    expect(await faultsOf(page, 'screens/order-expired')).toEqual([])
  })

  it('that the bank is still asked, and then what it said, by itself', async () => {
    const { page, shop, wallet, checkout } = await house.phone()
    await wallet.enrols('dorothy', await house.bank.issuesCard(eur(100_00)))
    const bill = await shop.orders('Espresso')
    const { reference } = await house.merchant.sees(bill)
    house.lineToBank.becomes(isCutOff)
    await checkout.triesToPay()
    await checkout.sees('We are asking your bank')
    await page.goto(`${house.addresses.shop}/orders/${reference}`)
    await page.getByRole('heading', { name: 'Asking the bank' }).waitFor()
    expect(await faultsOf(page, 'screens/order-deciding')).toEqual([])
    house.lineToBank.isMended()
    house.clock.advance(minutes(10))
    expect(await shop.says()).toContain('The payment was declined')
  })
})

describe('the shop says', () => {
  it('that there is nothing at an address', async () => {
    const { page } = await house.phone()
    await page.goto(`${house.addresses.shop}/orders/coffee-nobodysorder`)
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    expect(await faultsOf(page, 'screens/shop-missing')).toEqual([])
  })

  it('that it cannot read an order', async () => {
    const { page, shop } = await house.phone()
    await shop.opens()
    const first = page.getByRole('listitem').first()
    await first.locator('input[name=drink]').evaluate((input) => input.setAttribute('value', 'tea'))
    await first.getByRole('button', { name: /^Order/ }).tap()
    await page.getByRole('heading', { name: 'That order could not be read' }).waitFor()
    expect(await faultsOf(page, 'screens/shop-refused')).toEqual([])
  })
})
