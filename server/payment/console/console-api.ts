import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { money } from '../../../shared/money.ts'
import { Problem } from '../../../shared/problem.ts'
import {
  type ConsoleKeys,
  type ConsolePayment,
  type ConsolePerson,
  consoleActRequests,
  consoleInvitationRequest,
  consoleJoinRequest,
  consoleNewKeyRequest,
  consolePaymentsQuery,
  consoleSignInRequest,
  consoleTakingsQuery,
  consoleTestOrderRequest,
} from '../../../shared/wire/console-api.ts'
import type { KeyMode, MerchantPayment, MerchantPayments } from '../../../shared/wire/merchant-api.ts'
import { clientPrefix, type HttpEnvironment, rateLimiter, sameOriginWrites } from '../../runtime/http.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { ActOnce, PaymentAct } from '../act-on-payment.ts'
import type { ApiKeyStore } from '../api-key-store.ts'
import { toMerchantPayment } from '../bill.ts'
import type { Expiry } from '../expire.ts'
import type { Idempotency } from '../idempotency.ts'
import type { Pseudonyms } from '../identity/pseudonym.ts'
import type { ListPayments } from '../list-payments.ts'
import { queryOf } from '../merchant-request.ts'
import { idOf, type Limits, noStore } from '../payer-api.ts'
import type { Payment } from '../payment-record.ts'
import { readQuery } from '../read-query.ts'
import type { RequestPayment } from '../request.ts'
import { slowFailures } from '../slow-failures.ts'
import { type ConsoleEnvironment, callerOf, heldToRoles } from './console-request.ts'
import type { ConsoleSessions } from './console-session.ts'
import type { FirstStepsReader } from './first-steps.ts'
import type { HappeningsReader } from './payment-happenings.ts'
import { paymentsCsv } from './payments-csv.ts'
import { type PeopleRoutes, peopleRoutes } from './people-routes.ts'
import type { Person } from './people-store.ts'
import type { PersonProver } from './prove-person.ts'
import type { TakingsReader } from './takings.ts'
import { type WebhookRoutes, webhookRoutes } from './webhook-routes.ts'

export type ConsoleApi = PeopleRoutes &
  WebhookRoutes & {
    readonly limits: Limits
    readonly takesTestPayments: boolean
    readonly consoleSessions: ConsoleSessions
    readonly provePerson: PersonProver
    readonly bills: Expiry
    readonly listPayments: ListPayments
    readonly actOnce: ActOnce
    readonly apiKeys: Pick<ApiKeyStore, 'list' | 'issue' | 'revoke'>
    readonly happeningsOf: HappeningsReader
    readonly takings: TakingsReader
    readonly firstSteps: FirstStepsReader
    readonly request: RequestPayment
    readonly idempotency: Idempotency
    readonly pseudonyms: Pseudonyms
  }

const nothing = z.strictObject({})
const cookieName = 'moniker-console'
// Strict: nothing leads here with a session but our own page.
const cookieOptions = { prefix: 'host', secure: true, path: '/', httpOnly: true, sameSite: 'Strict' } as const
const refusalsMax = 10
/** Of one file: the newest; what is older is found by `createdBeforeMs`. */
const exportedMax = 5_000

