/** Somebody takes their data along, and leaves. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accountExportSchema } from '../../shared/wire/payment-api.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('downloads all that is kept of a name', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('ada', await house.bank.issuesCard(eur(100_00)))
  const bill = await shop.orders('Flat white')
  await checkout.pays()
  await wallet.opens()
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download my data' }).tap()
  const path = join(house.dataDirectory, 'account.json')
  await (await started).saveAs(path)
  await page.getByText('Saved.').waitFor()
  const file = accountExportSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  expect(file.name.username).toBe('ada')
  expect(file.payments.map(({ payment }) => payment)).toEqual([bill])
  expect(await faultsOf(page, 'account/section')).toEqual([])
})

it('closes an account by one touch, and the phone knows the name no more', async () => {
  const { page, wallet, shop, checkout, passkeys } = await house.phone()
  await wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  const touches = passkeys.touches()
  await page.getByRole('button', { name: 'Close this account' }).tap()
  await page.getByRole('heading', { name: 'Close grace for good?' }).waitFor()
  expect(await faultsOf(page, 'account/closing')).toEqual([])
  await page.getByRole('button', { name: 'Keep my account' }).tap()
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Close this account' }).tap()
  await page.getByRole('button', { name: 'Close it with my passkey' }).tap()
  await page.getByText('grace is closed. Its cards and passkeys are gone.').waitFor()
  expect(passkeys.touches()).toBe(touches + 1)
  expect(await faultsOf(page, 'account/closed')).toEqual([])
  await page.reload()
  await page.getByRole('button', { name: 'Sign in with your passkey' }).waitFor()

  await shop.orders('Espresso')
  await checkout.typesName('grace')
  expect(await checkout.failsToPay()).toContain('Nothing was charged')
})
