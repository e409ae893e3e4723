import { StartupError } from './startup-error.ts'

/** The way to the next room: the whole mechanism of "together or apart". */
export type Peer = (request: Request) => Promise<Response>

export const inProcess =
  (room: { fetch(request: Request): Response | Promise<Response> }): Peer =>
  async (request) =>
    room.fetch(request)

/** What a peer may take before its answer counts as missing. */
const answerWithinMs = 10_000

/**
 * A room at another address. TLS whenever the way leaves this machine.
 * @throws {StartupError} for an http address that is not loopback
 */
export function overHttp(address: string): Peer {
  const base = new URL(address)
  if (base.protocol !== 'https:' && !isLoopback(base.hostname)) {
    throw new StartupError(`${address} must be https: only a loopback address may be plain http.`)
  }
  return (request) => {
    const asked = new URL(request.url)
    const url = new URL(asked.pathname + asked.search, base)
    return fetch(new Request(url, request), {
      redirect: 'error',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(answerWithinMs)]),
    })
  }
}

/** RFC 6761 §6.3: `localhost` and every name under it is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(host)
