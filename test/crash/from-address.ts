import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Http } from '../support/http.ts'

const answerWithinMs = 15_000

/**
 * Sends requests from one address of this machine to another, whatever host they name. All of 127.0.0.0/8 is this machine (RFC 1122
 * §3.2.1.3), so that payers can be told from one another by who limits them.
 */
export function fromAddress(localAddress: string, port: number): Http {
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const body = Buffer.from(await request.arrayBuffer())
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const agent = new Agent() // a connection for each request: those of a process that was killed are of no use
    const where = { host: '127.0.0.1', port, localAddress, path: pathname + search, agent }
    const headers = { ...Object.fromEntries(request.headers), 'content-length': body.length }
    const asking = httpRequest({ ...where, method: request.method, headers, timeout: answerWithinMs }, resolve)
    asking.on('error', reject).on('timeout', () => asking.destroy(new Error('no answer in time')))
    asking.end(body)
    return toResponse(await promise)
  }
}

async function toResponse(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const headers = new Headers()
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  return new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 500, headers })
}