/** `shared/wire/console-api.ts`: what the pages of a merchant's people ask. Each of them sees and does what is their own merchant's, and their role's. */
export function consoleApi(acts: ConsoleApi): Hono<ConsoleEnvironment> {
  const { bills, clock, consoleSessions: sessions, provePerson } = acts
  const clientLimiter = rateLimiter(clock, acts.limits)
  const refusedSlowed = slowFailures(clock, {
    failuresMax: refusalsMax,
    codes: ['passkey-refused', 'invitation-over'],
  })
  const writesLimited = createMiddleware<HttpEnvironment>(async (context, next) => {
    if (context.req.method === 'GET') return next()
    clientLimiter.take(clientPrefix(context))
    return refusedSlowed(context, next)
  })
  const tokenOf = (context: Context) => getCookie(context, cookieName, 'host')
  const signedIn = createMiddleware<ConsoleEnvironment>(async (context, next) => {
    context.set('person', await sessions.personOf(tokenOf(context)))
    await next()
  })

  const modes: readonly KeyMode[] = acts.takesTestPayments ? ['live', 'test'] : ['live']
  const toTold = ({ merchant: { id, name }, role }: Person): ConsolePerson => ({
    merchant: { id, name },
    role,
    modes: [...modes],
  })
  async function openSession(context: Context, person: Person): Promise<Response> {
    setCookie(context, cookieName, await sessions.open(person), cookieOptions)
    return context.json(toTold(person))
  }

  const toMerchant = (payment: Payment) => toMerchantPayment(payment, acts.origin, acts.pseudonyms)
  /** @throws {Problem} `payment-unknown`, also for another merchant's */
  async function ownPayment(context: Context<ConsoleEnvironment>): Promise<Payment> {
    const payment = await bills.current(idOf(context))
    if (payment.payee.id !== context.get('person').merchant.id) throw new Problem('payment-unknown')
    return payment
  }

  const act = (what: PaymentAct) =>
    new Hono<ConsoleEnvironment>().post(`/payments/:id/${what}`, async (context) => {
      const { idempotencyKey, ...asked } = await readJson(context.req.raw, consoleActRequests[what])
      const { id, payee } = await ownPayment(context)
      const { status, body } = await acts.actOnce({ merchant: payee.id, id }, what, asked, idempotencyKey)
      return context.body(body, status, { 'content-type': 'application/json' })
    })

  const keyRoutes = new Hono<ConsoleEnvironment>()
    .get('/', async (context) =>
      context.json({ keys: await acts.apiKeys.list(context.get('person').merchant.id) } satisfies ConsoleKeys),
    )
    .post('/', async (context) => {
      const asked = await readJson(context.req.raw, consoleNewKeyRequest)
      if (!modes.includes(asked.mode)) throw new Problem('test-mode-missing')
      return context.json(await acts.apiKeys.issue(context.get('person').merchant.id, asked), 201)
    })
    .post('/:id/revoke', async (context) => {
      await readJson(context.req.raw, nothing)
      const own = await acts.apiKeys.list(context.get('person').merchant.id)
      const key = own.find(({ id }) => id === context.req.param('id'))
      if (key === undefined) throw new Problem('api-key-unknown')
      await acts.apiKeys.revoke(key.id)
      return context.json({})
    })

  const doors = new Hono<ConsoleEnvironment>()
    .post('/invitations/intent', async (context) => {
      const { secret } = await readJson(context.req.raw, consoleInvitationRequest)
      return context.json(await provePerson.offer(secret))
    })
    .post('/invitations/passkey', async (context) => {
      const { secret, ...signed } = await readJson(context.req.raw, consoleJoinRequest)
      return openSession(context, await provePerson.join(secret, signed))
    })
    .post('/sessions/intent', async (context) => {
      await readJson(context.req.raw, nothing)
      return context.json({ intent: provePerson.offerSignIn() })
    })
    .post('/sessions', async (context) =>
      openSession(context, await provePerson.signIn(await readJson(context.req.raw, consoleSignInRequest))),
    )
    .post('/sessions/end', async (context) => {
      await readJson(context.req.raw, nothing)
      await sessions.end(tokenOf(context))
      deleteCookie(context, cookieName, cookieOptions)
      return context.json({})
    })

  return new Hono<ConsoleEnvironment>()
    .use(noStore, sameOriginWrites(acts.origin), writesLimited)
    .route('/', doors)
    .use(signedIn, heldToRoles)
    .get('/session', (context) => context.json(toTold(context.get('person'))))
    .get('/payments', async (context) => {
      const { mode, search, ...query } = readQuery(consolePaymentsQuery, queryOf(context.req.url))
      const asked = await acts.listPayments(callerOf(context.get('person'), mode), textsOf(query), search)
      const page: MerchantPayments = { object: 'list', payments: asked.payments.map(toMerchant), next: asked.next }
      return context.json(page)
    })
    .get('/payments.csv', async (context) => {
      const { mode, search, ...query } = readQuery(consolePaymentsQuery, queryOf(context.req.url))
      const caller = callerOf(context.get('person'), mode)
      const payments: MerchantPayment[] = []
      let after: string | null = ''
      while (after !== null && payments.length < exportedMax) {
        const place: Record<string, string> = after === '' ? {} : { after }
        const page = await acts.listPayments(caller, { ...textsOf(query), ...place, limit: '100' }, search)
        payments.push(...page.payments.map(toMerchant))
        after = page.next
      }
      context.header('content-disposition', 'attachment; filename="payments.csv"')
      return context.body(paymentsCsv(payments), 200, { 'content-type': 'text/csv; charset=utf-8' })
    })
    .get('/first-steps', async (context) => context.json(await acts.firstSteps(context.get('person').merchant.id)))
    .post('/test-orders', async (context) => {
      const { idempotencyKey: key } = await readJson(context.req.raw, consoleTestOrderRequest)
      const merchant = callerOf(context.get('person'), 'test')
      const keyed = { merchant: merchant.id, route: 'console POST /test-orders', key, body: '{}' }
      const { status, body } = await acts.idempotency.once(keyed, async () => ({
        status: 201,
        body: JSON.stringify(toMerchant(await acts.request(merchant, testOrder(merchant.origin)))),
      }))
      return context.body(body, status, { 'content-type': 'application/json' })
    })
    .get('/takings', async (context) => {
      const { mode, starts } = readQuery(consoleTakingsQuery, queryOf(context.req.url))
      return context.json(await acts.takings(callerOf(context.get('person'), mode), starts))
    })
    .get('/payments/:id', async (context) => {
      const payment = await ownPayment(context)
      const happenings = await acts.happeningsOf(payment.id)
      return context.json({ payment: toMerchant(payment), happenings } satisfies ConsolePayment)
    })
    .route('/keys', keyRoutes)
    .route('/people', peopleRoutes(acts))
    .route('/', webhookRoutes(acts, modes))
    .route('/', act('cancel'))
    .route('/', act('capture'))
    .route('/', act('refund'))
    .route('/', act('void'))
}

/** The payer comes back to the shop's own front page, which knows nothing of this order. */
const testOrder = (shop: string) => ({
  amount: money(1_00, 'EUR'),
  reference: 'test-order',
  description: 'A test order',
  successUrl: shop,
  cancelUrl: shop,
})

/** What came in an address is text. */
const textsOf = (query: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
