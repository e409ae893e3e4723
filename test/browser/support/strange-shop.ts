import { createServer, type OutgoingHttpHeaders } from 'node:http'

/** A page of somebody else's, at an origin of its own. */
export async function strangeShop(
  body: string,
  headers: OutgoingHttpHeaders = {},
): Promise<{ origin: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(`<!doctype html><html lang="en"><title>Strange</title><body>${body}</body></html>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server has a port')
  return { origin: `http://strange.localhost:${address.port}`, close: () => server.closeAllConnections() }
}
