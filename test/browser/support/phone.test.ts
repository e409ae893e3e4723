import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkAccessibility } from './accessibility.ts'
import { launchBrowser } from './chromium.ts'
import { installability } from './installability.ts'
import { nodeFetch } from './node-fetch.ts'
import { openPhone, type Phone, type PhoneOptions } from './phone.ts'
import { screenshot } from './screenshot.ts'
import { virtualAuthenticatorOf } from './virtual-authenticator.ts'

const goodPage = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
  <title>Bill</title><link rel="manifest" href="/app.webmanifest"><main><h1>€12.50</h1></main></html>`
const poorPage = `<!doctype html><title>Bill</title><button></button
  ><button>x</button>`

const strictPolicy = "default-src 'none'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/echo') {
    response.writeHead(418, { 'set-cookie': ['a=1', 'b=2'] })
    request.on('data', (chunk) => response.write(`${request.method} ${request.headers.host} ${chunk}`))
    request.on('end', () => response.end())
  } else if (request.url === '/app.webmanifest') {
    response.writeHead(200, { 'content-type': 'application/manifest+json' })
    response.end(JSON.stringify({ name: 'Bill', start_url: '/', display: 'standalone', icons: [] }))
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': strictPolicy })
    response.end(request.url === '/poor' ? poorPage : goodPage)
  }
}

let server: Server
let browser: Browser
let origin: string

beforeAll(async () => {
  browser = await launchBrowser()
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server listens on no port')
  origin = `http://pay.localhost:${address.port}`
})

afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function withPhone(options: PhoneOptions, act: (phone: Phone) => Promise<void>) {
  const phone = await openPhone(browser, options)
  try {
    await phone.page.goto(origin)
    await act(phone)
  } finally {
    await phone.close()
  }
}

/** These two run in the page. */
async function makePasskey(): Promise<string> {
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: new Uint8Array(32),
      rp: { id: 'pay.localhost', name: 'Moniker' },
      user: { id: new Uint8Array([1, 2, 3]), name: 'ada', displayName: 'Ada' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
  })
  return credential?.id ?? 'none'
}
async function usePasskey(): Promise<string> {
  const publicKey = {
    challenge: new Uint8Array(32),
    rpId: 'pay.localhost',
    userVerification: 'required',
    timeout: 500,
  } as const
  return navigator.credentials.get({ publicKey }).then(
    (credential) => credential?.id ?? 'none',
    (error) => (error instanceof Error ? error.name : 'unknown'),
  )
}

it('makes and uses a passkey', () =>
  withPhone({}, async ({ page, passkeys }) => {
    const made = await page.evaluate(makePasskey)
    expect(await page.evaluate(usePasskey)).toBe(made)
    const [kept] = await passkeys.credentials()
    expect(kept).toMatchObject({ rpId: 'pay.localhost', isResidentCredential: true, userName: 'ada' })
  }))

it('refuses a wrong finger, and takes the right one again', () =>
  withPhone({}, async ({ page, passkeys }) => {
    const made = await page.evaluate(makePasskey)
    await passkeys.setUserVerified(false)
    expect(await page.evaluate(usePasskey)).toBe('NotAllowedError')
    await passkeys.setUserVerified(true)
    expect(await page.evaluate(usePasskey)).toBe(made)
  }))

it('waits where nobody touches it', () =>
  withPhone({}, async ({ page, passkeys }) => {
    await page.evaluate(makePasskey)
    await passkeys.setPresence(false)
    expect(await page.evaluate(usePasskey)).toBe('NotAllowedError')
  }))

it('takes its passkeys along to another page', () =>
  withPhone({}, async ({ page, passkeys, context }) => {
    const made = await page.evaluate(makePasskey)
    const other = await context.newPage()
    await other.goto(origin)
    const copied = await passkeys.copyTo(other)
    expect(await other.evaluate(usePasskey)).toBe(made)
    expect(await virtualAuthenticatorOf(other)).toBe(copied)
  }))

it('has the screen, the language and the colours it is asked for', () =>
  withPhone({ locale: 'zh-CN', colorScheme: 'dark' }, async ({ page }) => {
    const seen = await page.evaluate(() => ({
      size: [innerWidth, innerHeight, devicePixelRatio],
      language: navigator.language,
      dark: matchMedia('(prefers-color-scheme: dark)').matches,
      touch: matchMedia('(pointer: coarse)').matches,
    }))
    expect(seen).toEqual({ size: [390, 844, 2], language: 'zh-CN', dark: true, touch: true })
  }))

it('tells an accessible page from one that is not, under the strictest policy', () =>
  withPhone({}, async ({ page, troubles }) => {
    expect(await checkAccessibility(page)).toEqual([])
    await page.goto(`${origin}/poor`)
    const broken = (await checkAccessibility(page)).map((violation) => violation.split(':')[0])
    expect(broken).toEqual(expect.arrayContaining(['button-name', 'html-has-lang', 'target-size']))
    expect(troubles).toEqual([])
  }))

it('notes what goes wrong in a page', () =>
  withPhone({}, async ({ page, troubles }) => {
    await page.evaluate(() => {
      setTimeout(() => {
        throw new Error('a bill without a payee')
      })
    })
    await expect.poll(() => troubles).toEqual([expect.stringContaining('a bill without a payee')])
  }))

it('says why an app cannot be installed', () =>
  withPhone({ persistent: true }, async ({ page, passkeys }) => {
    const reasons = await installability(page)
    expect(reasons).toContain('manifest-missing-suitable-icon (minimum-icon-size-in-pixels: 144)')
    expect(reasons).not.toContain('in-incognito')
    await page.evaluate(makePasskey)
    expect(await passkeys.credentials()).toHaveLength(1)
  }))

it('keeps a picture', () =>
  withPhone({}, async ({ page }) => {
    expect(existsSync(await screenshot(page, 'support/phone'))).toBe(true)
  }))

it('lets Node ask the same address as the phone', async () => {
  const response = await nodeFetch(`${origin}/echo`, { method: 'POST', body: 'bill' })
  expect(response.status).toBe(418)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe(`POST ${new URL(origin).host} bill`)
  await expect(nodeFetch('http://pay.example/')).rejects.toThrow('not this machine')
})
