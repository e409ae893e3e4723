import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { Problem } from '../../shared/problem.ts'
import { type ShopPageAnswer, shopPageConfirmation, shopPageIntentRequest } from '../../shared/wire/shop-page-api.ts'
import { clientPrefix, type HttpEnvironment, rateLimiter } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { Clock } from '../runtime/room.ts'
import type { Expiry } from './expire.ts'
import type { OfferOnShopPage } from './offer-on-shop-page.ts'
import type { Pay } from './pay.ts'
import { idOf, type Limits, noStore } from './payer-api.ts'
import { isPaid, type Payment } from './payment-record.ts'
import { slowFailures } from './slow-failures.ts'

export type ShopPageApi = {
  readonly origin: string
  readonly limits: Limits
  readonly clock: Clock
  readonly bills: Expiry
  readonly onShopPage: OfferOnShopPage
  readonly pay: Pay
}

/** One payment is one person at a till: more names than that are somebody's who tries them. */
const ofPayment: Limits = { burst: 10, perMinute: 5 }
const failuresMax = 10
const preflightSeconds = 600

/**
 * `shared/wire/shop-page-api.ts`: what the page of a shop asks, about its own bills. It has no cookie to bring and is given none, so that nothing
 * here depends on who is signed in.
 */
export function shopPageApi({ origin, limits, clock, bills, onShopPage, pay }: ShopPageApi): Hono<HttpEnvironment> {
  const [clientLimiter, paymentLimiter] = [rateLimiter(clock, limits), rateLimiter(clock, ofPayment)]
  /** Browsers ask by themselves before each of a page's requests, which are not to be the fewer for it. */
  const preflightLimiter = rateLimiter(clock, limits)
  /** @throws {Problem} `payment-unknown`, `origin-refused` */
  const toItsShop = createMiddleware<HttpEnvironment>(async (context, next) => {
    const { payee } = await bills.current(idOf(context))
    context.header('vary', 'origin')
    if (context.req.header('origin') !== payee.origin) throw new Problem('origin-refused')
    context.header('access-control-allow-origin', payee.origin)
    if (context.req.method !== 'OPTIONS') return next()
    context.header('access-control-allow-methods', 'POST')
    context.header('access-control-allow-headers', 'content-type')
    context.header('access-control-max-age', `${preflightSeconds}`)
    return context.body(null, 204)
  })
  const clientLimited = createMiddleware<HttpEnvironment>(async (context, next) => {
    const limiter = context.req.method === 'OPTIONS' ? preflightLimiter : clientLimiter
    limiter.take(clientPrefix(context))
    await next()
  })
  const paymentLimited = createMiddleware<HttpEnvironment>(async (context, next) => {
    paymentLimiter.take(idOf(context))
    await next()
  })
  const whereNext = (payment: Payment): ShopPageAnswer => ({
    state: payment.state,
    url: isPaid(payment) ? payment.successUrl : `${origin}/pay/${payment.id}`,
  })

  return new Hono<HttpEnvironment>()
    .use(
      '/payments/:id/*',
      noStore,
      clientLimited,
      toItsShop,
      paymentLimited,
      slowFailures(clock, { failuresMax, codes: ['passkey-refused'] }),
    )
    .post('/payments/:id/intent', async (context) => {
      const { username } = await readJson(context.req.raw, shopPageIntentRequest)
      return context.json(await onShopPage.offer(idOf(context), username))
    })
    .post('/payments/:id/confirmation', async (context) => {
      const { intent, ...signed } = await readJson(context.req.raw, shopPageConfirmation)
      const id = idOf(context)
      return context.json(whereNext(await pay(id, { ...signed, intent: onShopPage.intentOf(id, intent) })))
    })
}
