import { Resolver } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { isLoopback } from './peer.ts'
import { isPublicAddress } from './public-address.ts'

type Content = string | Uint8Array
export type Outgoing<Body extends Content = string> = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}
/** Why nothing was heard. A stranger learns from it no more than from a status: what is refused is refused before anybody is asked. */
export const egressFailures = ['address-refused', 'name-unknown', 'connection-failed', 'too-slow'] as const
export type EgressFailure = (typeof egressFailures)[number]
/** A status between 200 and 599, or what kept it from coming. */
export type EgressOutcome = { readonly status: number } | { readonly failure: EgressFailure }
/** The way to an address that somebody else chose. It never throws: whatever happens is an outcome. */
export type Egress<Body extends Content = string> = (outgoing: Outgoing<Body>) => Promise<EgressOutcome>

const urlLengthMax = 2_000
const answersWithinMs = 15_000
const answerBytesMax = 64 * 1024

/**
 * What somebody may name for us to call.
 * @param allowsLoopback for development, where the shop is on the same machine: then plain http may lead there, and nowhere else
 * @returns null for anything but an https URL without credentials and fragment, whose host may be asked
 */
export function egressUrl(text: string, { allowsLoopback }: { allowsLoopback: boolean }): URL | null {
  const url = text.length > urlLengthMax ? null : URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || isReadApart.test(text)) return null
  if (isLoopback(url.hostname)) return allowsLoopback && /^https?:$/.test(url.protocol) ? url : null
  if (url.protocol !== 'https:') return null
  const host = bareHost(url)
  return (isIP(host) === 0 ? isPublicName(host) : isPublicAddress(host)) ? url : null
}

/** Not every reader of an address finds the same host around a backslash or a blank, and nobody sends a fragment. */
const isReadApart = /[#\\\s]/

/** RFC 6761 and RFC 6762: these lead to nobody, or to somebody near us. A name without a dot is completed by whoever resolves it. */
const nearUs = /(^|\.)(localhost|local|localdomain|internal|intranet|home|lan|corp|private|arpa|test|invalid|onion)$/
const isPublicName = (host: string): boolean => {
  const name = host.replace(/\.$/, '')
  return name.includes('.') && !nearUs.test(name)
}

const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** @returns every address of a name */
export type Resolve = (host: string) => Promise<readonly string[]>

/**
 * Asks name servers itself, and not the system: that would wait in the few threads that also compute cryptography, so that names whose
 * servers never answer would keep everybody's payments waiting.
 */
const askNameServers: Resolve = async (host) => {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

/**
 * Posts to an address that a stranger chose: resolved once, refused unless every address of it is public, connected to that very address,
 * no redirect followed, 15 s and 64 KiB at most. OWASP, Server-Side Request Forgery Prevention.
 */
export function egress(options: { allowsLoopback: boolean; resolve?: Resolve }): Egress<Content> {
  const { allowsLoopback, resolve = askNameServers } = options
  return async (outgoing) => {
    const url = egressUrl(outgoing.url, options)
    if (url === null) return { failure: 'address-refused' }
    const address = await addressOf(url, allowsLoopback, resolve)
    return 'failure' in address ? address : post(url, address.pinned, outgoing)
  }
}

async function addressOf(
  url: URL,
  allowsLoopback: boolean,
  resolve: Resolve,
): Promise<{ pinned: readonly [string, ...string[]] } | { failure: EgressFailure }> {
  const host = bareHost(url)
  // Not every resolver knows that names under `localhost` are this machine.
  if (allowsLoopback && isLoopback(url.hostname)) return { pinned: [isIP(host) === 0 ? '127.0.0.1' : host] }
  if (isIP(host) !== 0) return { pinned: [host] }
  const [first, ...others] = await resolve(host).catch(() => [])
  if (first === undefined) return { failure: 'name-unknown' }
  return [first, ...others].every(isPublicAddress) ? { pinned: [first, ...others] } : { failure: 'address-refused' }
}

/** @param addresses of the host, which are tried one after the other; no other one is connected to */
function post(
  url: URL,
  addresses: readonly [string, ...string[]],
  { headers, body }: Outgoing<Content>,
): Promise<EgressOutcome> {
  const { promise, resolve } = Promise.withResolvers<EgressOutcome>()
  const signal = AbortSignal.timeout(answersWithinMs)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const sent = send(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal,
    lookup: (_host, { all }, found) => {
      const [first] = addresses
      if (all)
        found(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        )
      else found(null, first, isIP(first))
    },
  })
  // Whatever else an answer may do: it does not keep anybody waiting for longer.
  signal.addEventListener('abort', () => resolve({ failure: 'too-slow' }))
  sent.on('upgrade', (_response, socket) => {
    socket.destroy()
    resolve({ failure: 'connection-failed' })
  })
  sent.on('error', () => resolve({ failure: signal.aborted ? 'too-slow' : 'connection-failed' }))
  sent.on('response', (response) => {
    const { statusCode: status = 0 } = response
    const outcome = status >= 200 && status < 600 ? { status } : ({ failure: 'connection-failed' } as const)
    let length = 0
    // An answer is nothing but its status. It is read to its end, so that nobody is hung up on, unless there is no end to it.
    response.on('data', (chunk: Buffer) => {
      length += chunk.byteLength
      if (length > answerBytesMax) response.destroy()
    })
    response.on('close', () => resolve(outcome))
    response.on('error', () => resolve(outcome))
  })
  sent.end(body)
  return promise
}
