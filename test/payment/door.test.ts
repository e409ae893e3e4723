import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pages } from '../../server/payment/pages.ts'
import type { Room } from '../../server/runtime/room.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import { base64url } from '../../shared/bytes.ts'
import { addCardIntentAnswer } from '../../shared/wire/payment-api.ts'
import { type Http, taken } from '../support/http.ts'
import { eur, softwareMerchant } from '../support/merchant.ts'
import { outcomeOf, softwarePayer } from '../support/payer.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

const longScript = 'once more; '.repeat(100)
let world: PaymentWorld
let webDirectory: string
beforeAll(async () => {
  webDirectory = await mkdtemp(join(tmpdir(), 'moniker-pages-'))
  await mkdir(join(webDirectory, 'assets'))
  await writeFile(join(webDirectory, 'index.html'), '<!doctype html><title>Moniker</title>')
  await writeFile(join(webDirectory, 'sw.js'), 'self')
  await mkdir(join(webDirectory, 'pay'))
  await mkdir(join(webDirectory, 'icons'))
  for (const path of ['pay/payment-manifest.json', 'manifest.webmanifest', 'icons/icon-192.png']) {
    await writeFile(join(webDirectory, path), '{}')
  }
  await writeFile(join(webDirectory, 'assets', 'main-1a2b3c.js'), 'main')
  await writeFile(join(webDirectory, 'assets', 'long-4d5e6f.js'), longScript)
  world = await openPaymentWorld({ config: { webDirectory } })
})
afterAll(async () => {
  await world.close()
  await rm(webDirectory, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}) =>
  world.http(new Request(walletOrigin + path, { headers }))
function post(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers }
  return world.http(new Request(walletOrigin + path, { method: 'POST', headers: all, body }))
}

