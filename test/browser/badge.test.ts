/** On the app's icon stands how much of what was told nobody has looked at yet. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { PushMessage } from '../../shared/wire/push-api.ts'
import { eur } from '../support/merchant.ts'
import { pushServiceOf } from './support/push-service-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const about = (payment: string): PushMessage => ({
  web_push: 8030,
  notification: {
    title: '€2.40 paid',
    body: 'Bluebird Coffee',
    lang: 'en-US',
    dir: 'auto',
    tag: payment,
    timestamp: 0,
    navigate: `${house.addresses.payment}/?payment=${payment}`,
  },
})

/** Somebody who may be told of payments, and whose phone has icons with numbers on them, which Chromium has not everywhere. */
async function reachable(name: string) {
  const phone = await house.phone()
  const { page, context, wallet } = phone
  await context.grantPermissions(['notifications'], { origin: house.addresses.payment })
  await context.addInitScript(numbersIcon)
  await wallet.enrols(name, await house.bank.issuesCard(eur(100_00)))
  await wallet.isReadyForOffline()
  const [worker] = context.serviceWorkers()
  if (worker === undefined) throw new Error('the app has a worker')
  await worker.evaluate(numbersIcon)
  const delivers = await pushServiceOf(page, house.addresses.payment)
  return {
    ...phone,
    isToldOf: (payment: string) => delivers(about(payment)),
    tapsNoticeOf: (payment: string) => worker.evaluate(actOnNotice, { tag: payment, type: 'notificationclick' }),
    putsAwayNoticeOf: (payment: string) => worker.evaluate(actOnNotice, { tag: payment, type: 'notificationclose' }),
    /** What the worker, and this page, have put on the icon so far; 0 is nothing. */
    numbers: () => worker.evaluate(numbersPut),
    numbersOfPage: () => page.evaluate(numbersPut),
  }
}

it('counts each payment that nobody has looked at, and nothing any more once somebody looks at the wallet', async () => {
  const { wallet, shop, isToldOf, tapsNoticeOf, putsAwayNoticeOf, numbers, numbersOfPage } = await reachable('ada')
  // A page of the wallet's that shows a bill and not what was paid.
  await shop.orders('Espresso')
  await isToldOf('coffee')
  await expect.poll(numbers).toEqual([1])
  await isToldOf('tea')
  await expect.poll(numbers).toEqual([1, 2])
  await isToldOf('coffee')
  await expect.poll(numbers).toEqual([1, 2, 2])
  await tapsNoticeOf('tea')
  await expect.poll(numbers).toEqual([1, 2, 2, 1])
  await putsAwayNoticeOf('coffee')
  await expect.poll(numbers).toEqual([1, 2, 2, 1, 0])

  await wallet.opens()
  await expect.poll(numbersOfPage).toContain(0)
  await isToldOf('cake')
  await expect.poll(numbers).toEqual([1, 2, 2, 1, 0, 0])
})

/** Runs in a page and in the worker. */
function numbersIcon(): void {
  const put: number[] = []
  const setAppBadge = async (count = 0) => void put.push(count)
  Object.assign(globalThis, { numbersOnIcon: put })
  Object.assign(Object.getPrototypeOf(navigator), { setAppBadge, clearAppBadge: () => setAppBadge(0) })
}

/** Runs in a page and in the worker. */
const numbersPut = (): number[] => Reflect.get(globalThis, 'numbersOnIcon')

/** Runs in the worker. Nobody's finger is there, so that no page opens. */
async function actOnNotice({ tag, type }: { tag: string; type: string }): Promise<void> {
  const registration: ServiceWorkerRegistration = Reflect.get(globalThis, 'registration')
  const [notification] = await registration.getNotifications({ tag })
  // What is put away is gone before the worker hears of it.
  if (type === 'notificationclose') notification?.close()
  const event = new Event(type)
  const waitUntil = (work: Promise<unknown>) => void work.catch(() => undefined)
  for (const [name, value] of Object.entries({ notification, waitUntil })) {
    Object.defineProperty(event, name, { value })
  }
  self.dispatchEvent(event)
}
