/** The wallet as an app, and what it lets out of the phone. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { walletZh } from '../../web/words/wallet-zh.ts'
import { zh } from '../../web/words/zh.ts'
import { canary, sightings } from '../support/canary.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { installability } from './support/installability.ts'
import { nodeFetch } from './support/node-fetch.ts'
import { requestsOf } from './support/requests-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('can be installed, and opens without a network, with the name used last', async () => {
  const { page, context, wallet } = await house.phone({ persistent: true })
  await wallet.opens()
  expect(await faultsOf(page, 'app/first')).toEqual([])
  expect(await installability(page)).toEqual([])

  await wallet.enrols('ada', await house.bank.issuesCard(eur(100_00)))
  expect(await faultsOf(page, 'app/wallet')).toEqual([])
  await wallet.isReadyForOffline()
  await context.setOffline(true)
  await page.reload()
  await page.getByText('You are offline. This is what this device remembers.').waitFor()
  await page.getByRole('button', { name: 'Sign in as ada' }).waitFor()
  expect(await faultsOf(page, 'app/offline')).toEqual([])
})

it('knows its payer again by one touch, after the session is over', async () => {
  const { page, wallet, passkeys } = await house.phone()
  await wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  house.clock.advance(16 * 60_000)
  await wallet.opens()
  const touchesBefore = passkeys.touches()
  await page.getByRole('button', { name: 'Sign in as grace' }).tap()
  await page.getByRole('heading', { name: 'Hello, grace' }).waitFor()
  expect(passkeys.touches() - touchesBefore).toBe(1)
})

/** Headless Chromium never asks whether to install, so the question is put as it would be. */
const offersToInstall = (page: Page, outcome: 'accepted' | 'dismissed') =>
  page.evaluate((answer) => {
    const prompt = async () => {
      document.documentElement.dataset.asked = 'true'
      return { outcome: answer }
    }
    dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt }))
  }, outcome)

it('offers the home screen after the first payment, and takes a no for good', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('jean', await house.bank.issuesCard(eur(100_00)))
  const offer = page.getByRole('complementary', { name: 'Keep Moniker on your home screen' })
  await offersToInstall(page, 'dismissed')
  await page.getByText('Nothing yet. What you pay shows up here.').waitFor()
  expect(await offer.count()).toBe(0)

  await shop.orders('Espresso')
  await checkout.pays()
  await wallet.opens()
  await page.getByRole('listitem').getByText('Bluebird Coffee').waitFor()
  await offersToInstall(page, 'dismissed')
  await offer.waitFor()
  await offer.scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'app/install')).toEqual([])
  await offer.getByRole('button', { name: 'Add to home screen' }).tap()
  await offer.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.documentElement.dataset.asked)).toBe('true')

  await wallet.opens()
  await page.getByRole('listitem').getByText('Bluebird Coffee').waitFor()
  await offersToInstall(page, 'accepted')
  expect(await offer.count()).toBe(0)
})

it('says how it is put on the home screen of an iPhone', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  await context.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: false }))
  await wallet.enrols('radia', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Espresso')
  await checkout.pays()
  await wallet.opens()
  await page.getByText('Tap the share button of your browser').waitFor()
  await page.getByRole('button', { name: 'No, thanks' }).tap()
  await page.getByText('Tap the share button of your browser').waitFor({ state: 'detached' })
})

it('leads from its shortcut to another card: who is known by one touch, and who is not by a name', async () => {
  const { page, wallet } = await house.phone()
  const manifest = await (await nodeFetch(`${house.addresses.payment}/manifest.webmanifest`)).json()
  const [addCard] = manifest.shortcuts
  const presses = () => page.goto(house.addresses.payment + addCard.url)
  const choosesName = () => page.getByRole('heading', { name: en.enrol.nameTitle }).waitFor()
  const addsCard = () => page.getByRole('heading', { name: en.enrol.cardTitle }).waitFor()
  await presses()
  await choosesName()
  await wallet.enrols('mary', await house.bank.issuesCard(eur(100_00)))
  await presses()
  await addsCard()

  house.clock.advance(16 * 60_000)
  await presses()
  await wallet.signsInAs('mary')
  await addsCard()

  house.clock.advance(16 * 60_000)
  await wallet.opens()
  await page.getByRole('link', { name: en.wallet.makeName }).tap()
  await choosesName()
})

