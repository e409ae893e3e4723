import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import type { CredentialId, PayerId, PaymentId } from '../../shared/identifiers.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import { Problem } from '../../shared/problem.ts'
import type { PinnedPasskey } from '../../shared/wire/bank-api.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import {
  type Card,
  type Configuration,
  confirmationRequest,
  enrolIntentRequest,
  enrolRequest,
  type Payer,
  payIntentRequest,
  signInRequest,
  usernameRequest,
  type WhoIsHere,
} from '../../shared/wire/payment-api.ts'
import { clientPrefix, type HttpEnvironment, rateLimiter, sameOriginWrites } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { Clock } from '../runtime/room.ts'
import { accountApi } from './account-api.ts'
import type { ActivityReader } from './activity.ts'
import type { AddCard } from './add-card.ts'
import type { HandingOff } from './approvals/hand-off.ts'
import { handoffApi } from './approvals/handoff-api.ts'
import type { HandoffWatch } from './approvals/watch-handoff.ts'
import { toBill } from './bill.ts'
import type { Cancel } from './cancel.ts'
import { cardApi } from './card-api.ts'
import type { PasskeyChanges } from './change-passkey.ts'
import type { AccountCloser } from './close-account.ts'
import type { Expiry } from './expire.ts'
import type { Exporter } from './export-account.ts'
import type { Intents } from './identity/challenge.ts'
import type { Enrolment } from './identity/enrol.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'
import type { Prover } from './identity/prove.ts'
import type { RecoveredNameStore } from './identity/recovered-name-store.ts'
import type { Sessions } from './identity/session.ts'
import type { Inviter } from './invite.ts'
import type { Offer } from './offer.ts'
import { invitationApi, passkeyApi } from './passkey-api.ts'
import type { Pay } from './pay.ts'
import type { Payment } from './payment-record.ts'
import { pushApi } from './push/push-api.ts'
import type { SubscriptionStore } from './push/subscription-store.ts'
import { type Receipts, receiptHeaders } from './receipt.ts'
import type { NameRecoverer } from './recover-name.ts'
import { recoveryApi } from './recovery-api.ts'
import type { LossReporter } from './report-loss.ts'
import type { CardStore, KeptCard } from './retrieval/card-store.ts'
import type { CardChanges } from './retrieval/change-card.ts'
import type { LimitChanges } from './retrieval/change-limits.ts'
import { slowFailures } from './slow-failures.ts'

/** How many writes an address, or a payer, may make: `burst` at once, then so many a minute. A merchant may make a multiple. */
export type Limits = { readonly burst: number; readonly perMinute: number }

export type PayerApi = {
  readonly origin: string
  readonly configuration: Configuration
  readonly limits: Limits
  readonly clock: Clock
  readonly bills: Expiry
  readonly offer: Offer
  readonly pay: Pay
  readonly cancel: Cancel
  readonly receipts: Receipts
  readonly enrolment: Enrolment
  readonly intents: Intents
  readonly prove: Prover
  readonly sessions: Sessions
  readonly addCard: AddCard
  readonly cardChanges: CardChanges
  readonly limitChanges: LimitChanges
  readonly payers: PayerStore
  readonly passkeys: PasskeyStore
  readonly passkeyChanges: PasskeyChanges
  readonly invitations: Inviter
  readonly handoffs: HandingOff
  readonly handoffWatch: HandoffWatch
  readonly cards: CardStore
  readonly activity: ActivityReader
  readonly accountCloser: AccountCloser
  readonly exportAccount: Exporter
  readonly losses: LossReporter
  readonly nameRecovery: NameRecoverer
  readonly recoveries: RecoveredNameStore
  readonly subscriptions: SubscriptionStore
  readonly applicationServerKey: string
  /** In development merchants' servers, and in tests push services, are on the same machine. */
  readonly callsLoopback: boolean
}

