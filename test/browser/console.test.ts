import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { merchant } from '../../server/merchant.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { requestsOf } from './support/requests-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** What an operator types, where the server's data are. */
const operates = (...words: string[]): Promise<string> =>
  merchant(words, { DATA_DIRECTORY: house.dataDirectory, PAYMENT_ORIGIN: house.addresses.payment })
const found = (pattern: RegExp, text: string): string => pattern.exec(text)?.[0] ?? ''
async function invites(): Promise<string> {
  return found(/http\S+/, await operates('invite', found(/merchant_\S+/, await operates('list'))))
}

it('lets in who was invited, by a passkey, and shows each payment with all that happened to it', async () => {
  const payer = await house.phone()
  await payer.wallet.enrols('ada', await house.bank.issuesCard(eur(100_00)))
  const paid = await payer.shop.orders('Flat white')
  await payer.checkout.pays()
  const open = await house.merchant.asks(eur(2_40), { reference: 'TEA-7' })

  const link = await invites()
  const { page } = await house.phone()
  await page.goto(link)
  await page.getByRole('heading', { name: /You are invited to .*Bluebird Coffee/ }).waitFor()
  expect(await faultsOf(page, 'console/invited')).toEqual([])
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByRole('heading', { name: 'Payments' }).waitFor()
  expect(new URL(page.url()).hash).toBe('')
  await page.getByText('TEA-7').waitFor()
  await page.getByRole('img', { name: '€3.80, day by day' }).waitFor()
  await page.getByText('Day by day', { exact: true }).tap()
  await page.getByRole('row', { name: '€3.80' }).waitFor()
  expect(await faultsOf(page, 'console/takings')).toEqual([])
  await page.getByText('Day by day', { exact: true }).tap()
  expect(await faultsOf(page, 'console/payments')).toEqual([])

  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save these as a table (CSV)' }).tap()
  const file = join(house.dataDirectory, 'payments.csv')
  await (await started).saveAs(file)
  expect(await readFile(file, 'utf8')).toMatch(/^payment,mode,[\s\S]*TEA-7,,created,EUR,2.40,0.00,0.00\r\n/)

  await page.getByRole('searchbox').fill('tea-7')
  await page.locator(`a[href="/console/payments/${paid}"]`).waitFor({ state: 'detached' })
  await page.locator(`a[href="/console/payments/${open}"]`).waitFor()
  await page.getByRole('searchbox').fill('nothing like it')
  await page.getByText('No payment is like that.').waitFor()
  await page.getByRole('searchbox').fill(paid)
  await page.locator(`a[href="/console/payments/${paid}"]`).tap()
  await page.getByText('The payer confirmed it with their passkey.').waitFor()
  await page.getByText('Webhook payment.captured, try 1: answered').waitFor()
  expect(await faultsOf(page, 'console/payment')).toEqual([])

  await page.getByRole('button', { name: 'Sign out' }).tap()
  await page.getByRole('button', { name: 'Sign in with your passkey' }).waitFor()
  expect(await faultsOf(page, 'console/signed-out')).toEqual([])
  await page.getByRole('button', { name: 'Sign in with your passkey' }).tap()
  await page.getByText('The payer confirmed it with their passkey.').waitFor()

  await page.goto(link)
  await page.getByText('This link is used up or out of date.').waitFor()
})

it('captures a part, refunds a part of it, and cancels what nobody has paid', async () => {
  const payer = await house.phone()
  await payer.wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  const held = await house.merchant.asks(eur(10_00), { reference: 'HELD-1', capture: 'manual' })
  await payer.page.goto(`${house.addresses.payment}/pay/${held}`)
  await payer.checkout.pays()
  const open = await house.merchant.asks(eur(2_40), { reference: 'OPEN-1' })

  const { page } = await house.phone()
  await page.goto(await invites())
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.locator(`a[href="/console/payments/${held}"]`).tap()
  await page.getByRole('button', { name: 'Capture' }).tap()
  await page.getByLabel('Amount in EUR').fill('4.50')
  expect(await faultsOf(page, 'console/capture')).toEqual([])
  await page.getByRole('button', { name: 'Capture it now' }).tap()
  await page.getByText('Capture of €4.50').waitFor()
  expect(await house.bank.takenBy(held)).toBe(4_50)
  await page.getByRole('button', { name: 'Refund' }).tap()
  await page.getByLabel('Amount in EUR').fill('99')
  await page.getByRole('button', { name: 'Refund it now' }).tap()
  await page.getByText('That is more than was captured.').waitFor()
  await page.getByLabel('Amount in EUR').fill('1')
  await page.getByLabel('Reason, if you like').fill('Cold')
  expect(await faultsOf(page, 'console/refund')).toEqual([])
  await page.getByRole('button', { name: 'Refund it now' }).tap()
  await page.getByText('Reason: Cold').waitFor()
  expect(await house.bank.takenBy(held)).toBe(3_50)
  await page.getByRole('button', { name: 'Void' }).tap()
  await page.getByRole('button', { name: 'Let it go now' }).tap()
  await page.getByText('Void of €5.50').waitFor()

  await page.getByRole('link', { name: 'All payments' }).tap()
  await page.locator(`a[href="/console/payments/${open}"]`).tap()
  await page.getByRole('button', { name: 'Cancel the bill' }).tap()
  await page.getByRole('button', { name: 'Cancel it now' }).tap()
  await page.getByText('You canceled.').waitFor()
})

