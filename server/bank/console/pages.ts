import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { brandOf, parseCardCode, parseCardNumber, parseExpiry } from '../../../shared/cardholder/card-number.ts'
import { Problem } from '../../../shared/problem.ts'
import { languageOf } from '../../runtime/accepted-language.ts'
import { sameOriginWrites } from '../../runtime/http.ts'
import type { Clock } from '../../runtime/room.ts'
import { type Bank, originOf } from '../bank.ts'
import { operatorCheck, passwordChallenge } from '../check-operator.ts'
import { confirmCard, questionBehind } from '../confirm-card.ts'
import {
  checkLedger,
  decisionsByHour,
  journal,
  recentAccounts,
  recentDecisions,
  standingHolds,
} from '../ledger-report.ts'
import { readForm } from '../read-form.ts'
import { recoveryQuestion, type ShownCard, sayOfRecovery } from '../recover-card.ts'
import { confirmationPage } from './confirmation-page.ts'
import { consolePage } from './console-page.ts'
import { operatorsPage } from './operators-page.ts'
import { recoveryPage } from './recovery-page.ts'

/** Nothing from elsewhere, nothing inline, and no script that writes HTML from text (Trusted Types). */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const journalEntriesShown = 50
const accountsShown = 24
const decisionsShown = 30
const holdsShown = 30
const dayMs = 24 * 60 * 60_000

const recoveryForm = z.discriminatedUnion('said', [
  z.object({ said: z.literal('no') }),
  z.strictObject({ said: z.literal('yes'), number: z.string(), expiry: z.string(), code: z.string() }),
])
const confirmationForm = z.strictObject({ said: z.enum(['yes', 'no']) })

/** Adding up all the books takes longer the longer they are, and every open console asks again and again. */
const checkedForMs = 10_000

function oncePer<T>(ms: number, clock: Clock, make: () => Promise<T>): () => Promise<T> {
  let last: { readonly madeAtMs: number; readonly made: Promise<T> } | undefined
  return () => {
    const nowMs = clock.nowMs()
    if (last !== undefined && nowMs - last.madeAtMs < ms) return last.made
    const making = { madeAtMs: nowMs, made: make() }
    last = making
    // What could not be made is made anew at once.
    making.made.catch(() => {
      if (last === making) last = undefined
    })
    return making.made
  }
}

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const styleSheet = file('console.css')
const script = file('console.js')
const icon = file('bank.svg')

type TypedForm = { readonly number: string; readonly expiry: string; readonly code: string }

/** What no card has on it is no try to guess one. */
function readShown(typed: TypedForm, nowMs: number): ShownCard | 'unreadable' {
  try {
    const number = parseCardNumber(typed.number)
    return { number, expiry: parseExpiry(typed.expiry, nowMs), code: parseCardCode(typed.code, brandOf(number)) }
  } catch (error) {
    if (error instanceof Problem) return 'unreadable'
    throw error
  }
}

const languageFor = (context: Context) => languageOf(context.req.header('accept-language'))

/** What people see of the bank. */
export function consolePages(bank: Bank) {
  const { db } = bank.database
  const isOperator = operatorCheck(bank)
  const checked = oncePer(checkedForMs, bank.clock, () => checkLedger(db))
  return new Hono()
    .get('/', async (context) => {
      context.header('cache-control', 'no-store')
      if (!isOperator(context)) {
        context.header('www-authenticate', passwordChallenge)
        return context.html(operatorsPage(bank.name), 401)
      }
      const page = consolePage({
        name: bank.name,
        isSimulator: bank.isSimulator,
        nowMs: bank.clock.nowMs(),
        check: await checked(),
        journal: await journal(db, { last: journalEntriesShown }),
        decisions: await recentDecisions(db, decisionsShown),
        holds: await standingHolds(db, holdsShown),
        accounts: await recentAccounts(db, accountsShown),
        hours: await decisionsByHour(db, bank.clock.nowMs() - dayMs),
        orders: bank.mischief.orders(),
      })
      return context.html(page)
    })
    .get('/confirmations/:link', async (context) => {
      context.header('cache-control', 'no-store')
      const question = await questionBehind(bank, context.req.param('link'))
      return context.html(
        confirmationPage(bank.name, question, languageFor(context)),
        question.state === 'unknown' ? 404 : 200,
      )
    })
    .post('/confirmations/:link', sameOriginWrites(originOf(bank)), async (context) => {
      const { said } = await readForm(context.req.raw, confirmationForm)
      await confirmCard(bank, context.req.param('link'), said === 'yes')
      return context.redirect(context.req.path, 303)
    })
    .get('/recoveries/:link', async (context) => {
      context.header('cache-control', 'no-store')
      const question = await recoveryQuestion(bank, context.req.param('link'))
      return context.html(
        recoveryPage(bank.name, question, languageFor(context)),
        question.state === 'unknown' ? 404 : 200,
      )
    })
    .post('/recoveries/:link', sameOriginWrites(originOf(bank)), async (context) => {
      context.header('cache-control', 'no-store')
      const link = context.req.param('link')
      const form = await readForm(context.req.raw, recoveryForm)
      const shown = form.said === 'no' ? null : readShown(form, bank.clock.nowMs())
      const isHeard = shown !== 'unreadable' && (await sayOfRecovery(bank, link, shown))
      if (isHeard) return context.redirect(context.req.path, 303)
      const question = await recoveryQuestion(bank, link)
      return context.html(recoveryPage(bank.name, question, languageFor(context), true), 422)
    })
    .get('/console.css', (context) => context.body(styleSheet, 200, { 'content-type': 'text/css; charset=utf-8' }))
    .get('/bank.svg', (context) => context.body(icon, 200, { 'content-type': 'image/svg+xml' }))
    .get('/console.js', (context) => context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
}
