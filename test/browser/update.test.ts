/** What the phone keeps of the app, and how a new version comes: never in the middle of a payment. */
import { copyFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { eur } from '../support/merchant.ts'
import { type Build, nextBuild } from './support/next-build.ts'
import { nodeFetch } from './support/node-fetch.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

const firstBuild = 'dist/web'
let house: TestHouse
let next: Build
beforeAll(async () => {
  ;[house, next] = await Promise.all([openTestHouse(), nextBuild()])
})
afterEach(async () => {
  expect(await house.closePhones()).toEqual([])
  await house.deploys(firstBuild)
})
afterAll(() => Promise.all([house.close(), next.remove()]))

// Browsers look for a new worker when they have nothing better to do.
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 20_000 })

/** The script that a page began with: its name says which build it is of. */
const scriptOf = (page: Page) => page.locator('script[src*="/assets/moniker-"]').getAttribute('src')

const isServed = async (path: string | null) => (await nodeFetch(`${house.addresses.payment}${path}`)).status === 200

/** Until the worker keeps all of the app, and answers for this page. */
const isKept = (page: Page) =>
  eventually(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated')

/** The paths of everything the phone keeps, cache by cache; the oldest first. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const requests = (await caches.keys()).map(async (name) => (await caches.open(name)).keys())
    return (await Promise.all(requests)).map((all) => all.map(({ url }) => new URL(url).pathname))
  })

/** What is kept of a build that no page is of any more. */
const buildOfBefore = 'moniker-of-before'

/** Whether a new worker waits for its turn. */
const isWaiting = (page: Page) =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state === 'installed')

/** What a page asks at its leisure, asked at once. */
const wantsUpdate = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    registration?.waiting?.postMessage('update-when-idle')
  })

/** Whatever the browser keeps by itself, beside the worker's caches, it may forget at any time. */
async function forgetsFetched(page: Page): Promise<void> {
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache')
}

const opensLost = (page: Page) => page.getByRole('link', { name: en.wallet.lostPhone }).tap()
const seesLost = (page: Page) => page.getByRole('heading', { name: walletEn.loss.title }).waitFor()

it('the phone keeps the scripts and styles of the build, the one page that opens them, and nothing else', async () => {
  const { page, wallet } = await house.phone()
  await wallet.opens()
  await isKept(page)
  const assets = (await readdir(`${firstBuild}/assets`)).filter((name) => !name.startsWith('console'))
  const expected = ['/', ...assets.map((name) => `/assets/${name}`)]
  expect((await kept(page)).map((paths) => paths.toSorted())).toEqual([expected.toSorted()])
})

it('a bill that is open is paid by the app it began with, every part of it, while the next version waits', async () => {
  const { page, context, shop, checkout } = await house.phone()
  const bill = await shop.orders('Espresso')
  await isKept(page)
  const script = await scriptOf(page)
  await house.deploys(next.directory)
  expect(await isServed(script)).toBe(false)

  const walletPage = await context.newPage()
  await walletPage.goto(house.addresses.payment)
  expect(await scriptOf(walletPage)).not.toBe(script)
  await eventually(() => isWaiting(walletPage)).toBe(true)
  await wantsUpdate(walletPage)

  await page.bringToFront()
  await forgetsFetched(page)
  await checkout.isNewHere()
  await checkout.takesName('ada')
  await checkout.typesCard(await house.bank.issuesCard(eur(100_00)))
  await checkout.pays()
  expect(await scriptOf(page)).toBe(script)
  expect(await isWaiting(walletPage)).toBe(true)
  expect(await house.bank.takenBy(bill)).toBe(2_40)

  expect(await shop.says()).toContain('Paid. Thank you!')
  await wantsUpdate(walletPage)
  await eventually(() => isWaiting(walletPage)).toBe(false)
  await walletPage.reload()
  await eventually(async () => (await kept(walletPage)).length).toBe(1)
  expect((await kept(walletPage)).flat()).toContain(await scriptOf(walletPage))
})

it('a wallet is the next version when it is opened next, and one that stays open keeps its parts until it goes', async () => {
  const { page, context, wallet } = await house.phone()
  await wallet.opens()
  await isKept(page)
  const script = await scriptOf(page)
  await page.evaluate((name) => caches.open(name), buildOfBefore)
  await house.deploys(next.directory)

  const other = await context.newPage()
  await other.goto(house.addresses.payment)
  const nextScript = await scriptOf(other)
  expect(nextScript).not.toBe(script)
  await eventually(async () => (await kept(other)).flat().includes(nextScript ?? '')).toBe(true)
  await other.reload()
  await eventually(() => isWaiting(other)).toBe(false)
  await other.reload()
  await eventually(() => other.evaluate((name) => caches.has(name), buildOfBefore)).toBe(false)

  await context.setOffline(true)
  await other.reload()
  expect(await scriptOf(other)).toBe(nextScript)
  await context.setOffline(false)

  await forgetsFetched(page)
  await opensLost(page)
  await seesLost(page)
  expect(await scriptOf(page)).toBe(script)

  await wallet.opens()
  expect(await scriptOf(page)).toBe(nextScript)
  await eventually(async () => (await kept(page)).flat().includes(script ?? '')).toBe(false)
})

it('a version that is replaced while it comes is not kept, for its page would begin with other scripts', async () => {
  const { page, wallet } = await house.phone()
  await wallet.opens()
  await isKept(page)
  const mixed = await mkdtemp(join(tmpdir(), 'moniker-mixed-build-'))
  await cp(next.directory, mixed, { recursive: true })
  await copyFile(`${firstBuild}/index.html`, join(mixed, 'index.html'))
  await house.deploys(mixed)
  await rm(mixed, { recursive: true })

  const end = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    await registration.update()
    const { installing } = registration
    return new Promise((resolve) => installing?.addEventListener('statechange', () => resolve(installing.state)))
  })
  expect(end).toBe('redundant')
})

it('a page whose parts are nowhere any more says so, and is loaded again by hand alone', async () => {
  const { page, shop, checkout } = await house.phone({ withoutWorker: true })
  const bill = await shop.orders('Espresso')
  await checkout.payButton.waitFor()
  const script = await scriptOf(page)
  await house.deploys(next.directory)

  await checkout.isNewHere()
  await checkout.sees(en.broken.next)
  expect(await scriptOf(page)).toBe(script)
  await page.getByRole('button', { name: en.reload }).tap()
  await checkout.isNewHere()
  await checkout.takesName('grace')
  await checkout.typesCard(await house.bank.issuesCard(eur(100_00)))
  await checkout.pays()
  expect(await scriptOf(page)).not.toBe(script)
  expect(await house.bank.takenBy(bill)).toBe(2_40)
})
