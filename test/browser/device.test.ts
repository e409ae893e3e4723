/** Whom a device remembers, in the database that a browser has: the doors by themselves, on an empty page. */
import type { Browser, BrowserContext, JSHandle, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { DeviceMemory, RememberedName } from '../../web/doors/device.ts'
import type { KnownPasskeysDoor } from '../../web/doors/known-passkeys.ts'
import { ada } from '../web/flows/bill.ts'
import { launchBrowser } from './support/chromium.ts'
import { emptyPage, scriptOf, takesDatabasesAway } from './support/empty-page.ts'

const grace: RememberedName = { ...ada, username: 'grace', display: 'Grace', lastUsedMs: 2 }

let scripts: readonly string[]
let browser: Browser
let context: BrowserContext
let page: Page
let device: JSHandle<DeviceMemory>
let known: JSHandle<KnownPasskeysDoor>
const names = () => device.evaluate((device) => device.names())
const remember = (name: RememberedName) => device.evaluate((device, name) => device.remember(name), name)
const forget = (username: string) => device.evaluate((device, username) => device.forget(username), username)
const knownOf = (username: string) => known.evaluate((known, username) => known.of(username), username)
const keepKnown = (username: string, ids: string[]) =>
  known.evaluate((known, { username, ids }) => known.keep(username, ids), { username, ids })

beforeAll(async () => {
  browser = await launchBrowser()
  scripts = [await scriptOf('web/doors/device.ts', 'device'), await scriptOf('web/doors/known-passkeys.ts', 'known')]
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await emptyPage(context)
  for (const content of scripts) await page.addScriptTag({ content })
  device = await page.evaluateHandle((): DeviceMemory => Reflect.get(globalThis, 'device').deviceMemory())
  known = await page.evaluateHandle((): KnownPasskeysDoor => Reflect.get(globalThis, 'known').knownPasskeysDoor())
})
afterEach(() => context.close())
afterAll(() => browser.close())

it('remembers who was here, the last one first, until they are forgotten', async () => {
  await remember(ada)
  await remember(grace)
  expect(await names()).toEqual([grace, ada])
  await remember({ ...ada, lastUsedMs: 3 })
  expect(await names()).toEqual([{ ...ada, lastUsedMs: 3 }, grace])
  await forget('ada')
  expect(await names()).toEqual([grace])
})

it('knows the passkeys that somebody has seen here for as long as it remembers them', async () => {
  expect(await knownOf('ada')).toBeNull()
  await keepKnown('ada', ['AAAA'])
  expect([await knownOf('ada'), await names()]).toEqual([null, []])
  await remember(ada)
  await keepKnown('ada', ['AAAA', 'BBBB'])
  await remember({ ...ada, lastUsedMs: 3 })
  expect(await knownOf('ada')).toEqual(['AAAA', 'BBBB'])
  await forget('ada')
  await remember(ada)
  expect(await knownOf('ada')).toBeNull()
})

it('remembers as ever after the browser took the database away meanwhile', async () => {
  await remember(ada)
  expect(await knownOf('ada')).toBeNull()
  await takesDatabasesAway(page)
  await expect.poll(names).toEqual([])
  const rememberedAgain = async () => {
    await remember(grace)
    await keepKnown('grace', ['AAAA'])
    return [await names(), await knownOf('grace')]
  }
  await expect.poll(rememberedAgain).toEqual([[{ ...grace, knownPasskeys: ['AAAA'] }], ['AAAA']])
})
