import { createHash, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { Problem } from '../../shared/problem.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import type { Attention } from './attention.ts'
import { type BankOutcomes, metricsContentType, metricsText } from './metrics.ts'
import { noStore } from './payer-api.ts'

export type OperatorApi = {
  /** What an operator shows as `Authorization: Bearer …`; null where nobody may. */
  readonly operatorToken: string | null
  /** Of the key that closes what this server keeps: `npm run reseal` closes by no key that this server does not have. */
  readonly atRestKeyId: string
  readonly attention: Attention
  readonly outcomes: BankOutcomes
}

/**
 * What those who run this server ask. By a token and not by where they ask from: behind a proxy everybody comes from this machine.
 *
 * `GET /metrics`: for Prometheus. `GET /healthz`: that it is well, to anybody; with the token, also which payments need a look, and which
 * key it closes by what it keeps.
 */
export function operatorApi({ operatorToken, atRestKeyId, attention, outcomes }: OperatorApi): Hono<HttpEnvironment> {
  const tokenHash = operatorToken === null ? null : sha256(`Bearer ${operatorToken}`)

  function isOperator(context: Context): boolean {
    const shown = context.req.header('authorization')
    return shown !== undefined && tokenHash !== null && timingSafeEqual(sha256(shown), tokenHash)
  }

  return new Hono<HttpEnvironment>()
    .get('/healthz', noStore, async (context) => {
      if (!isOperator(context)) return context.json({ status: 'ok' })
      return context.json({ status: 'ok', attention: await attention.list(), atRestKey: atRestKeyId })
    })
    .get('/metrics', noStore, async (context) => {
      if (!isOperator(context)) throw new Problem('api-key-refused')
      return context.body(await metricsText(attention, outcomes), 200, { 'content-type': metricsContentType })
    })
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
