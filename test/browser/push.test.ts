/** Somebody is told of a payment while the wallet is closed. */
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { PushMessage } from '../../shared/wire/push-api.ts'
import { eur } from '../support/merchant.ts'
import { openPushService, type PushService } from '../support/push-service.ts'
import { faultsOf } from './support/faults-of.ts'
import { pushServiceOf } from './support/push-service-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
let service: PushService
beforeAll(async () => {
  ;[house, service] = await Promise.all([openTestHouse(), openPushService()])
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => Promise.all([house.close(), service.close()]))

it('is asked once they have paid, is shown what was paid, and finds it in the wallet', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  const card = await house.bank.issuesCard(eur(100_00))
  await wallet.enrols('ada', card)
  const offer = page.getByRole('complementary', { name: 'Hear of your payments' })
  await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  expect(await offer.count()).toBe(0)

  // What a browser's own push service would take, this one takes on this machine: Chromium's is far away.
  const phone = service.browser()
  const subscribed = await page.evaluate(
    async (body) =>
      (
        await fetch('/api/push', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status,
    { target: phone.target, locale: 'en-US' },
  )
  expect(subscribed).toBe(200)
  const payment = await shop.orders('Flat white')
  await checkout.pays()
  const heard: PushMessage[] = []
  await expect.poll(() => heard.push(...phone.takes().map(({ message }) => message))).toBe(1)
  const [message] = heard
  if (message === undefined) throw new Error('a payment is told')

  await wallet.opens()
  await offer.scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'push/offer')).toEqual([])

  await context.grantPermissions(['notifications'], { origin: house.addresses.payment })
  await wallet.isReadyForOffline()
  // In a private window Chromium refuses, as if its push service were out of reach; only its console says so.
  await offer.getByRole('button', { name: 'Turn on notifications' }).tap()
  await offer.getByText('That did not work.').waitFor()
  await page.getByRole('region', { name: 'Notifications' }).getByText('That did not work.').waitFor()
  expect(await faultsOf(page, 'push/failed')).toEqual([])
  const delivers = await pushServiceOf(page, house.addresses.payment)
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      return (await registration.getNotifications()).map(({ title, body, tag, lang }) => ({ title, body, tag, lang }))
    })
  /** A push service tells again what a browser with much to do has not taken. */
  const toldUntilShown = async () => {
    const notices = await shown()
    if (notices.length === 0) await delivers(message)
    return notices
  }
  await expect.poll(toldUntilShown, { timeout: 30_000, interval: 2_000 }).toEqual([
    {
      title: '€3.80 paid',
      body: `Bluebird Coffee · Visa •••• ${card.number.slice(-4)}`,
      tag: payment,
      lang: 'en-US',
    },
  ])

  // The browser is reached elsewhere from now on; whoever is signed in needs not be there for it.
  const moved = service.browser()
  const [worker] = context.serviceWorkers()
  await worker?.evaluate(
    ({ from, to }) => {
      const subscription = (target: typeof from) => ({ options: {}, toJSON: () => target })
      const change = { oldSubscription: subscription(from), newSubscription: subscription(to), waitUntil: () => {} }
      const event = new Event('pushsubscriptionchange')
      for (const [name, value] of Object.entries(change)) Object.defineProperty(event, name, { value })
      self.dispatchEvent(event)
    },
    { from: phone.target, to: moved.target },
  )
  const subscriptions = () =>
    page.evaluate(async () => {
      const { subscriptions } = (await (await fetch('/api/push')).json()) as { subscriptions: { id: string }[] }
      return subscriptions.map(({ id }) => id)
    })
  const movedId = createHash('sha256').update(moved.target.endpoint).digest('base64url')
  await expect.poll(subscriptions).toEqual([movedId])

  await page.goto(message.notification.navigate)
  await page.getByRole('dialog', { name: 'Bluebird Coffee' }).waitFor()
  expect(new URL(page.url()).search).toBe('')
  await expect.poll(shown).toEqual([])
  expect(await house.closePhones()).toEqual([
    expect.stringContaining('does not support the Push API in incognito mode'),
  ])
})

it('is told from then on, until they turn it off', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  const phone = service.browser()
  await context.grantPermissions(['notifications'], { origin: house.addresses.payment })
  await context.addInitScript(bringsPushService, phone.target)
  await wallet.enrols('lin', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Flat white')
  await checkout.pays()
  await wallet.opens()
  await wallet.isReadyForOffline()
  await page.reload()
  const offer = page.getByRole('complementary', { name: 'Hear of your payments' })
  await offer.getByRole('button', { name: 'Turn on notifications' }).tap()
  await offer.getByText('This browser is told when something is paid').waitFor()
  const section = page.getByRole('region', { name: 'Notifications' })
  await section.scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'push/on')).toEqual([])

  await shop.orders('Espresso')
  await checkout.pays()
  const titles: string[] = []
  const hears = () => titles.push(...phone.takes().map(({ message }) => message.notification.title))
  await expect.poll(hears).toBe(1)
  expect(titles).toEqual(['€2.40 paid'])

  await wallet.opens()
  await section.getByRole('button', { name: 'Turn off notifications' }).tap()
  await section.getByRole('button', { name: 'Turn on notifications' }).waitFor()
  const kept = await page.evaluate(async () => (await (await fetch('/api/push')).json()).subscriptions)
  expect(kept).toEqual([])
})

/** The push service that Chromium brings along is out of reach: here the tests' own one, which a page cannot tell from it. */
function bringsPushService({ endpoint, keys }: { endpoint: string; keys: { p256dh: string; auth: string } }): void {
  const bytesOf = (text: string) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  const name = 'test.push'
  const subscription = (key: string) => ({
    endpoint,
    options: { applicationServerKey: bytesOf(key).buffer },
    getKey: (which: 'p256dh' | 'auth') => bytesOf(keys[which]).buffer,
    async unsubscribe() {
      localStorage.removeItem(name)
      return true
    },
  })
  Object.assign(PushManager.prototype, {
    async getSubscription() {
      const key = localStorage.getItem(name)
      return key === null ? null : subscription(key)
    },
    async subscribe({ applicationServerKey }: { applicationServerKey: Uint8Array }) {
      const key = btoa(String.fromCharCode(...applicationServerKey))
      localStorage.setItem(name, key)
      return subscription(key)
    },
  })
}

it('says so where the browser lets nobody be told, and offers it no more to who has said no', async () => {
  const { page, wallet, shop, checkout } = await house.phone()
  await wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  await shop.orders('Flat white')
  await checkout.pays()
  await wallet.opens()
  const offer = page.getByRole('complementary', { name: 'Hear of your payments' })
  await offer.getByRole('button', { name: 'No, thanks' }).tap()
  await offer.waitFor({ state: 'detached' })
  await wallet.opens()
  const section = page.getByRole('region', { name: 'Notifications' })
  await section.scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'push/off')).toEqual([])
  await section.getByRole('button', { name: 'Turn on notifications' }).tap()
  await section.getByText('You have blocked notifications of this site.').waitFor()
  expect(await offer.count()).toBe(0)
  expect(await faultsOf(page, 'push/blocked')).toEqual([])
})
