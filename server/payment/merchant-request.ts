import { createMiddleware } from 'hono/factory'
import { Problem } from '../../shared/problem.ts'
import type { KeyScope } from '../../shared/wire/merchant-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { type Caller, includesScope } from './api-key-store.ts'

/** What every route of the merchant API knows: who asks. */
export type MerchantEnvironment = HttpEnvironment & { Variables: { merchant: Caller } }

const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/

/** @throws {Problem} `api-key-scope-missing` */
export const asks = (scope: KeyScope) =>
  createMiddleware<MerchantEnvironment>(async (context, next) => {
    if (!includesScope(context.get('merchant').scope, scope)) {
      throw new Problem('api-key-scope-missing', { detail: `It takes a key with the scope “${scope}”.` })
    }
    await next()
  })

/** @throws {Problem} `query-malformed` where something is said twice */
export function queryOf(url: string): Record<string, string> {
  const said = [...new URL(url).searchParams]
  const query = Object.fromEntries(said)
  if (Object.keys(query).length !== said.length) throw new Problem('query-malformed')
  return query
}

/** @throws {Problem} `idempotency-key-missing` */
export function idempotencyKeyOf(header: string | undefined): string {
  if (header === undefined || !idempotencyKeyPattern.test(header)) throw new Problem('idempotency-key-missing')
  return header
}
