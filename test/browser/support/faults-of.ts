import type { Page } from 'playwright-core'
import { checkAccessibility, checkContrast } from './accessibility.ts'
import { screenshot } from './screenshot.ts'

/**
 * Looks at a screen as it is, in light and in dark colours. With `PICTURES` set it keeps a picture of both.
 * @param name of the picture, such as `pay/receipt`
 * @returns what axe finds; a test expects nothing
 */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  await wear(page, 'light', name)
  const found = await checkAccessibility(page)
  await wear(page, 'dark', name)
  found.push(...(await checkContrast(page)).map((fault) => `in dark colours: ${fault}`))
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  return found
}

async function wear(page: Page, colorScheme: 'light' | 'dark', name: string): Promise<void> {
  // A colour on its way to another one has a contrast of its own.
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  if (process.env.PICTURES) await screenshot(page, `${name}-${colorScheme}`)
}
