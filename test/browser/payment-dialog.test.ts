/** A browser that asks payers in a dialog of its own: Secure Payment Confirmation, with real passkeys and signatures. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { verifyReceipt } from '../../shared/receipt/verify-receipt.ts'
import { en } from '../../web/words/en.ts'
import { zh } from '../../web/words/zh.ts'
import { eur } from '../support/merchant.ts'
import { ceremoniesOf } from './support/ceremonies-of.ts'
import { checkoutOn } from './support/checkout.ts'
import { faultsOf } from './support/faults-of.ts'
import type { DialogAct, PhoneOptions } from './support/phone.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const inDialog = 'in the browser’s own dialog'
const onPage = 'on Moniker’s page'

/** Somebody with a card who has ordered a coffee, in a browser that asks by itself. */
async function guest(name: string, options: PhoneOptions & { readonly dialog: DialogAct }) {
  const phone = await house.phone(options)
  await phone.wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  const ceremonies = await ceremoniesOf(phone.context)
  const bill = await phone.shop.orders(options.locale === undefined ? 'Espresso' : '抹茶拿铁')
  const receipt = phone.page.locator('.receipt dl')
  /** The phone forgets who was here, while no page of the wallet is open that would hold on to it. @returns comes back to the bill */
  async function forgets(): Promise<() => Promise<unknown>> {
    const address = phone.page.url()
    await phone.page.goto(`${house.addresses.payment}/manifest.webmanifest`)
    await phone.page.evaluate(async () => {
      for (const { name = '' } of await indexedDB.databases()) {
        await new Promise((resolve, reject) => {
          Object.assign(indexedDB.deleteDatabase(name), { onsuccess: resolve, onerror: reject })
        })
      }
    })
    await phone.context.clearCookies()
    return () => phone.page.goto(address)
  }
  return { ...phone, ceremonies, bill, receipt, forgets }
}

