/** What a device keeps of a wallet, in the database that a browser has: the door by itself, on an empty page. */
import type { Browser, BrowserContext, JSHandle, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LastSeen, LastSeenDoor } from '../../web/doors/last-seen.ts'
import { adaSignedIn } from '../web/flows/bill.ts'
import { launchBrowser } from './support/chromium.ts'
import { emptyPage, scriptOf, takesDatabasesAway } from './support/empty-page.ts'

const { cards } = adaSignedIn
const payments = [{ payment: 'pay_1' } as LastSeen['payments'][number]]
const seen = { cards, payments, spent: [], seenAtMs: 7 }

let content: string
let browser: Browser
let context: BrowserContext
let page: Page
let door: JSHandle<LastSeenDoor>
const opens = async () => {
  await page.reload()
  await page.addScriptTag({ content })
  door = await page.evaluateHandle((): LastSeenDoor => Reflect.get(globalThis, 'lastSeen').lastSeenDoor())
}
const of = (username: string) => door.evaluate((door, username) => door.of(username), username)
const keep = (username: string, part: Parameters<LastSeenDoor['keep']>[1]) =>
  door.evaluate((door, { username, part }) => door.keep(username, part), { username, part })
const forget = (username: string) => door.evaluate((door, username) => door.forget(username), username)
const forgetAllBut = (usernames: readonly string[]) =>
  door.evaluate((door, usernames) => door.forgetAllBut(usernames), usernames)

beforeAll(async () => {
  ;[browser, content] = await Promise.all([launchBrowser(), scriptOf('web/doors/last-seen.ts', 'lastSeen')])
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await emptyPage(context)
  await opens()
})
afterEach(() => context.close())
afterAll(() => browser.close())

describe('what was seen last of a wallet', () => {
  it('is nothing until all of it was seen, and then stays when the page is gone', async () => {
    expect(await of('ada')).toBeNull()
    const { payments, ...rest } = seen
    await keep('ada', rest)
    expect(await of('ada')).toBeNull()
    await keep('ada', { payments })
    expect(await of('ada')).toEqual({ username: 'ada', ...seen })
    await opens()
    expect(await of('ada')).toEqual({ username: 'ada', ...seen })
  })

  it('changes part by part, also where two parts come at once', async () => {
    await keep('ada', seen)
    await Promise.all([keep('ada', { cards: [] }), keep('ada', { payments: [], seenAtMs: 8 })])
    expect(await of('ada')).toEqual({ username: 'ada', cards: [], payments: [], spent: [], seenAtMs: 8 })
  })

  it('is one name’s and nobody else’s, and is forgotten alone', async () => {
    await keep('ada', seen)
    await keep('grace', { ...seen, seenAtMs: 9 })
    await forget('ada')
    expect(await of('ada')).toBeNull()
    expect(await of('grace')).toEqual({ username: 'grace', ...seen, seenAtMs: 9 })
    await keep('ada', { cards })
    expect(await of('ada')).toBeNull()
  })

  it('is dropped of whoever the device does not remember any more', async () => {
    for (const name of ['ada', 'grace', 'mary']) await keep(name, seen)
    await forgetAllBut(['grace'])
    expect(await Promise.all(['ada', 'grace', 'mary'].map(of))).toEqual([null, { username: 'grace', ...seen }, null])
    await forgetAllBut([])
    expect(await of('grace')).toBeNull()
  })

  it('is nothing where an app of before kept it, which knew of no bank', async () => {
    const ofBefore = cards.map(({ bank: _, ...card }) => card) as unknown as LastSeen['cards']
    await keep('ada', { ...seen, cards: ofBefore })
    expect(await of('ada')).toBeNull()
    await keep('ada', { cards })
    expect(await of('ada')).toEqual({ username: 'ada', ...seen })
  })

  it('is kept and forgotten as ever after the browser took the database away meanwhile', async () => {
    await keep('ada', seen)
    await takesDatabasesAway(page)
    await expect.poll(() => of('ada')).toBeNull()
    const keptAgain = async () => {
      await keep('ada', seen)
      return of('ada')
    }
    await expect.poll(keptAgain).toEqual({ username: 'ada', ...seen })
    await forget('ada')
    expect(await of('ada')).toBeNull()
  })
})

it('a browser that keeps no database keeps nobody from anything', async () => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', {
      get: () => {
        throw new DOMException('not in this window', 'SecurityError')
      },
    })
  })
  await opens()
  await keep('ada', seen)
  expect(await of('ada')).toBeNull()
  await forget('ada')
  await forgetAllBut([])
})
