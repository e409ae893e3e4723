import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

type Place = { readonly folder?: string; readonly small?: boolean }

const root = new URL('../../../', import.meta.url)

/**
 * What the phone shows now, for people to look at; nothing is compared.
 * @param name such as `bill-dark`
 * @param place `folder` in the repository; `small` for one pixel a point, where the phone has four
 * @returns the path of the PNG
 */
export async function screenshot(page: Page, name: string, place: Place = {}): Promise<string> {
  const { folder = '.cache/screenshots', small = false } = place
  const path = fileURLToPath(new URL(`${folder}/${name}.png`, root))
  await page.screenshot({ path, animations: 'disabled', scale: small ? 'css' : 'device' })
  return path
}
