import type { z } from 'zod'
import { type ProblemBody, problems } from '../../shared/problem.ts'

/** How a test reaches a room: over a socket, or by handing the request to it. */
export type Http = (request: Request) => Promise<Response>

/** What a room answered: what was asked for, or a problem. */
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: ProblemBody }

/** A browser's tab, as far as a server can tell: it keeps cookies and says which page it is. */
export function browserTab(http: Http, origin: string) {
  const cookies = new Map<string, string>()

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = new Headers({ origin, 'sec-fetch-site': 'same-origin' })
    if (cookies.size > 0) headers.set('cookie', Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '))
    if (body !== undefined) headers.set('content-type', 'application/json')
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const response = await http(new Request(new URL(path, origin), init))
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    return response
  }

  return {
    get: async <T>(path: string, schema: z.ZodType<T>): Promise<Answer<T>> =>
      readAnswer(await send('GET', path), schema),
    post: async <T>(path: string, schema: z.ZodType<T>, body: unknown): Promise<Answer<T>> =>
      readAnswer(await send('POST', path, body), schema),
    delete: async <T>(path: string, schema: z.ZodType<T>): Promise<Answer<T>> =>
      readAnswer(await send('DELETE', path), schema),
    /** A file, as it came. */
    downloads: (path: string): Promise<Response> => send('GET', path),
  }
}

/** Holds every answer to its contract: 2xx is of the schema, anything else is a problem from the catalogue. */
export async function readAnswer<T>(response: Response, schema: z.ZodType<T>): Promise<Answer<T>> {
  const body: unknown = await response.json()
  if (response.ok) return { ok: true, value: schema.parse(body) }
  const problem = body as ProblemBody
  if (response.headers.get('content-type') !== 'application/problem+json' || !(problem.code in problems)) {
    throw new Error(`${response.status} is no problem of the catalogue: ${JSON.stringify(body)}`)
  }
  return { ok: false, problem }
}

/** For steps that a story takes for granted. @throws where the room refused */
export function taken<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`refused: ${answer.problem.code} ${answer.problem.detail ?? ''}`)
  return answer.value
}
