import type { Page } from 'playwright-core'
import { decodeQR } from 'qr/decode.js'

const pixelsOfModule = 4

/** What a camera reads off the code on a page, once it is drawn. */
export async function scan(page: Page): Promise<string> {
  const drawn = page.locator('.qr svg')
  const size = Number((await drawn.getAttribute('viewBox'))?.split(' ').at(-1))
  const path = (await drawn.locator('path').getAttribute('d')) ?? ''
  const width = size * pixelsOfModule
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [, column, row] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let y = 0; y < pixelsOfModule; y += 1) {
      const start = ((Number(row) * pixelsOfModule + y) * width + Number(column) * pixelsOfModule) * 4
      for (let x = 0; x < pixelsOfModule; x += 1) data.fill(0, start + x * 4, start + x * 4 + 3)
    }
  }
  return decodeQR({ width, height: width, data })
}
