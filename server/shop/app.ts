import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import { Problem } from '../../shared/problem.ts'
import { type Moniker, MonikerProblem, MonikerUnreachable, type Payment } from '../../shared/sdk/index.ts'
import { languageOf } from '../runtime/accepted-language.ts'
import { type HttpEnvironment, requestLog, sameOriginWrites, securityHeaders } from '../runtime/http.ts'
import { readText } from '../runtime/read-body.ts'
import type { Log, Tools } from '../runtime/room.ts'
import { type Basket, basketText, readBasket } from './basket.ts'
import { checkOut } from './check-out.ts'
import type { Ears } from './hear.ts'
import type { Order, OrderStore } from './order-store.ts'
import { cataloguePage, notePage, orderPage } from './pages.ts'

type Config = { readonly origin: string; readonly checkoutOrigin: string }
type Parts = { readonly orders: OrderStore; readonly client: Moniker; readonly hear: Ears['hear'] }

export function shopApp(config: Config, { orders, client, hear }: Parts, { random, clock, log }: Tools) {
  const takeToPayment = checkOut(config.origin, orders, client)

  async function find(id: string): Promise<{ order: Order; basket: Basket }> {
    // Nothing else is asked for: PostgreSQL refuses a NUL in a text, where SQLite finds nothing.
    const order = /^coffee-[\w-]{12}$/.test(id) ? await orders.find(id) : undefined
    const basket = order && readBasket(new URLSearchParams(order.basket))
    if (!order || !basket) throw new Problem('route-unknown')
    return { order, basket }
  }
  /** @returns null where the payment server cannot be reached, or would not */
  const heard = <T>(asked: Promise<T>): Promise<T | null> =>
    asked.catch((error: unknown) => {
      if (!(error instanceof MonikerProblem || error instanceof MonikerUnreachable)) throw error
      log.warn('payment-server-silent', { error })
      return null
    })
  async function goOnToPay(context: Context, order: Order, basket: Basket): Promise<Response> {
    const address = await heard(takeToPayment(order, basket))
    return address === null ? showOrder(context, order, basket, null) : context.redirect(address, 303)
  }
  async function showOrder(context: Context, order: Order, basket: Basket, payment?: Payment | null) {
    // Whichever comes first: what the shop is told, or the payer who comes back.
    const isDue = payment?.state === 'captured' && (await orders.ticketOf(order.id)) === null
    if (isDue) await orders.makeTicket(order.id)
    const ticket = await orders.ticketOf(order.id)
    const page = orderPage(languageFor(context), { order, basket, payment, ticket })
    return context.html(page, payment === null ? 503 : 200, { 'cache-control': 'no-store' })
  }

  return shopFront(config, { clock, log })
    .post('/webhooks', async (context) => {
      const body = await readText(context.req.raw, 'application/json')
      return context.body(null, await hear({ body, headers: context.req.raw.headers }))
    })
    .get('/', (context) => {
      const basket = readBasket(new URL(context.req.url).searchParams)
      if (basket === null) throw new Problem('query-malformed')
      return context.html(cataloguePage(languageFor(context), basket))
    })
    .post('/orders', async (context) => {
      const form = await readText(context.req.raw, 'application/x-www-form-urlencoded')
      const basket = readBasket(new URLSearchParams(form))
      if (basket === null || basket.length === 0) throw new Problem('body-malformed')
      const id = `coffee-${Buffer.from(random(9)).toString('base64url')}`
      const asked = { basket: basketText(basket), language: languageFor(context) }
      const order = { id, ...asked, attempt: 1, payment: null, placed_at_ms: clock.nowMs() }
      await orders.add(order)
      return goOnToPay(context, order, basket)
    })
    .post('/orders/:id/payment', async (context) => {
      const { order, basket } = await find(context.req.param('id'))
      return goOnToPay(context, order, basket)
    })
    .get('/orders/:id', async (context) => {
      const { order, basket } = await find(context.req.param('id'))
      // Whoever comes back from paying could have written any address: only the payment server knows.
      const payment = order.payment === null ? undefined : await heard(client.payments.retrieve(order.payment))
      return showOrder(context, order, basket, payment)
    })
}

const types = { css: 'text/css; charset=utf-8', svg: 'image/svg+xml', js: 'text/javascript; charset=utf-8' }
const files = (['style.css', 'bluebird.svg', 'look-again.js', 'pay-here.js'] as const).map((name) => ({
  name,
  type: types[name.split('.').at(-1) as keyof typeof types],
  text: readFileSync(new URL(name, import.meta.url), 'utf8'),
}))

/** What holds for every page: headers, files, and words for what went wrong. */
function shopFront({ origin, checkoutOrigin }: Config, { clock, log }: Pick<Tools, 'clock' | 'log'>) {
  // Browsers hold the redirect after a form against `form-action` too, so the way to pay is named (CSP 3 §6.4.1). Chromium holds what it
  // fetches to know a way of paying against `connect-src`.
  const contentSecurityPolicy = `default-src 'none'; style-src 'self'; script-src 'self' ${checkoutOrigin}; connect-src 'self' ${checkoutOrigin}; img-src 'self' ${checkoutOrigin}; form-action 'self' ${checkoutOrigin}; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`
  const front = new Hono<HttpEnvironment>()
    .use(requestLog(log, clock))
    .use(async (context, next) => {
      await next()
      // With `no-referrer` browsers send `Origin: null` along with our own forms (Fetch Standard §3.1).
      context.header('referrer-policy', 'same-origin')
    })
    .use(securityHeaders({ contentSecurityPolicy, isHttps: origin.startsWith('https:') }))
    .use(sameOriginWrites(origin))
    .notFound((context) => context.html(notePage(languageFor(context), 'missing'), 404))
    .onError((error, context) => noteOf(error, context, log))
  for (const { name, type, text } of files) {
    front.get(`/${name}`, (context) => context.body(text, 200, { 'content-type': type }))
  }
  return front
}

const languageFor = (context: Context) => languageOf(context.req.header('accept-language'))

function noteOf(error: Error, context: Context, log: Log): Response | Promise<Response> {
  const problem = error instanceof Problem ? error : new Problem('internal-error', { cause: error })
  if (problem.status >= 500) log.error('request-failed', { code: problem.code, error: problem.cause })
  const note = problem.status === 404 ? 'missing' : problem.status < 500 ? 'refused' : 'broken'
  return context.html(notePage(languageFor(context), note), problem.status)
}