describe('the pages', () => {
  it.each(['/', '/pay/pay_AAAAAAAAAAAAAAAAAAAAAA', '/enrol', '/wallet', '/pay/anything?x=1'])(
    'at %s are the app, under its policy',
    async (path) => {
      const response = await get(path)
      expect([response.status, await response.text()]).toEqual([200, '<!doctype html><title>Moniker</title>'])
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'; script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("require-trusted-types-for 'script'; trusted-types moniker")
      expect(policy).not.toContain('unsafe')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  it('name who handles payments at /pay, to browsers on pages of any origin', async () => {
    const response = await get('/pay')
    expect(response.headers.get('link')).toBe('</pay/payment-manifest.json>; rel="payment-method-manifest"')
    for (const path of ['/pay', '/pay/payment-manifest.json', '/manifest.webmanifest', '/icons/icon-192.png']) {
      const { status, headers } = await get(path)
      expect([path, status, headers.get('cross-origin-resource-policy')]).toEqual([path, 200, 'cross-origin'])
    }
    expect((await get('/')).headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })

  it('keep what has a hash in its name, and ask again for what has not', async () => {
    const asset = await get('/assets/main-1a2b3c.js')
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect((await get('/sw.js')).headers.get('cache-control')).toBe('no-cache')
  })

  it('come compressed to who takes that, where it makes them smaller', async () => {
    const asking = async (path: string, encodings: string) => {
      const response = await get(path, { 'accept-encoding': encodings })
      const bytes = Buffer.from(await response.arrayBuffer())
      const encoding = response.headers.get('content-encoding')
      return { encoding, text: (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString() }
    }
    const path = '/assets/long-4d5e6f.js'
    for (const encodings of ['gzip', 'deflate, gzip, br', 'gzip;q=0.5']) {
      expect(await asking(path, encodings), encodings).toEqual({ encoding: 'gzip', text: longScript })
    }
    for (const encodings of ['', 'br', 'gzip;q=0', 'gzip; q=0.0, br']) {
      expect(await asking(path, encodings), encodings).toEqual({ encoding: null, text: longScript })
    }
    expect((await get(path)).headers.get('vary')).toBe('accept-encoding')
    expect((await asking('/assets/main-1a2b3c.js', 'gzip')).encoding).toBeNull()
  })

  it.each([
    '/assets/main-000000.js',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2fpayment.db',
    '/assets/',
    '/api/nothing',
    '/v1',
    '/no-such-file.js',
    '/a/b/c/d',
  ])('hold nothing at %s', async (path) => {
    const response = await get(path)
    expect([401, 404]).toContain(response.status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it('are missed at the start, not at the first visit', async () => {
    await expect(pages(join(webDirectory, 'assets'))).rejects.toThrow(StartupError)
    await expect(pages(join(webDirectory, 'nowhere'))).rejects.toThrow(StartupError)
  })
})

describe('the door', () => {
  it('says that it is well, and nothing else', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
  })

  const routes = [
    '/api/usernames',
    '/api/enrolments/intent',
    '/api/enrolments',
    '/api/sessions/intent',
    '/api/sessions',
    '/api/payments/pay_AAAAAAAAAAAAAAAAAAAAAA/intent',
    '/api/payments/pay_AAAAAAAAAAAAAAAAAAAAAA/confirmation',
    '/api/payments/pay_AAAAAAAAAAAAAAAAAAAAAA/cancellation',
  ]
  const bodies: [string, BodyInit][] = [
    ['nothing', ''],
    ['half of JSON', '{"username":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['wrong types', '{"username":{"$ne":null},"intent":[],"response":1}'],
    ['NUL', '{"username":"a\\u0000da"}'],
    ['half a character', '{"username":"\\ud800"}'],
    ['what is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['a deep nest', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['too much', `{"username":"${'x'.repeat(70_000)}"}`],
    ['a prototype', '{"__proto__":{"username":"ada"},"constructor":1}'],
  ]
  it.each(bodies)('takes %s for the malformed body it is', async (_what, body) => {
    for (const route of routes) {
      const response = await post(route, body)
      expect(response.headers.get('content-type'), route).toBe('application/problem+json')
      expect(response.status, route).toBeGreaterThanOrEqual(400)
      expect(response.status, route).toBeLessThan(500)
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('takes JSON only', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await post('/api/usernames', '{"username":"ada"}', { 'content-type': type })).status).toBe(415)
    }
  })

  it.each([
    ['another site’s page', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a page of a sibling', { 'sec-fetch-site': 'same-site' }],
    ['another origin, in an old browser', { origin: 'https://evil.example' }],
    ['a page that hides its origin', { origin: 'null' }],
  ])('takes no write from %s', async (_who, headers) => {
    const response = await post('/api/usernames', '{"username":"ada"}', headers)
    expect([response.status, (await response.json()).code]).toEqual([403, 'origin-refused'])
  })

  it('is polite to paths that no browser writes', async () => {
    for (const path of [
      '/api/payments/%',
      '/api/payments/%c3%28',
      '/%00',
      '/api/payments/..%2f..',
      `/${'x'.repeat(5_000)}`,
    ]) {
      expect((await get(path)).status, path).toBeLessThan(500)
    }
  })
})

/** Every request to this room comes from another address. */
function manyAddresses(room: Room): { http: Http; close: () => Promise<void> } {
  let count = 0
  return {
    http: async (request) => {
      count += 1
      return room.fetch(request, { incoming: { socket: { remoteAddress: `10.0.${count >> 8}.${count & 255}` } } })
    },
    close: () => room.close(),
  }
}

describe('a caller in a hurry', () => {
  it('may write so often, then waits', async () => {
    const slow = await openPaymentWorld({ config: { limits: { burst: 3, perMinute: 6 } } })
    const ask = () =>
      slow.http(
        new Request(`${walletOrigin}/api/usernames`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"username":"ada"}',
        }),
      )
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    const refused = await ask()
    expect(refused.headers.get('retry-after')).toBe('10')
    slow.clock.advance(10_000)
    expect((await ask()).status).toBe(200)
    expect((await slow.http(new Request(`${walletOrigin}/api/configuration`))).status).toBe(200)
    await slow.close()
  })

  it('who guesses API keys is slowed down', async () => {
    const slow = await openPaymentWorld({ config: { limits: { burst: 3, perMinute: 6 } } })
    const guess = () =>
      slow.http(new Request(`${walletOrigin}/v1/payments/x`, { headers: { authorization: 'Bearer x' } }))
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push((await guess()).status)
    expect(statuses).toEqual([401, 401, 401, 429])
    // Nor is a right key found out by going on.
    expect(await slow.shop.creates(eur(1))).toMatchObject({ problem: { code: 'too-many-requests' } })
    slow.clock.advance(60_000)
    expect((await guess()).status).toBe(401)
    await slow.close()
  })

  it('a merchant may write a hundred times as much as one caller, from however many addresses', async () => {
    const slow = await openPaymentWorld({ config: { limits: { burst: 1, perMinute: 1 } } })
    const addresses = manyAddresses(await slow.open())
    const shop = softwareMerchant({
      http: addresses.http,
      origin: walletOrigin,
      apiKey: coffee.apiKey,
      shopOrigin: coffee.origin,
    })
    for (let count = 0; count < 100; count += 1) await shop.asks(eur(1))
    expect(await shop.creates(eur(1))).toMatchObject({ problem: { code: 'too-many-requests' } })
    slow.clock.advance(600)
    expect(await shop.creates(eur(1))).toMatchObject({ ok: true })
    await addresses.close()
    await slow.close()
  })

  it('who is signed in may write so often, from however many addresses', async () => {
    const slow = await openPaymentWorld({ config: { limits: { burst: 3, perMinute: 6 } } })
    const addresses = manyAddresses(await slow.open())
    const { hostname: rpId } = new URL(walletOrigin)
    const ada = softwarePayer({
      username: 'ada',
      http: addresses.http,
      origin: walletOrigin,
      rpId,
      random: seededRandom('ada'),
    })
    taken(await ada.takesName())
    const ask = async () =>
      ada.tab.post('/api/cards/intent', addCardIntentAnswer, { seal: base64url(new Uint8Array(32)) })
    for (let count = 0; count < 3; count += 1) taken(await ask())
    expect(await ask()).toMatchObject({ problem: { code: 'too-many-requests' } })
    slow.clock.advance(10_000)
    taken(await ask())
    await addresses.close()
    await slow.close()
  })

  it('whose passkeys and cards are refused is slowed down before whose are not', async () => {
    const slow = await openPaymentWorld({ config: { limits: { burst: 60, perMinute: 60 } } })
    const eve = slow.newcomer('eve')
    taken(await eve.takesName())
    const forgeries = []
    for (let count = 0; count < 12; count += 1) {
      const bill = await slow.shop.asks(eur(1))
      forgeries.push({ bill, confirmation: await eve.signs(bill, {}, { bogusSignature: true }) })
    }
    const outcomes = []
    for (const { bill, confirmation } of forgeries) outcomes.push(outcomeOf(await eve.confirms(bill, confirmation)))
    expect(outcomes.indexOf('too-many-requests')).toBe(10)
    slow.clock.advance(60_000)
    expect(outcomeOf(await eve.pays(await slow.shop.asks(eur(1)), { bogusSignature: true }))).toBe('passkey-refused')
    await slow.close()
  })
})
