/** The proof of a payment: saved where it was paid, checked by anybody, with or without a network. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { en, type Words } from '../../web/words/en.ts'
import { zh } from '../../web/words/zh.ts'
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

const orderOfFlatWhite = ({ shop }: PayersPhone): Promise<PaymentId> => shop.orders('Flat white')
/** The shop will take the money when the coffee is made. */
async function orderToBeCaptured({ page }: PayersPhone): Promise<PaymentId> {
  const bill = await house.merchant.asks(eur(3_80), { capture: 'manual' })
  await page.goto(`${house.addresses.payment}/pay/${bill}`)
  return bill
}

/** Pays for a coffee, and saves the proof. @returns where it was saved */
async function paysAndSaves(payer: string, order = orderOfFlatWhite): Promise<string> {
  const phone = await house.phone()
  const { page, checkout, wallet } = phone
  await wallet.enrols(payer, await house.bank.issuesCard(eur(100_00)))
  const bill = await order(phone)
  await checkout.pays()
  await checkout.staysOnReceipt()
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: en.proof.save }).tap()
  const download = await started
  expect(download.suggestedFilename()).toBe(`moniker-receipt-${bill}.json`)
  await page.getByText(en.proof.saved).waitFor()
  expect(await faultsOf(page, 'verify/saved')).toEqual([])
  const path = join(house.dataDirectory, download.suggestedFilename())
  await download.saveAs(path)
  return path
}

/** What somebody does on the page that checks receipts. */
function verifierOn(page: Page, { proof }: Words = en) {
  const heading = (text: string) => page.getByRole('heading', { name: text, exact: true })
  return {
    opens: () => page.goto(`${house.addresses.payment}/verify`),
    chooses: (path: string) => page.locator('input[type=file]').setInputFiles(path),
    holdsTogether: () => heading(proof.outcomes.open.title).waitFor(),
    isProven: () => heading(proof.outcomes.proven.title).waitFor(),
    isRefused: () => heading(proof.outcomes.refused.title).waitFor(),
    compares: (fingerprint: string) => page.getByLabel(proof.compare).fill(fingerprint),
    /** What the slip of paper says. */
    slip: async () => (await page.locator('.slip').innerText()).replaceAll(/\s+/g, ' '),
    fails: () => page.locator('.findings .fails').allInnerTexts(),
  }
}

async function bankFingerprint(): Promise<string> {
  const published = await house.bank.receives(new Request(new URL('/.well-known/bank-keys', house.addresses.bank)))
  const { keys } = await published.json()
  return keys.find(({ use }: { use: string }) => use === 'sig').kid
}

it('the proof of a payment is saved where it was paid, and proves it to anybody, also without a network', async () => {
  const path = await paysAndSaves('ada')
  const { page, context, wallet } = await house.phone({ persistent: true })
  const verifier = verifierOn(page)
  await wallet.opens()
  await wallet.isReadyForOffline()
  await context.setOffline(true)
  await verifier.opens()
  expect(await faultsOf(page, 'verify/first')).toEqual([])
  await verifier.chooses(path)
  await verifier.holdsTogether()
  expect(await faultsOf(page, 'verify/holds-together')).toEqual([])
  await verifier.compares(await bankFingerprint())
  await page.getByText(en.proof.same).waitFor()
  await verifier.isProven()
  expect(await verifier.slip()).toMatch(
    /^Proven .* €3\.80 Captured To Bluebird Coffee .* With .* Payer pp_.* Approval code [0-9A-Z]{6}$/,
  )
  expect(await faultsOf(page, 'verify/proven')).toEqual([])

  await verifier.compares('A'.repeat(43))
  await page.getByText(en.proof.different).waitFor()
  await verifier.isRefused()
  expect(await verifier.slip()).not.toContain('Bluebird')
})

it('a file that was changed proves nothing, and nothing of it is shown', async () => {
  const path = await paysAndSaves('grace')
  const changed = join(house.dataDirectory, 'changed.json')
  await writeFile(changed, (await readFile(path, 'utf8')).replace('"minor":380', '"minor":38'))
  const { page } = await house.phone()
  const verifier = verifierOn(page)
  await verifier.opens()
  await verifier.chooses(path)
  await verifier.holdsTogether()
  await verifier.chooses(changed)
  await verifier.isRefused()
  expect(await verifier.slip()).not.toMatch(/€|Bluebird/)
  expect((await verifier.fails()).length).toBe(2) // the passkey signed another intent, and the bank approved another one
  expect(await faultsOf(page, 'verify/refused')).toEqual([])
})

it('of money that was set aside says that it was not taken yet', async () => {
  const path = await paysAndSaves('mary', orderToBeCaptured)
  const { page } = await house.phone()
  const verifier = verifierOn(page)
  await verifier.opens()
  await verifier.chooses(path)
  await verifier.holdsTogether()
  expect(await verifier.slip()).toContain('€3.80 Set aside, not taken yet To Bluebird Coffee')
  expect(await faultsOf(page, 'verify/set-aside')).toEqual([])
})

it('is checked in 中文 too', async () => {
  const path = await paysAndSaves('lin', orderToBeCaptured)
  const { page } = await house.phone({ locale: 'zh-CN' })
  const verifier = verifierOn(page, zh)
  await verifier.opens()
  expect(await faultsOf(page, 'verify/first-zh')).toEqual([])
  await verifier.chooses(path)
  await verifier.holdsTogether()
  expect(await verifier.slip()).toContain(zh.proof.setAside)
  expect(await faultsOf(page, 'verify/holds-together-zh')).toEqual([])
})

it('is not saved by somebody who did not pay', async () => {
  const payers = await house.phone()
  await payers.wallet.enrols('joan', await house.bank.issuesCard(eur(100_00)))
  const bill = await payers.shop.orders('Espresso')
  await payers.checkout.pays()
  const { page } = await house.phone()
  await page.goto(`${house.addresses.payment}/pay/${bill}`)
  await page.getByRole('button', { name: en.proof.save }).tap()
  await page.getByText(en.proof.refusedToSave.what).waitFor()
})