it('opens the bill in what another app shares with it, or in what is pasted', async () => {
  const { page, wallet, context } = await house.phone()
  await wallet.enrols('lise', await house.bank.issuesCard(eur(100_00)))
  const bill = `${house.addresses.payment}/pay/${await house.merchant.asks(eur(4_20))}`
  const opens = (from: string) => page.goto(`${house.addresses.payment}/open${from}`)

  await opens(`?${new URLSearchParams({ title: 'Lunch', text: `Your half: ${bill}.` })}`)
  await page.getByText('€4.20').first().waitFor()
  expect(page.url()).toBe(bill)

  await opens(`?${new URLSearchParams({ link: 'web+moniker:nothing' })}`)
  await page.getByText('There is no pay link of ours in it.').waitFor()
  expect(await faultsOf(page, 'app/open-link')).toEqual([])
  await page.getByLabel('Pay link').fill(`看账单：${bill}`)
  await page.getByRole('button', { name: 'See the bill' }).tap()
  await page.getByText('€4.20').first().waitFor()

  const devtools = await context.newCDPSession(page)
  const { errors } = await devtools.send('Page.getAppManifest')
  expect(errors).toEqual([])
})

it('speaks another language when told, and remembers it', async () => {
  const { page, wallet } = await house.phone()
  await wallet.opens()
  await page.getByRole('button', { name: '简体中文' }).tap()
  await page.getByRole('heading', { name: '用名字付款。' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '用名字付款。' }).waitFor()
  expect(await faultsOf(page, 'app/first-zh')).toEqual([])
})

it('is installed in the language that is read', async () => {
  const { page, context, wallet } = await house.phone({ locale: 'zh-CN' })
  await wallet.opens()
  await page.getByRole('heading', { name: zh.slogan }).waitFor()
  const devtools = await context.newCDPSession(page)
  const shortcuts = async () => {
    const { data = '{}', errors } = await devtools.send('Page.getAppManifest')
    const named: { name: string }[] = JSON.parse(data).shortcuts
    return { names: named.map(({ name }) => name), errors }
  }
  await expect.poll(shortcuts).toEqual({ names: [zh.wallet.addCard, walletZh.payLink.title], errors: [] })
  await page.getByRole('button', { name: 'English' }).tap()
  await page.getByRole('heading', { name: en.slogan }).waitFor()
  await expect.poll(shortcuts).toEqual({ names: [en.wallet.addCard, walletEn.payLink.title], errors: [] })
})

it('sends nothing of a card but the seal, its brand and its last four digits', async () => {
  const { page, shop, checkout } = await house.phone()
  const card = { ...(await house.bank.issuesCard(eur(100_00))), name: 'ZEPHYRINE QUILLFEATHER' }
  const sent = requestsOf(page)
  await shop.orders('Flat white')
  await checkout.isNewHere()
  await checkout.takesName('zephyrine')
  await checkout.typesCard(card)
  await checkout.pays()

  const groups = Array.from({ length: card.number.length - 5 }, (_, start) => card.number.slice(start, start + 5))
  const secrets = [
    canary('number', card.number),
    ...groups.map((digits) => canary('five digits of it', digits)),
    canary('code', `"code":"${card.code}"`),
    canary('cardholder', card.name),
  ]
  const seen = () => sent().flatMap((request) => sightings(secrets, request))
  expect(seen()).toEqual([])
  expect(sent().some((request) => request.includes('"sealed":'))).toBe(true)

  // The same eyes see a number that does leave.
  await page.evaluate((number) => fetch('/api/usernames', { method: 'POST', body: number }), card.number)
  expect(seen()).toContain('number: plain')
})
