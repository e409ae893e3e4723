import { Hono } from 'hono'
import { type HttpEnvironment, requestLog, securityHeaders } from '../runtime/http.ts'
import { problemResponse, routeUnknown } from '../runtime/problem-response.ts'
import type { Clock, Log } from '../runtime/room.ts'
import { type ConsoleApi, consoleApi } from './console/console-api.ts'
import { problemPages } from './documentation/problem-pages.ts'
import { apiReference } from './documentation/reference.ts'
import { type MerchantApi, merchantApi } from './merchant-api.ts'
import { type OperatorApi, operatorApi } from './operator-api.ts'
import { contentSecurityPolicy } from './pages.ts'
import { type PayerApi, payerApi } from './payer-api.ts'
import { type ShopPageApi, shopPageApi } from './shop-page-api.ts'

/** The payment server's one door: payers' pages, shops' pages, merchants' servers and people, its own operators, and the pages themselves. */
export function paymentApp(options: {
  payer: PayerApi
  shopPage: ShopPageApi
  merchant: MerchantApi
  operator: OperatorApi
  console: ConsoleApi
  pages: Hono<HttpEnvironment> | null
  isHttps: boolean
  clock: Clock
  log: Log
}): Hono<HttpEnvironment> {
  const { payer, shopPage, merchant, operator, console, pages, isHttps, clock, log } = options
  const app = new Hono<HttpEnvironment>()
    .use(requestLog(log, clock), securityHeaders({ contentSecurityPolicy, isHttps }))
    .route('/', operatorApi(operator))
    .route('/api/console', consoleApi(console))
    .route('/api/shop-pages', shopPageApi(shopPage))
    .route('/api', payerApi(payer))
    .route('/v1', merchantApi(merchant))
    .route('/problems', problemPages())
    .route('/', apiReference(merchant.origin))
    .onError(problemResponse(log))
    .notFound(routeUnknown)
  return pages === null ? app : app.route('/', pages)
}
