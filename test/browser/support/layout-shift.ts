import type { Page } from 'playwright-core'

/**
 * How much of what was seen has moved since the page was opened, other than by somebody's doing; 0 is nothing.
 * @see Layout Instability API, W3C
 */
export async function layoutShiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        // Asked for what was buffered, an observer hears of it once, and of nothing where there was nothing.
        const observer = new PerformanceObserver((list) => done(list.getEntries()))
        const done = (entries: readonly PerformanceEntry[]) => {
          observer.disconnect()
          resolve(
            entries.reduce((sum, entry) => sum + Number(entry.toJSON().hadRecentInput ? 0 : entry.toJSON().value), 0),
          )
        }
        observer.observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(observer.takeRecords()))))
      }),
  )
}