it('shows payee, amount and card itself, and the payer pays with one tap and one touch', async () => {
  const { page, checkout, passkeys, taps, bill, receipt, ceremonies } = await guest('ada', { dialog: 'autoAccept' })
  expect(await faultsOf(page, 'payment-dialog/bill')).toEqual([])
  const before = { taps: taps(), touches: passkeys.touches() }
  await checkout.pays()
  expect({ taps: taps() - before.taps, touches: passkeys.touches() - before.touches }).toEqual({ taps: 1, touches: 1 })
  await checkout.staysOnReceipt()
  expect(ceremonies()).toEqual([]) // our own page has asked for nothing
  expect(await receipt.innerText()).toContain(inDialog)
  expect(await faultsOf(page, 'payment-dialog/receipt')).toEqual([])
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('shows it in the dark and in Chinese too', async () => {
  const options = { dialog: 'autoAccept', colorScheme: 'dark', locale: 'zh-CN' } as const
  const { page, checkout, receipt } = await guest('王小明', options)
  await checkout.pays()
  await checkout.staysOnReceipt()
  expect(await receipt.innerText()).toContain('在浏览器自己的对话框中')
  expect(await faultsOf(page, 'payment-dialog/receipt-dark-zh')).toEqual([])
})

async function savesProof(page: Page): Promise<Buffer> {
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the proof' }).tap()
  return readFile(await (await started).path())
}

it('leaves a proof that says so', async () => {
  const { page, checkout } = await guest('bob', { dialog: 'autoAccept' })
  await checkout.pays()
  await checkout.staysOnReceipt()
  const file = await savesProof(page)
  const { agreed, findings } = await verifyReceipt(new Uint8Array(file))
  expect(agreed).toMatchObject({ ceremony: 'payment.get', amount: { minor: 2_40 } })
  expect(findings).toContainEqual({ check: 'dialog', holds: true })

  await page.goto(`${house.addresses.payment}/verify`)
  const buffer = Buffer.from(file)
  await page.locator('input[type=file]').setInputFiles({ name: 'proof.json', mimeType: 'application/json', buffer })
  await page.getByText(inDialog).waitFor()
  await page.getByText('What was checked').tap()
  expect(await faultsOf(page, 'payment-dialog/proof')).toEqual([])
})

it('takes a no for a no, and may ask again', async () => {
  const { page, checkout, bill, ceremonies, actsInDialog } = await guest('carol', { dialog: 'autoReject' })
  expect(await checkout.failsToPay()).toContain('Your passkey was not used.')
  expect(await faultsOf(page, 'payment-dialog/refused')).toEqual([])
  expect([await house.bank.takenBy(bill), ceremonies()]).toEqual([0, []])
  await actsInDialog('autoAccept')
  await checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('leaves it to our own page, in the same tap, where the payer wants it otherwise', async () => {
  const { checkout, receipt, bill, ceremonies, taps } = await guest('dave', { dialog: 'autoChooseToAuthAnotherWay' })
  const before = taps()
  await checkout.pays()
  expect([taps() - before, ceremonies()]).toEqual([1, ['get optional']])
  await checkout.staysOnReceipt()
  expect(await receipt.innerText()).toContain(onPage)
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('is not asked with a passkey that came from another device: it would only say that it has none', async () => {
  const first = await guest('gina', { dialog: 'autoAccept' })
  const second = await house.phone({ dialog: 'autoReject' })
  await first.passkeys.copyTo(second.page)
  await second.wallet.opens()
  await second.page.getByRole('button', { name: 'Sign in with your passkey' }).tap()
  await second.page.locator('.card-picture').waitFor()
  const bill = await second.shop.orders('Espresso')
  await second.checkout.pays()
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

it('is asked also for a payer whom only the autofill knew', async () => {
  const { checkout, receipt, forgets } = await guest('heidi', { dialog: 'autoAccept' })
  const comesBack = await forgets()
  await comesBack() // the passkey answers the autofill at once
  await checkout.sees('Paying as')
  await checkout.pays()
  await checkout.staysOnReceipt()
  expect(await receipt.innerText()).toContain(inDialog)
})

it('never asks again who has told it not to, until they want it to', async () => {
  const { page, wallet, checkout, shop, receipt, ceremonies, actsInDialog } = await guest('erin', {
    dialog: 'autoOptOut',
  })
  expect(await checkout.failsToPay()).toContain('will not ask you about payments')
  expect(await faultsOf(page, 'payment-dialog/left')).toEqual([])
  await actsInDialog('autoReject') // what it would be told, if it asked
  await checkout.pays()
  await shop.says()
  await shop.orders('Flat white')
  await checkout.pays()
  await checkout.staysOnReceipt()
  expect(await receipt.innerText()).toContain(onPage)
  expect(ceremonies()).toEqual(['get optional', 'get optional'])

  await wallet.opens()
  const back = page.getByRole('button', { name: 'Use the browser’s window again' })
  await back.scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'payment-dialog/way-back')).toEqual([])
  await back.tap()
  await page.getByText('this browser asks in its own payment window again').waitFor()
  await actsInDialog('autoAccept')
  await shop.orders('Espresso')
  await checkout.pays()
  await checkout.staysOnReceipt()
  expect(await receipt.innerText()).toContain(inDialog)
})

it('is not asked about a name that was only typed: strangers hear of no passkeys', async () => {
  const { checkout, ceremonies, bill, passkeys, forgets } = await guest('frank', { dialog: 'autoReject' })
  const comesBack = await forgets()
  await passkeys.setPresence(false) // nobody answers the autofill
  await comesBack()
  await checkout.typesName('frank')
  // Only what was asked for before stays unanswered.
  await expect.poll(ceremonies, { timeout: 10_000 }).toContain('get conditional')
  await passkeys.setPresence(true)
  await checkout.pays()
  expect(ceremonies()).toContain('get optional')
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})

/** Somebody with a card on the shop's own page of an order. */
async function atOrder(name: string, options: PhoneOptions & { readonly dialog: DialogAct }) {
  const phone = await guest(name, options)
  await phone.page.goto(`${house.addresses.shop}/orders/${(await house.merchant.sees(phone.bill)).reference}`)
  const nameField = phone.page.locator('moniker-button').getByRole('textbox')
  const button = phone.page.locator('moniker-button').getByRole('button')
  async function typesAndPays(typed: string): Promise<void> {
    await nameField.fill(typed)
    await button.tap()
  }
  /** Once the page knows of it. */
  async function opensWindow(typed: string): Promise<Page> {
    const opening = phone.page.waitForEvent('popup')
    await typesAndPays(typed)
    const popup = await opening
    await button.filter({ hasText: /other window|另一个窗口/ }).waitFor()
    return popup
  }
  const sees = (heading: string) => phone.page.getByRole('heading', { name: heading }).waitFor()
  return { ...phone, nameField, button, typesAndPays, opensWindow, sees }
}

describe('over the shop’s own page', () => {
  it('shows payee and amount, and the payer who typed a name there never leaves the shop', async () => {
    const { page, bill, typesAndPays, sees, ceremonies, passkeys } = await atOrder('ivan', { dialog: 'autoAccept' })
    expect(await faultsOf(page, 'payment-dialog/shop')).toEqual([])
    const [touches, address] = [passkeys.touches(), page.url()]
    await typesAndPays('ivan')
    await sees('Paid. Thank you!')
    expect([passkeys.touches() - touches, page.url(), ceremonies()]).toEqual([1, address, []])
    expect(page.context().pages()).toHaveLength(1)
    expect(await house.bank.takenBy(bill)).toBe(2_40)
    await page.goto(`${house.addresses.payment}/pay/${bill}`)
    await page.getByText(inDialog).waitFor()
    const { agreed } = await verifyReceipt(new Uint8Array(await savesProof(page)))
    expect(agreed).toMatchObject({ ceremony: 'payment.get', signedAt: house.addresses.shop })
  })

  it('leaves it to the window where no passkey of the name is here, or the payer has said no', async () => {
    const { page, typesAndPays, opensWindow, bill, actsInDialog } = await atOrder('kim', { dialog: 'autoReject' })
    await typesAndPays('kim')
    await page.getByText('Your passkey was not used.').waitFor()
    expect(await faultsOf(page, 'payment-dialog/shop-no')).toEqual([])
    expect([page.context().pages().length, await house.bank.takenBy(bill)]).toEqual([1, 0])
    await (await opensWindow('kim')).close()
    await page.getByText('The window was closed.').waitFor()
    await actsInDialog('autoAccept')
    const popup = await opensWindow('Nobody Here')
    await expect.poll(() => popup.locator('input[name=username]').inputValue()).toBe('Nobody Here')
    expect(new URL(popup.url()).hash).toBe('')
    await popup.close()
  })

  it('makes way for the window where its answer does not get through, and the window pays', async () => {
    const { page, bill, passkeys, opensWindow, sees } = await atOrder('lena', { dialog: 'autoAccept' })
    await page.route('**/api/shop-pages/**/confirmation', (route) => route.abort())
    const popup = await opensWindow('lena')
    const { devtools } = await passkeys.copyTo(popup)
    await devtools.send('Page.setSPCTransactionMode', { mode: 'autoAccept' })
    await checkoutOn(popup, en).payButton.tap()
    await sees('Paid. Thank you!')
    expect(await house.bank.takenBy(bill)).toBe(2_40)
  })

  it('is not asked again at this shop where the payer has told it not to', async () => {
    const options = { dialog: 'autoOptOut', colorScheme: 'dark', locale: 'zh-CN' } as const
    const { page, bill, passkeys, nameField, opensWindow, sees } = await atOrder('judy', options)
    expect(await faultsOf(page, 'payment-dialog/shop-dark-zh')).toEqual([])
    const popup = await opensWindow('judy')
    await nameField.waitFor({ state: 'hidden' })
    const { devtools } = await passkeys.copyTo(popup)
    await devtools.send('Page.setSPCTransactionMode', { mode: 'autoAccept' })
    await checkoutOn(popup, zh).payButton.tap()
    await sees('已付款，谢谢！')
    expect(await house.bank.takenBy(bill)).toBe(4_50)
  })
})

/** What a page could have the browser show instead of what is signed as well. */
const lies: [string, (asked: Asked) => object][] = [
  ['another payee', ({ data }) => Object.assign(data, { payeeName: 'Bluebird Tea' })],
  ['a payee’s origin that nobody agreed to', ({ data }) => Object.assign(data, { payeeOrigin: 'https://tea.example' })],
  ['a smaller total', ({ details }) => Object.assign(details.total.amount, { value: '0.24' })],
  ['another currency', ({ details }) => Object.assign(details.total.amount, { currency: 'JPY' })],
  ['another card', ({ data }) => Object.assign(data.instrument, { displayName: 'Visa •••• 0000' })],
]
type Asked = {
  readonly data: { readonly instrument: object }
  readonly details: { readonly total: { readonly amount: object } }
}

it.each(lies)('pays nothing where it was made to show %s', async (what, lie) => {
  const { page, checkout, bill } = await guest(`liar${what.length}`, { dialog: 'autoAccept' })
  await page.addInitScript(`{
    const Honest = PaymentRequest
    globalThis.PaymentRequest = class extends Honest {
      constructor([{ supportedMethods, data }], details) {
        ;(${lie})({ data, details })
        super([{ supportedMethods, data }], details)
      }
    }
  }`)
  await page.reload()
  expect(await checkout.failsToPay()).toContain('That passkey does not confirm this name.')
  expect(await house.bank.takenBy(bill)).toBe(0)
})
