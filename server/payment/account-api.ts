import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { PayerId } from '../../shared/identifiers.ts'
import { closeAccountRequest } from '../../shared/wire/payment-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { AccountCloser } from './close-account.ts'
import type { Exporter } from './export-account.ts'

type AccountApi = {
  readonly accountCloser: AccountCloser
  readonly exportAccount: Exporter
  /** @throws {Problem} `session-missing` */
  readonly signedIn: (context: Context) => Promise<PayerId>
  /** Nothing of who was signed in stays in this browser. */
  readonly forgetBrowser: (context: Context) => void
}

/** `/api/account` of `shared/wire/payment-api.ts`: to take everything along, and to leave. */
export function accountApi({
  accountCloser,
  exportAccount,
  signedIn,
  forgetBrowser,
}: AccountApi): Hono<HttpEnvironment> {
  return new Hono<HttpEnvironment>()
    .get('/export', async (context) => {
      const file = JSON.stringify(await exportAccount(await signedIn(context)), null, 2)
      return context.body(file, 200, {
        'content-type': 'application/json',
        'content-disposition': 'attachment; filename="moniker-account.json"',
      })
    })
    .post('/closing/intent', async (context) => {
      const payer = await signedIn(context)
      await readJson(context.req.raw, z.strictObject({}))
      return context.json({ intent: await accountCloser.offer(payer) })
    })
    .post('/closing', async (context) => {
      const payer = await signedIn(context)
      await accountCloser.close(payer, await readJson(context.req.raw, closeAccountRequest))
      forgetBrowser(context)
      return context.json({})
    })
}
