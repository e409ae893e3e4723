/** A phone that goes from hand to hand: whoever is forgotten on it leaves nothing there. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'
import { withoutAutofill } from './support/without-autofill.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

/** The names of which the browser keeps anything in its databases. */
const keptNames = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names: string[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      for (const store of database.objectStoreNames) {
        const keys = await new Promise<IDBValidKey[]>((resolve) => {
          const asking = database.transaction(store).objectStore(store).getAllKeys()
          asking.onsuccess = () => resolve(asking.result)
        })
        names.push(...keys.map((key) => `${name} ${key}`))
      }
      database.close()
    }
    return names.toSorted()
  })

/** The first one's phone, which is in the second one's hand now, who is signed in on it. */
async function sharedPhone(first: string, second: string) {
  const phone = await house.phone()
  // A virtual authenticator answers the name field by itself; people look at whom it names.
  await withoutAutofill(phone.page)
  await phone.wallet.enrols(first, await house.bank.issuesCard(eur(100_00)))
  await phone.page.getByRole('button', { name: 'Sign out' }).tap()
  await phone.page.getByRole('button', { name: `Sign in as ${first}` }).waitFor()
  await phone.wallet.enrols(second, await house.bank.issuesCard(eur(100_00)))
  return phone
}

it('forgets on a bill who is signed in, and keeps what it knows of others', async () => {
  const { page, shop, checkout, wallet } = await sharedPhone('ada', 'bob')
  await expect.poll(() => keptNames(page)).toEqual(['moniker ada', 'moniker bob', 'moniker-wallet bob'])
  await shop.orders('Espresso')
  await checkout.sees('Paying as')
  expect(await checkout.whoPays()).toBe('bob')
  await checkout.changesName()
  expect(await faultsOf(page, 'shared-phone/names')).toEqual([])
  await page.getByRole('button', { name: 'Forget bob on this device' }).tap()
  await page.getByLabel('Your name', { exact: true }).waitFor()
  await expect.poll(() => keptNames(page)).toEqual(['moniker ada'])
  await expect.poll(() => page.evaluate(async () => (await fetch('/api/session')).status)).toBe(401)

  await page.reload()
  await checkout.sees('Paying as')
  expect(await checkout.whoPays()).toBe('ada')
  await checkout.pays()
  await wallet.opens()
  await page.getByRole('button', { name: 'Sign in as ada' }).waitFor()
  expect(await page.getByText('bob').count()).toBe(0)
})

it('forgets in the wallet who is signed out', async () => {
  const { page, wallet } = await sharedPhone('carol', 'dan')
  await page.getByRole('button', { name: 'Sign out' }).tap()
  await page.getByRole('button', { name: 'Forget carol on this device' }).tap()
  await page.getByRole('button', { name: 'Sign in as carol' }).waitFor({ state: 'detached' })
  await expect.poll(() => keptNames(page)).toEqual(['moniker dan'])
  await wallet.opens()
  await page.getByRole('button', { name: 'Sign in as dan' }).waitFor()
  expect(await page.getByText('carol').count()).toBe(0)
})

it('shows without a network whose wallet it is that was seen last, and that of another one when asked', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  await withoutAutofill(page)
  await wallet.enrols('erin', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Espresso')
  await checkout.pays()
  await shop.says()
  await wallet.opens()
  const payments = page.getByRole('region', { name: 'Activity' }).getByRole('listitem')
  await payments.first().waitFor()
  // She does not sign out: her session ends while nobody looks.
  house.clock.advance(20 * 60_000)
  await wallet.enrols('finn', await house.bank.issuesCard(eur(100_00)))
  await page.getByText('Nothing yet').waitFor()
  await wallet.isReadyForOffline()

  await context.setOffline(true)
  await page.reload()
  await page.getByRole('heading', { name: 'Last seen by finn' }).waitFor()
  expect(await payments.count()).toBe(0)
  expect(await faultsOf(page, 'shared-phone/offline')).toEqual([])
  await page.getByRole('radio', { name: 'erin' }).check()
  await page.getByRole('heading', { name: 'Last seen by erin' }).waitFor()
  await expect.poll(() => payments.count()).toBe(1)
})
