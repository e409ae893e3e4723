import { Agent, type IncomingMessage, request } from 'node:http'
import type { z } from 'zod'

/** Connections that are kept, as a proxy in front of the rooms keeps them: `fetch` would cost more than a room does. */
export function connections(port: number, headers: Readonly<Record<string, string>>, count: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: count })

  /** @throws {Error} for another status than 200 or 201 */
  async function post<T>(
    path: string,
    schema: z.ZodType<T>,
    body: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ value: T; tookMs: number }> {
    const text = JSON.stringify(body)
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const startedAtMs = performance.now()
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(
      { agent, host: '127.0.0.1', port, path, method: 'POST', headers: { ...headers, ...more, ...length } },
      resolve,
    )
      .on('error', reject)
      .end(text)
    const response = await promise
    const answer = await textOf(response)
    const tookMs = performance.now() - startedAtMs
    if (response.statusCode !== 200 && response.statusCode !== 201) throw new Error(`${path}: ${answer}`)
    return { value: schema.parse(JSON.parse(answer)), tookMs }
  }
  return { post, close: () => agent.destroy() }
}
export type Connections = ReturnType<typeof connections>

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