it('makes an API key that is shown once, and revokes it', async () => {
  const { page } = await house.phone()
  await page.goto(await invites())
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByRole('link', { name: 'API keys' }).tap()
  await page.getByLabel('What it is for').fill('Till')
  await page.getByRole('button', { name: 'Make the key' }).tap()
  await page.getByText(/mk_test_/).waitFor()
  expect(await faultsOf(page, 'console/keys')).toEqual([])
  await page.getByRole('button', { name: 'Revoke Till' }).tap()
  expect(await faultsOf(page, 'console/revoke')).toEqual([])
  await page.getByRole('button', { name: 'Not now' }).tap()
  await page.getByRole('button', { name: 'Revoke Configured' }).tap()
  await page.getByText('the shop beside it cannot ask for payments').waitFor()
  await page.getByRole('button', { name: 'Not now' }).tap()
  await page.getByRole('button', { name: 'Revoke Till' }).tap()
  await page.getByRole('button', { name: 'Revoke it for good' }).tap()
  await page.getByText(/^Revoked /).waitFor()
  expect(await page.getByText(/mk_test_/).count()).toBe(0)
})

it('tells a server of payments by a webhook: made, watched, sent again, turned off, and given new keys', async () => {
  const { page } = await house.phone()
  await page.goto(await invites())
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByRole('link', { name: 'Webhooks' }).tap()
  await page.getByLabel('Address').fill('http://192.168.0.1/hook')
  await page.getByRole('button', { name: 'Add it' }).tap()
  await page.getByText('That address cannot be called.').waitFor()
  await page.getByRole('radio', { name: 'Live' }).tap()
  await page.getByLabel('Address').fill(`${house.addresses.shop}/nobody-hears`)
  await page.getByRole('button', { name: 'Add it' }).tap()
  await page.getByText(/^whsec_/).waitFor()
  expect(await faultsOf(page, 'console/webhooks')).toEqual([])

  await house.merchant.asks(eur(1_20), { reference: 'HOOK-1' })
  await page.getByText('/nobody-hears').tap()
  const told = page.getByText('Webhook payment.created, try 1: answered')
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Look again' }).tap()
        return told.count()
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0)
  expect(await faultsOf(page, 'console/webhook')).toEqual([])
  await page
    .getByText(/^It took \d+ ms$/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Send payment.created again' }).first().tap()
  await page.getByText('It is on its way again').waitFor()

  await page.getByRole('button', { name: 'Make new keys' }).tap()
  await page.getByRole('button', { name: 'Make new keys now' }).tap()
  await page.getByText('The keys of before sign as well until').waitFor()
  await page.getByRole('button', { name: 'Turn off' }).tap()
  await page.getByText('What happens while it is off is not told to it.').waitFor()
  expect(await faultsOf(page, 'console/webhook-off')).toEqual([])
  await page.getByRole('button', { name: 'Turn it off now' }).tap()
  await page.getByRole('button', { name: 'Turn on' }).waitFor()

  const missed = await house.merchant.asks(eur(1_30), { reference: 'HOOK-2' })
  await page.getByRole('button', { name: 'Turn on' }).tap()
  await page.getByRole('button', { name: 'Turn off' }).waitFor()
  await page.goto(`${house.addresses.payment}/console/payments/${missed}`)
  await page.getByText('Event payment.created').waitFor()
  await page.getByRole('button', { name: 'Send payment.created again' }).tap()
  await page.getByText('It is on its way again').waitFor()
  expect(await faultsOf(page, 'console/resent')).toEqual([])
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Look again' }).tap()
        return page.getByText('/nobody-hears').count()
      },
      { timeout: 20_000 },
    )
    .toBe(1)
})

