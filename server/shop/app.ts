import { readFileSync } from 'node:fs'
import { type Context, type ErrorHandler, Hono } from 'hono'
import { base64url } from '../../shared/bytes.ts'
import { Problem } from '../../shared/problem.ts'
import { type HttpEnvironment, requestLog, sameOriginWrites, securityHeaders } from '../runtime/http.ts'
import { readText } from '../runtime/read-body.ts'
import type { Log, Tools } from '../runtime/room.ts'
import { type Basket, basketText, readBasket } from './basket.ts'
import { checkOut } from './check-out.ts'
import type { Hear } from './hear.ts'
import type { Order, OrderStore } from './order-store.ts'
import { cataloguePage, notePage, orderPage } from './pages.ts'
import type { Till } from './till.ts'
import { type Language, languageOf } from './words.ts'

type ShopContext = Context<HttpEnvironment>
type Config = { readonly origin: string; readonly checkoutOrigin: string }

const newOrderId = ({ random }: Tools): string => `coffee-${base64url(random(9))}`
const orderIdPattern = /^coffee-[A-Za-z0-9_-]{12}$/

type Parts = { readonly orders: OrderStore; readonly till: Till; readonly hear: Hear }

export function shopApp(config: Config, { orders, till, hear }: Parts, tools: Tools) {
  const checksOut = checkOut(config.origin, orders, till)

  async function find(context: ShopContext): Promise<{ order: Order; basket: Basket }> {
    const id = context.req.param('id') ?? ''
    // Nothing else is asked for: PostgreSQL refuses a NUL in a text, where SQLite finds nothing.
    const order = orderIdPattern.test(id) ? await orders.find(id) : undefined
    const basket = order === undefined ? null : readBasket(new URLSearchParams(order.basket))
    if (order === undefined || basket === null) throw new Problem('route-unknown')
    return { order, basket }
  }
  async function goOnToPay(context: ShopContext, order: Order, basket: Basket): Promise<Response> {
    const language = languageFor(context)
    const address = await checksOut(order, basket, language)
    return address === null
      ? context.html(orderPage(language, order, basket, null), 503)
      : context.redirect(address, 303)
  }

  return shopFront(config, tools)
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
      const basket = await readWish(context.req.raw)
      const id = newOrderId(tools)
      const placedAtMs = tools.clock.nowMs()
      const order = { id, basket: basketText(basket), attempt: 1, payment: null, placed_at_ms: placedAtMs }
      await orders.add(order)
      return goOnToPay(context, order, basket)
    })
    .post('/orders/:id/payment', async (context) => {
      const { order, basket } = await find(context)
      return goOnToPay(context, order, basket)
    })
    .get('/orders/:id', async (context) => {
      const { order, basket } = await find(context)
      // Whoever comes back from paying could have written any address: only the payment server knows.
      const payment = order.payment === null ? undefined : await till.see(order.payment)
      const ticket = await orders.ticketOf(order.id)
      const page = orderPage(languageFor(context), order, basket, payment, ticket)
      return context.html(page, payment === null ? 503 : 200, { 'cache-control': 'no-store' })
    })
}

const file = (name: string, type: string) => ({
  name,
  type,
  text: readFileSync(new URL(name, import.meta.url), 'utf8'),
})
const files = [
  file('style.css', 'text/css; charset=utf-8'),
  file('bluebird.svg', 'image/svg+xml'),
  file('look-again.js', 'text/javascript; charset=utf-8'),
  file('pay-here.js', 'text/javascript; charset=utf-8'),
]

/** What holds for every page: headers, files, and words for what went wrong. */
function shopFront({ origin, checkoutOrigin }: Config, { clock, log }: Tools): Hono<HttpEnvironment> {
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
    .onError(noteOf(log))
  for (const { name, type, text } of files) {
    front.get(`/${name}`, (context) => context.body(text, 200, { 'content-type': type }))
  }
  return front
}

const languageFor = (context: ShopContext): Language => languageOf(context.req.header('accept-language'))

/** @throws {Problem} `body-malformed` where the form asks for nothing, or for something that is not on the menu */
async function readWish(request: Request): Promise<Basket> {
  const form = new URLSearchParams(await readText(request, 'application/x-www-form-urlencoded'))
  const basket = readBasket(form)
  if (basket === null || basket.length === 0) throw new Problem('body-malformed')
  return basket
}

const noteOf =
  (log: Log): ErrorHandler<HttpEnvironment> =>
  (error, context) => {
    const problem = error instanceof Problem ? error : new Problem('internal-error', { cause: error })
    if (problem.status >= 500) log.error('request-failed', { code: problem.code, error: problem.cause })
    const note = problem.status === 404 ? 'missing' : problem.status < 500 ? 'refused' : 'broken'
    return context.html(notePage(languageFor(context), note), problem.status)
  }
