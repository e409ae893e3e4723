import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { clientPrefix, type HttpEnvironment, rateLimiter, sameOriginWrites } from '../../server/runtime/http.ts'
import { silentLog } from '../../server/runtime/log.ts'
import { problemResponse } from '../../server/runtime/problem-response.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

const origin = 'https://pay.example'
let clock: ManualClock
let app: Hono<HttpEnvironment>

beforeEach(() => {
  clock = manualClock(1_000_000)
  const limiter = rateLimiter(clock, { burst: 3, perMinute: 6 })
  app = new Hono<HttpEnvironment>()
    .use(sameOriginWrites(origin))
    .get('/read', (context) => context.text('read'))
    .post('/write', (context) => {
      limiter.take(clientPrefix(context))
      return context.text('written')
    })
    .onError(problemResponse(silentLog))
})

const write = (headers: Record<string, string> = {}, remoteAddress?: string) =>
  app.request('/write', { method: 'POST', headers }, { incoming: { socket: { remoteAddress } } })

describe('a write', () => {
  it('comes from our own page, or from a program that is no browser', async () => {
    expect((await write({ origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await write()).status).toBe(200)
    // A form on a page that sends no referrer.
    expect((await write({ origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it.each([
    [{ origin: 'https://shop.example' }],
    [{ origin: 'null' }],
    [{ origin: 'null', 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin, 'sec-fetch-site': 'cross-site' }],
  ])('from another page is refused: %j', async (headers) => {
    const response = await write(headers)
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'origin-refused' }])
  })
})

describe('the rate limit', () => {
  it('lets a burst through, then says how long to wait, then lets the next one through', async () => {
    const statuses = [await write(), await write(), await write()].map((response) => response.status)
    expect(statuses).toEqual([200, 200, 200])
    const refused = await write()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    clock.advance(10_000)
    expect((await write()).status).toBe(200)
  })

  it('counts one IPv6 customer as one caller, and never another address', async () => {
    for (const host of ['1', '2', '3']) await write({}, `2001:db8:1:2::${host}`)
    expect((await write({}, '2001:db8:1:2::ffff')).status).toBe(429)
    expect((await write({}, '2001:db8:1:3::1')).status).toBe(200)
    expect((await write({}, '::ffff:192.0.2.1')).status).toBe(200)
  })

  it('knows an IPv6 customer however the zeros of the address are written', async () => {
    for (const host of ['1', '2', '3']) await write({}, `2001:db8::${host}`)
    expect((await write({}, '2001:db8::ffff')).status).toBe(429)
    expect((await write({}, '2001:db8:0:0:5::')).status).toBe(429)
  })
})
