import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { Problem } from '../../shared/problem.ts'
import { networkPrefix } from './network-prefix.ts'
import type { Arrival, Clock, Log } from './room.ts'

/** What Hono hands to handlers as `env`: how the request came in. Absent where a room is called in process. */
export type HttpEnvironment = { Bindings: Arrival }

/** Who is asking, coarse enough to be nobody. The door knows it; a header that anybody may write is never looked at here. */
export const clientPrefix = (context: Context<HttpEnvironment>): string =>
  networkPrefix(context.env?.incoming?.socket.remoteAddress ?? 'in-process')

/** One line a request, without addresses, names or bodies: the route's pattern instead of the path. */
export function requestLog(log: Log, clock: Clock) {
  return createMiddleware<HttpEnvironment>(async (context, next) => {
    const startedAtMs = clock.nowMs()
    await next()
    const route = context.req.routePath
    log.info('request', {
      method: context.req.method,
      route,
      status: context.res.status,
      durationMs: clock.nowMs() - startedAtMs,
    })
  })
}

/**
 * A page of ours may write, another site's page may not. `Sec-Fetch-Site` is set by the browser and cannot be set by a script;
 * `Origin` covers browsers without it. A program without either is not a browser and holds no cookie worth stealing.
 * @throws {Problem} `origin-refused`
 * @see Fetch Metadata §2.4; OWASP ASVS 5 V3.5
 */
export function sameOriginWrites(origin: string) {
  return createMiddleware(async (context, next) => {
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      const site = context.req.header('sec-fetch-site')
      const from = context.req.header('origin')
      // A form on a page that sends no referrer has the origin `null` (Fetch §3.2); what site it is on, the browser tells all the same.
      const isWithheld = from === 'null' && site === 'same-origin'
      const isForeign =
        (site !== undefined && site !== 'same-origin' && site !== 'none') ||
        (from !== undefined && from !== origin && !isWithheld)
      if (isForeign) throw new Problem('origin-refused')
    }
    await next()
  })
}

/** Headers that every answer of ours bears (OWASP ASVS 5 V3.4). `contentSecurityPolicy` is the page's own. */
export function securityHeaders(options: { contentSecurityPolicy: string; isHttps: boolean }) {
  return createMiddleware(async (context, next) => {
    await next()
    const headers = context.res.headers
    headers.set('content-security-policy', options.contentSecurityPolicy)
    headers.set('referrer-policy', 'no-referrer')
    headers.set('x-content-type-options', 'nosniff')
    if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin')
    headers.set(
      'permissions-policy',
      'publickey-credentials-get=(self), publickey-credentials-create=(self), payment=(self), camera=(), microphone=(), geolocation=()',
    )
    if (options.isHttps) headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains')
  })
}

type Bucket = { tokens: number; atMs: number }

/**
 * A token bucket a caller: `burst` at once, then `perMinute`. Kept in this process: a restart forgives, which only helps the caller.
 * @throws {Problem} `too-many-requests`, with the seconds to wait
 */
export function rateLimiter(clock: Clock, options: { burst: number; perMinute: number }) {
  const buckets = new Map<string, Bucket>()
  const callersMax = 100_000
  return {
    /** @returns how many more may follow at once */
    take(caller: string): number {
      const nowMs = clock.nowMs()
      const last = buckets.get(caller) ?? { tokens: options.burst, atMs: nowMs }
      const refilled = last.tokens + ((nowMs - last.atMs) * options.perMinute) / 60_000
      const tokens = Math.min(options.burst, refilled)
      // Re-inserted last, so that the first key of the map is the caller silent for longest.
      buckets.delete(caller)
      if (buckets.size >= callersMax) buckets.delete(buckets.keys().next().value ?? '')
      buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs })
      if (tokens < 1) {
        const retryAfterSeconds = Math.ceil(((1 - tokens) * 60) / options.perMinute)
        throw new Problem('too-many-requests', { retryAfterSeconds })
      }
      return Math.floor(tokens - 1)
    },
  }
}

/**
 * A {@link rateLimiter} that tells callers how far they are, also where it refuses: `RateLimit-Policy: "read";q=60;w=60` and
 * `RateLimit: "read";r=59` (IETF draft-ietf-httpapi-ratelimit-headers-10 §3 and §4).
 */
export function limitHeaders(name: string, options: { burst: number; perMinute: number }, clock: Clock) {
  const limiter = rateLimiter(clock, options)
  const windowSeconds = Math.ceil((options.burst * 60) / options.perMinute)
  return (context: Context, caller: string): void => {
    context.header('ratelimit-policy', `"${name}";q=${options.burst};w=${windowSeconds}`)
    context.header('ratelimit', `"${name}";r=0`)
    context.header('ratelimit', `"${name}";r=${limiter.take(caller)}`)
  }
}
