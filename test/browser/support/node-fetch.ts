import { type IncomingMessage, request } from 'node:http'
import type { LookupFunction } from 'node:net'

/** RFC 6761 §6.3: names under localhost are this machine. Browsers know it, most resolvers that Node asks do not. */
const loopback: LookupFunction = (_hostname, options, done) => {
  const address = { address: '127.0.0.1', family: 4 }
  if (options.all) done(null, [address])
  else done(null, address.address, address.family)
}

/** `fetch` for `http://*.localhost` from Node: address and `Host` stay as written. Follows no redirect. */
export async function nodeFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const asked = new Request(input, init)
  const { hostname } = new URL(asked.url)
  if (!/(^|\.)localhost$/.test(hostname)) throw new TypeError(`${hostname} is not this machine`)
  const body = Buffer.from(await asked.arrayBuffer())
  return new Promise((resolve, reject) => {
    const outgoing = request(asked.url, {
      method: asked.method,
      headers: Object.fromEntries(asked.headers),
      lookup: loopback,
      // No connection is kept, so that a server under test can stop at once.
      agent: false,
    })
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => collect(incoming).then(resolve, reject))
    outgoing.end(body)
  })
}

async function collect(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  const status = incoming.statusCode ?? 0
  // Fetch Standard §2.2.6: a response of these has no body, not even an empty one.
  const body = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks)
  return new Response(body, { status, statusText: incoming.statusMessage ?? '', headers })
}