/** A passkey, a card or a recovery code that is refused weighs as much as so many requests. */
const requestsOfFailure = 6
const nothing = z.strictObject({})
const cookieName = 'moniker'
const receiptCookieName = 'moniker-receipt'
const receiptCookieSeconds = 60 * 60
// Strict: a shop's redirect brings no cookie along, and needs none. Our own page asks with it from there.
const cookieOptions = { prefix: 'host', secure: true, path: '/', httpOnly: true, sameSite: 'Strict' } as const

/** `shared/wire/payment-api.ts`: what the payer's own pages ask. */
export function payerApi(acts: PayerApi): Hono<HttpEnvironment> {
  const { bills, clock, enrolment, limits, sessions } = acts
  const [clientLimiter, payerLimiter] = [rateLimiter(clock, limits), rateLimiter(clock, limits)]
  const failuresMax = Math.ceil(limits.burst / requestsOfFailure)
  const refusedSlowed = slowFailures(clock, {
    failuresMax,
    codes: ['passkey-refused', 'passkey-unknown', 'card-refused', 'recovery-refused'],
  })
  const writesLimited = createMiddleware<HttpEnvironment>(async (context, next) => {
    if (context.req.method === 'GET') return next()
    clientLimiter.take(clientPrefix(context))
    return refusedSlowed(context, next)
  })
  const tokenOf = (context: Context) => getCookie(context, cookieName, 'host')

  /** A payer may write so often whatever the address, and with however many sessions. */
  async function signedIn(context: Context): Promise<PayerId> {
    const payer = await sessions.payerOf(tokenOf(context))
    if (context.req.method !== 'GET') payerLimiter.take(payer)
    return payer
  }

  /** Nor does the browser keep the way to the receipt of what was paid here last. */
  function forgetBrowser(context: Context): void {
    for (const name of [cookieName, receiptCookieName]) deleteCookie(context, name, cookieOptions)
  }

  const signedInBy = async (context: Context) => ({
    payer: await signedIn(context),
    passkey: await sessions.passkeyOf(tokenOf(context)),
  })

  async function openSession(context: Context, payer: PayerId, passkey: CredentialId): Promise<Payer> {
    setCookie(context, cookieName, await sessions.open(payer, passkey), cookieOptions)
    return toPayer(acts, payer)
  }

  /**
   * A receipt shows more than a bill does: the passkey's public key, and the payer as the bank knows them. The payment's id is known to the
   * shop, and stands in addresses, so that it is not enough: it takes the browser that confirmed this payment, or a session of who paid.
   * @throws {Problem} `session-missing`, `payment-unknown`
   */
  async function assertPayers(context: Context, payment: Payment): Promise<void> {
    if (acts.receipts.isFor(payment, getCookie(context, receiptCookieName, 'host'))) return
    if ((await signedIn(context)) !== payment.lastTry?.payer) throw new Problem('payment-unknown')
  }

  return new Hono<HttpEnvironment>()
    .use(noStore, sameOriginWrites(acts.origin), writesLimited)
    .get('/configuration', (context) => context.json(acts.configuration))
    .get('/payments/:id', async (context) => {
      return context.json(toBill(await bills.current(idOf(context)), clock.nowMs()))
    })
    .post('/payments/:id/intent', async (context) => {
      const asked = await readJson(context.req.raw, payIntentRequest)
      const sessionPayer = asked.seal === undefined ? null : await signedIn(context)
      return context.json({ intent: await acts.offer(idOf(context), asked, sessionPayer) })
    })
    .post('/payments/:id/confirmation', async (context) => {
      const confirmation = await readJson(context.req.raw, confirmationRequest)
      const payment = await acts.pay(idOf(context), confirmation)
      const token = acts.receipts.tokenOf(payment.id, confirmation.intent.nonce)
      setCookie(context, receiptCookieName, token, { ...cookieOptions, maxAge: receiptCookieSeconds })
      return context.json(toBill(payment, clock.nowMs()))
    })
    .get('/payments/:id/receipt', async (context) => {
      const payment = await bills.current(idOf(context))
      await assertPayers(context, payment)
      return context.body(await acts.receipts.write(payment), 200, receiptHeaders(payment.id))
    })
    .post('/payments/:id/cancellation', async (context) => {
      await readJson(context.req.raw, nothing)
      return context.json(toBill(await acts.cancel(idOf(context), 'payer-canceled'), clock.nowMs()))
    })
    .post('/payments/:id/handoff', async (context) => {
      await readJson(context.req.raw, nothing)
      return context.json(await acts.handoffs.begin(idOf(context)))
    })
    .post('/usernames', async (context) => {
      const { username } = await readJson(context.req.raw, usernameRequest)
      return context.json(await enrolment.checkName(username))
    })
    .post('/enrolments/intent', async (context) => {
      const { username } = await readJson(context.req.raw, enrolIntentRequest)
      return context.json({ intent: await enrolment.offer(username) })
    })
    .post('/enrolments', async (context) => {
      const { intent, response } = await readJson(context.req.raw, enrolRequest)
      return context.json(await openSession(context, await enrolment.enrol(intent, response), response.id))
    })
    .get('/session', async (context) => context.json(await toPayer(acts, await signedIn(context))))
    .get('/session/payer', async (context) => {
      const payer = await signedIn(context).catch(nobody)
      return context.json({ payer: payer && (await toPayer(acts, payer)) } satisfies WhoIsHere)
    })
    .post('/sessions/intent', async (context) => {
      await readJson(context.req.raw, nothing)
      return context.json({ intent: acts.intents.issue({ purpose: 'sign-in' }) })
    })
    .post('/sessions', async (context) => {
      const signed = await readJson(context.req.raw, signInRequest)
      const { id, passkey } = await acts.prove.signIn(signed)
      return context.json(await openSession(context, id, passkey.credentialId))
    })
    .get('/activity', async (context) => {
      return context.json(await acts.activity.page(await signedIn(context), context.req.query()))
    })
    .get('/spending', async (context) => {
      return context.json(await acts.activity.spentSince(await signedIn(context), context.req.query('from')))
    })
    .delete('/session', async (context) => {
      await sessions.end(tokenOf(context))
      forgetBrowser(context)
      return context.json({})
    })
    .route('/account', accountApi({ ...acts, signedIn, forgetBrowser }))
    .route('/recovery', recoveryApi({ ...acts, signedIn, openSession }))
    .route('/cards', cardApi({ ...acts, signedIn, toPayer: (payer) => toPayer(acts, payer) }))
    .route('/push', pushApi({ ...acts, signedInBy }))
    .route('/passkeys', passkeyApi({ ...acts, signedInBy }))
    .route('/invitations', invitationApi(acts.invitations))
    .route('/handoffs', handoffApi(acts))
}

