import type { Page } from 'playwright-core'

/**
 * Why Chromium would not install the page as an app.
 * @param page of a phone opened with `persistent`; any other answers `in-incognito`
 * @returns such as `manifest-missing-suitable-icon (minimum-icon-size-in-pixels: 144)`; empty where it can be installed
 */
export async function installability(page: Page): Promise<string[]> {
  // Left attached: when one session of a page detaches, Chromium takes the page's virtual authenticator away, whoever made it.
  const devtools = await page.context().newCDPSession(page)
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  return installabilityErrors.map(({ errorId, errorArguments }) => {
    const details = errorArguments.map(({ name, value }) => `${name}: ${value}`)
    return details.length === 0 ? errorId : `${errorId} (${details.join(', ')})`
  })
}
