/** What a thief finds on the phone of somebody who has typed, signed and paid: nothing that pays, or that gets a name back. */
import type { BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { type Canary, canary, sightings } from '../support/canary.ts'
import { type Kept, keptOn } from './support/kept-on.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const sessionCookie = '__Host-moniker'
/** One of the simulator's test cards: its code is no amount and no day that the wallet may keep. */
const card: CardDetails = {
  number: parseCardNumber('5555555555554444'),
  expiry: { month: 12, year: 2030 },
  name: 'ADA LOVELACE',
  code: '123',
}

const keptOf = async (context: BrowserContext): Promise<Kept[]> =>
  (await Promise.all(context.pages().map(keptOn))).flat()

/** Three digits are part of many a time and id: the code is there where they stand by themselves. */
const holdsCode = (text: string): boolean => new RegExp(`(?<![\\w-])${card.code}(?![\\w-])`).test(text)

const foundIn = (kept: readonly Kept[], secrets: readonly Canary[]): string[] =>
  kept.flatMap(({ where, text }) =>
    [...sightings(secrets, Buffer.from(text)), ...(holdsCode(text) ? ['security code'] : [])].map(
      (secret) => `${secret}, in ${where}`,
    ),
  )

it('keeps no card number, no code of either kind and no key to the session, at any moment', async () => {
  const { page, context, wallet, shop, checkout } = await house.phone()
  await wallet.opens()
  await wallet.isReadyForOffline()
  // What the app is made of has numbers of its own, and came before there was any secret.
  const before = new Set((await keptOf(context)).map(({ text }) => text))
  const secrets = [canary('card number', card.number)]
  const looks = async () => {
    const kept = (await keptOf(context)).filter(({ text }) => !before.has(text))
    return { kept, found: foundIn(kept, secrets) }
  }
  const learnsSession = async () => {
    const session = (await context.cookies()).find(({ name }) => name === sessionCookie)
    expect(session).toMatchObject({ httpOnly: true, secure: true })
    secrets.push(canary('session', session?.value ?? ''))
  }

  await wallet.beginsEnrolment()
  await wallet.takesName('ada')
  await learnsSession()
  await wallet.typesCard(card)
  expect((await looks()).found).toEqual([])
  await page.getByRole('button', { name: 'Add card' }).tap()
  await page.getByRole('button', { name: 'Later', exact: true }).tap()

  await page.getByRole('button', { name: 'Sign out' }).tap()
  await wallet.signsInAs('ada')
  await page.getByRole('button', { name: 'Make a recovery code' }).tap()
  const paper = await page.locator('.recovery-code').innerText()
  secrets.push(canary('recovery code', paper.replaceAll('-', '')))
  await learnsSession()
  expect((await looks()).found).toEqual([])
  await page.getByRole('button', { name: 'I have it on paper' }).tap()

  await shop.orders('Flat white')
  await checkout.pays()
  expect((await looks()).found).toEqual([])
  await shop.says()
  expect((await looks()).found).toEqual([])
  await wallet.opens()
  await page.getByRole('region', { name: 'Activity' }).getByRole('listitem').getByText('Bluebird Coffee').waitFor()
  await expect.poll(async () => (await looks()).kept.map(({ where }) => where)).toContain('moniker-wallet: seen')
  expect((await looks()).found).toEqual([])

  // The same eyes see what is kept.
  await page.evaluate(keepEverywhere, { number: card.number, code: card.code, paper })
  expect((await looks()).found).toEqual(
    expect.arrayContaining([
      expect.stringContaining('card number: plain, in localStorage'),
      expect.stringContaining('security code, in sessionStorage'),
      expect.stringContaining('card number: base64 at 0, in the cookies'),
      expect.stringContaining('recovery code: grouped by hyphens, in thief: taken'),
      expect.stringContaining('security code, in thief: http'),
    ]),
  )
})

type Secrets = { readonly number: string; readonly code: string; readonly paper: string }

/** Runs in the page: a wallet that were careless. */
async function keepEverywhere({ number, code, paper }: Secrets): Promise<void> {
  localStorage.setItem('draft', `{"number":"${number}"}`)
  sessionStorage.setItem('draft', JSON.stringify({ code }))
  await cookieStore.set('draft', btoa(number))
  const opening = indexedDB.open('thief')
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('taken').put(paper, 'code')
  }
  await new Promise((resolve) => {
    opening.onsuccess = resolve
  })
  const cache = await caches.open('thief')
  await cache.put('/draft', new Response(`cvc=${code}`))
}
