import type { Page } from 'playwright-core'
import { checkAccessibility, checkContrast } from './accessibility.ts'
import { handheld } from './phone.ts'
import { screenshot } from './screenshot.ts'
import { stretches, whileStretched } from './stretched.ts'

/** Set by `npm run gallery`: every screen that a test looks at is kept as a picture. */
const arePicturesWanted = process.env.PICTURES !== undefined

/**
 * Looks at a screen as it is, in light and in dark colours, with text twice as large, and from right to left. With `PICTURES` set it
 * keeps a picture of each, and of it in Chinese.
 * @param name of the picture, such as `pay/receipt`
 * @returns what axe finds, and what is lost; a test expects nothing
 */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  await wear(page, 'light', name)
  const found = await checkAccessibility(page)
  await wear(page, 'dark', name)
  found.push(...(await checkContrast(page)).map((fault) => `in dark colours: ${fault}`))
  await page.emulateMedia({ colorScheme: 'light' })
  for (const stretch of stretches) {
    await whileStretched(page, stretch, async (lost) => {
      found.push(...lost.map((what) => `${stretch}: ${what}`))
      if (arePicturesWanted) await screenshot(page, `${name}-${stretch}`)
    })
  }
  if (arePicturesWanted) await takeInChinese(page, name)
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  return found
}

async function wear(page: Page, colorScheme: 'light' | 'dark', name: string): Promise<void> {
  // A colour on its way to another one has a contrast of its own.
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  if (arePicturesWanted) await screenshot(page, `${name}-${colorScheme}`)
}

async function takeInChinese(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  if (!(await speak(page, 'zh'))) return takeForReader(page, name)
  await screenshot(page, `${name}-zh`)
  await speak(page, 'en')
}

/** Shop and bank speak as their reader's browser wants: another reader comes to the same address. */
async function takeForReader(page: Page, name: string): Promise<void> {
  const reader = await page
    .context()
    .browser()
    ?.newContext({ ...handheld, locale: 'zh-CN' })
  const there = await reader?.newPage()
  await there?.goto(page.url())
  if (there && (await there.locator('html').getAttribute('lang')) === 'zh') await screenshot(there, `${name}-zh`)
  await reader?.close()
}

/** Not a tap: behind a sheet the switch cannot be touched, and the sheet shall stay. @returns whether the page could */
async function speak(page: Page, language: string): Promise<boolean> {
  const switches = page.locator(`button.language[lang=${language}]`)
  if ((await switches.count()) === 0) return false
  await switches.evaluate((button) => button instanceof HTMLElement && button.click())
  await page.waitForLoadState('networkidle')
  await page.evaluate(untilStill)
  return true
}

/** Runs in the page. Words of the wallet come by themselves, and no request tells of those that the phone keeps. */
async function untilStill(): Promise<void> {
  let before = ''
  while (before !== document.body.innerText) {
    before = document.body.innerText
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}
