import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { PayerId } from '../../shared/identifiers.ts'
import { makeRecoveryCodeRequest, reportLossRequest } from '../../shared/wire/payment-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { LossReporter } from './report-loss.ts'

type RecoveryApi = {
  readonly losses: LossReporter
  /** @throws {Problem} `session-missing` */
  readonly signedIn: (context: Context) => Promise<PayerId>
}

const nothing = z.strictObject({})

/** `/api/recovery` of `shared/wire/payment-api.ts`: a code for the day a phone is lost, and that day. */
export function recoveryApi({ losses, signedIn }: RecoveryApi): Hono<HttpEnvironment> {
  return new Hono<HttpEnvironment>()
    .get('/', async (context) => context.json({ codeMadeAtMs: await losses.codeMadeAtMs(await signedIn(context)) }))
    .post('/code/intent', async (context) => {
      const payer = await signedIn(context)
      await readJson(context.req.raw, nothing)
      return context.json({ intent: losses.offerCode(payer) })
    })
    .post('/code', async (context) => {
      const payer = await signedIn(context)
      return context.json({
        code: await losses.makeCode(payer, await readJson(context.req.raw, makeRecoveryCodeRequest)),
      })
    })
    .post('/loss', async (context) => {
      const { username, code } = await readJson(context.req.raw, reportLossRequest)
      await losses.report(username, code)
      return context.json({})
    })
}
