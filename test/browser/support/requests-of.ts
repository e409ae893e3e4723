import type { Page } from 'playwright-core'

/** Everything a page sends from now on: address, headers and body of each request. */
export function requestsOf(page: Page): () => readonly Buffer[] {
  const requests: Buffer[] = []
  page.on('request', (request) => {
    const head = `${request.method()} ${request.url()}\n${JSON.stringify(request.headers())}\n`
    requests.push(Buffer.concat([Buffer.from(head), request.postDataBuffer() ?? Buffer.alloc(0)]))
  })
  return () => requests
}
