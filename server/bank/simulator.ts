import { Hono } from 'hono'
import { z } from 'zod'
import { parseCardholderName } from '../../shared/cardholder/card-details.ts'
import { declineReasons } from '../../shared/decline.ts'
import { currencies } from '../../shared/money.ts'
import { Problem } from '../../shared/problem.ts'
import { type BankOperation, bankOperations } from '../../shared/wire/bank-api.ts'
import { cardIdSchema, merchantIdSchema, paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { sameOriginWrites } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import { type Bank, originOf } from './bank.ts'
import { eventsOf, isFrozen } from './enrolment-store.ts'
import { issueCard } from './issue-card.ts'
import { accountById, accountsOfHolders, checkLedger, journal } from './ledger-report.ts'
import { misbehaviourNames } from './misbehave.ts'
import { readForm } from './read-form.ts'
import { payeeHolder } from './settlement.ts'

const issueRequest = z.strictObject({
  balance: z.strictObject({ minor: z.int().min(0).max(1e12), currency: z.enum(currencies) }),
  kind: z.enum(['debit', 'credit']),
  name: z.string().transform(parseCardholderName).optional(),
  does: z.enum(declineReasons).optional(),
  asksCardholder: z.boolean().default(false),
})

const operationNames = Object.keys(bankOperations) as [BankOperation, ...BankOperation[]]
const mischiefRequest = z.strictObject({
  what: z.enum(misbehaviourNames),
  /** Absent: whatever is asked next. */
  operation: z.enum(operationNames).optional(),
  times: z.int().min(1).max(10_000).default(1),
})

const switchForm = z.strictObject({
  what: z.enum([...misbehaviourNames, 'nothing']),
  operation: z.enum(['', ...operationNames]).transform((operation) => (operation === '' ? null : operation)),
  times: z.coerce.number().int().min(1).max(10_000),
})

const accountId = z.string().regex(/^account_[A-Za-z0-9_-]{22}$/)

/** What tests and demonstrations may ask of a simulator, and a bank would never answer. */
export function simulatorApi(bank: Bank) {
  const { db } = bank.database
  return (
    new Hono()
      .use(sameOriginWrites(originOf(bank)))
      .post('/cards', async (context) =>
        context.json(await issueCard(bank, await readJson(context.req.raw, issueRequest)), 201),
      )
      .get('/accounts/:id', async (context) => {
        const id = accountId.safeParse(context.req.param('id'))
        const account = id.success ? await accountById(db, id.data) : null
        if (account === null) throw new Problem('route-unknown')
        return context.json(account)
      })
      .get('/postings', async (context) => {
        const payment = paymentIdSchema.safeParse(context.req.query('payment'))
        if (!payment.success) throw new Problem('body-malformed', { detail: 'payment: a payment id' })
        return context.json({ transactions: await journal(db, { payment: payment.data }) })
      })
      .get('/payees/:merchant', async (context) => {
        const merchant = merchantIdSchema.safeParse(context.req.param('merchant'))
        const holders = bank.paymentServers.map(({ issuer }) => payeeHolder(issuer, merchant.data ?? ''))
        return context.json({ accounts: await accountsOfHolders(db, holders) })
      })
      .get('/enrolments/:card', async (context) => {
        const card = cardIdSchema.safeParse(context.req.param('card'))
        if (!card.success) throw new Problem('card-unknown')
        const enrolments = await db.selectFrom('enrolment').selectAll().where('card', '=', card.data).execute()
        const holders = enrolments.flatMap(({ holder }) => holder ?? [])
        if (holders.length === 0) throw new Problem('card-unknown')
        const histories = await Promise.all(
          enrolments.map(({ payment_server }) => eventsOf(db, payment_server, card.data)),
        )
        return context.json({
          card: card.data,
          accounts: await accountsOfHolders(db, holders),
          isFrozen: histories.some(isFrozen),
          isBound: !histories.some((events) => events.includes('unbound')),
        })
      })
      .get('/misbehaviours', (context) => context.json({ orders: bank.mischief.orders() }))
      .post('/misbehaviours', async (context) => {
        const { what, operation, times } = await readJson(context.req.raw, mischiefRequest)
        bank.mischief.add({ what, operation: operation ?? null, times })
        return context.json({ orders: bank.mischief.orders() }, 201)
      })
      .delete('/misbehaviours', (context) => {
        bank.mischief.forget()
        return context.json({ orders: [] })
      })
      // The same, for the switches on the console, which are forms.
      .post('/switches', async (context) => {
        const switched = await readForm(context.req.raw, switchForm)
        if (switched.what === 'nothing') bank.mischief.forget()
        else bank.mischief.add({ ...switched, what: switched.what })
        return context.redirect('/#misbehaviour', 303)
      })
      .get('/check', async (context) => context.json(await checkLedger(db)))
  )
}
