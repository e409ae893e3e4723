import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'

/** Where nothing is but what a test brings along. */
const emptyOrigin = 'http://empty.localhost'

export async function emptyPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.route(`${emptyOrigin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await page.goto(emptyOrigin)
  return page
}

/** @returns a source file and what it imports, as a script that puts what it exports into a global of that name */
export async function scriptOf(entry: string, name: string): Promise<string> {
  const lib = { entry, formats: ['iife' as const], name }
  const built = await build({ configFile: false, logLevel: 'warn', build: { write: false, lib } })
  const [output] = [built].flat()
  if (output === undefined || !('output' in output)) throw new Error('nothing was built')
  return output.output[0].code
}

/** The browser takes away what pages of this origin have in their databases, and the databases from pages that are open. */
export async function takesDatabasesAway(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Storage.clearDataForOrigin', { origin: emptyOrigin, storageTypes: 'indexeddb' })
}