it('leads a new merchant from an invitation to a test order that is paid, and on to a refund', async () => {
  const server = createServer((_request, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const hears = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hears`
  const created = await operates('create', 'Owl Books', 'http://owl.localhost:4999')
  const link = found(/http\S+\/console\S+/, await operates('invite', found(/merchant_\S+/, created)))

  const { page } = await house.phone()
  await page.goto(link)
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByRole('heading', { name: 'Five steps to a paid test order' }).waitFor()
  expect(await faultsOf(page, 'console/first-steps')).toEqual([])
  await page.getByRole('link', { name: 'To the webhooks' }).tap()
  await page.getByLabel('Address').fill(hears)
  await page.getByRole('button', { name: 'Add it' }).tap()
  await page.getByText(/^whsec_/).waitFor()
  await page.getByRole('link', { name: 'Payments' }).tap()
  await page.getByRole('button', { name: 'Make a test order of €1.00' }).tap()
  const bill = await page.getByRole('link', { name: 'Pay it here' }).getAttribute('href')
  await page.locator('a[href^="/console/payments/"]', { hasText: 'test-order' }).waitFor()
  expect(await faultsOf(page, 'console/test-order')).toEqual([])

  const payer = await house.phone()
  await payer.wallet.enrols('hedy', await house.bank.issuesCard(eur(100_00)))
  await payer.page.goto(bill ?? '')
  await payer.page.getByRole('button', { name: 'Pay Owl Books €1.00' }).tap()
  await payer.checkout.staysOnReceipt()
  await page.getByRole('button', { name: 'I have paid' }).tap()
  await page.getByRole('heading', { name: 'Your first order is paid' }).waitFor()
  expect(await faultsOf(page, 'console/first-order')).toEqual([])
  await page.getByRole('link', { name: 'See what happened to it' }).tap()
  await page.getByRole('button', { name: 'Refund' }).tap()
  await page.getByRole('button', { name: 'Refund it now' }).tap()
  await page.getByText('Refund of €1.00').waitFor()

  await page.getByRole('link', { name: 'Webhooks' }).tap()
  await page.getByText('/hears').tap()
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Look again' }).tap()
        return page.getByText('Webhook payment.refunded, try 1: answered 204').count()
      },
      { timeout: 20_000 },
    )
    .toBe(1)
  server.close()
})

it('has an owner invite somebody, make them another role, and remove them: signed out at their next step', async () => {
  const { page: owner } = await house.phone()
  await owner.goto(await invites())
  await owner.getByRole('button', { name: 'Make a passkey' }).tap()
  await owner.getByRole('link', { name: 'People' }).tap()
  await owner.locator('h1:focus', { hasText: 'People' }).waitFor()
  await owner.getByText('Owner (you)').waitFor()
  await owner.getByLabel('What you call them').fill('Grace, till')
  await owner.getByRole('radio', { name: 'Viewer' }).tap()
  await owner.getByRole('button', { name: 'Make a link' }).tap()
  const link = (await owner.getByText(/join#/).last().textContent()) ?? ''
  await owner.getByText(/^Invited, may come until/).waitFor()
  expect(await faultsOf(owner, 'console/people')).toEqual([])

  const { page } = await house.phone()
  await page.goto(found(/http\S+/, link))
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByText('· Viewer').waitFor()

  await owner.getByRole('button', { name: 'Change Grace, till' }).tap()
  await owner.locator('button:focus', { hasText: 'Not now' }).waitFor()
  await owner.getByRole('radio', { name: 'Staff' }).first().tap()
  expect(await faultsOf(owner, 'console/person')).toEqual([])
  await owner.getByRole('button', { name: 'Make them that' }).tap()
  await owner.getByRole('button', { name: 'Change Grace, till' }).tap()
  await owner.getByRole('button', { name: 'Remove them' }).tap()
  await owner.getByRole('button', { name: 'Remove them for good' }).tap()
  await owner.getByRole('button', { name: /Grace, till/ }).waitFor({ state: 'detached' })
  await owner.locator('h1:focus', { hasText: 'People' }).waitFor()
  await page.getByRole('radio', { name: 'Refunded' }).tap()
  await page.getByText('You were signed out, to be safe.').waitFor()
})

it('shows the payments to an owner who steps back', async () => {
  const { page: other } = await house.phone()
  await other.goto(await invites())
  await other.getByRole('button', { name: 'Make a passkey' }).tap()
  await other.getByText('· Owner').waitFor()
  const { page } = await house.phone()
  await page.goto(await invites())
  await page.getByRole('button', { name: 'Make a passkey' }).tap()
  await page.getByRole('link', { name: 'People' }).tap()
  const you = page.getByRole('listitem').filter({ hasText: '(you)' })
  await you.getByRole('button', { name: /^Change/ }).tap()
  await you.getByRole('radio', { name: 'Staff' }).tap()
  await you.getByRole('button', { name: 'Make them that' }).tap()
  await page.getByRole('heading', { name: 'Payments' }).waitFor()
  await page.getByText('· Staff').waitFor()
  await page.getByRole('link', { name: 'People' }).waitFor({ state: 'detached' })
})

it('gives payers none of its scripts', async () => {
  const { page, shop } = await house.phone()
  const requests = requestsOf(page)
  await shop.orders('Espresso')
  await page.waitForLoadState('networkidle')
  expect(Buffer.concat(requests()).toString()).not.toContain('/assets/console')
})
