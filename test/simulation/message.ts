/** What goes over the wire: a request, as often as the network likes to deliver it. */
export type Message = {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | null
}
export type Answer = {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** No answer: refused, lost, cut off, or too late. Who asked knows no more than that. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

const anywhere = 'http://simulated.invalid'

export async function messageOf(request: Request): Promise<Message> {
  const { method, url, headers } = request
  const { pathname, search } = new URL(url)
  return {
    method,
    path: pathname + search,
    headers: [...headers],
    body: request.body === null ? null : await request.text(),
  }
}

export const requestOf = ({ method, path, headers, body }: Message): Request =>
  new Request(new URL(path, anywhere), { method, headers: headers.map(([name, value]) => [name, value]), body })

export async function answerOf(pending: Response | Promise<Response>): Promise<Answer> {
  const response = await pending
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

export const responseOf = ({ status, headers, body }: Answer): Response =>
  new Response(body, { status, headers: headers.map(([name, value]) => [name, value]) })