export const noStore = createMiddleware(async (context, next) => {
  context.header('cache-control', 'no-store')
  await next()
})

/** @throws {Problem} `payment-unknown`, also for what cannot be an id */
export function idOf(context: Context): PaymentId {
  const id = paymentIdSchema.safeParse(context.req.param('id'))
  if (!id.success) throw new Problem('payment-unknown')
  return id.data
}

async function toPayer({ payers, passkeys, cards, configuration }: PayerApi, payer: PayerId): Promise<Payer> {
  const { username, display } = await payers.nameOf(payer)
  const kept = await cards.cardsOf(payer)
  return {
    username,
    display,
    passkeys: await Promise.all((await passkeys.passkeysOf(payer)).map(toPasskey)),
    cards: kept.map((card, index) => toCard(card, index === 0, configuration.bank.name)),
  }
}

const toPasskey = async ({ credentialId, publicKey }: PinnedPasskey) => ({
  credentialId,
  thumbprint: await passkeyThumbprint(publicKey),
})

function toCard({ confirmation, addedAtMs: _onlyKept, ...card }: KeptCard, isDefault: boolean, bank: string): Card {
  return { ...card, bank, isDefault, ...(confirmation !== null && { confirmation }) }
}

function nobody(error: unknown): null {
  if (error instanceof Problem && error.code === 'session-missing') return null
  throw error
}
