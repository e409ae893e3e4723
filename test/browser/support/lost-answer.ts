import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { nodeFetch } from './node-fetch.ts'

/**
 * From now on the server does what such a request asks for, and its answer gets lost on the way. What is only read arrives.
 * @param url ends so
 */
export async function losesAnswers(page: Page, url: string): Promise<void> {
  await page.route(`**/${url}`, async (route) => {
    const request = route.request()
    if (request.method() === 'GET') return route.fallback()
    const init = { method: request.method(), headers: await request.allHeaders(), body: request.postData() }
    expect((await nodeFetch(request.url(), init)).status).toBe(200)
    await route.abort('connectionreset')
  })
}
