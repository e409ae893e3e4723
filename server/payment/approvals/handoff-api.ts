import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { Problem } from '../../../shared/problem.ts'
import { type HandoffProgress, handoffSecret, lookRequest, matchRequest } from '../../../shared/wire/handoff-api.ts'
import type { HttpEnvironment } from '../../runtime/http.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { HandingOff } from './hand-off.ts'
import type { HandoffWatch } from './watch-handoff.ts'

type Acts = { readonly handoffs: HandingOff; readonly handoffWatch: HandoffWatch }

/** `/api/handoffs`: what the first screen asks by its handle, and the phone by the link's secret. Nobody is signed in. */
export function handoffApi({ handoffs, handoffWatch }: Acts): Hono<HttpEnvironment> {
  return new Hono<HttpEnvironment>()
    .post('/look', async (context) => {
      const { secret } = await readJson(context.req.raw, lookRequest)
      return context.json(await handoffs.look(secret))
    })
    .post('/match', async (context) => {
      const { secret, number } = await readJson(context.req.raw, matchRequest)
      return context.json(await handoffs.match(secret, number))
    })
    .get('/:handle/events', async (context) => {
      const watch = await handoffWatch.admit(handleOf(context))
      // Proxies of the nginx family hold an answer back until it is complete, or a buffer is full.
      context.header('x-accel-buffering', 'no')
      const response = streamSSE(
        context,
        (stream) =>
          new Promise((resolve) => {
            const write = (progress: HandoffProgress) => stream.writeSSE({ data: JSON.stringify(progress) })
            const forget = watch({ write, end: resolve })
            stream.onAbort(() => {
              forget()
              resolve()
            })
          }),
      )
      response.headers.set('cache-control', 'no-store, no-transform')
      return response
    })
    .get('/:handle', async (context) => context.json(await handoffs.progress(handleOf(context))))
}

/** @throws {Problem} `handoff-over` for what cannot be one */
function handleOf(context: Context): string {
  const handle = handoffSecret.safeParse(context.req.param('handle'))
  if (!handle.success) throw new Problem('handoff-over')
  return handle.data
}
