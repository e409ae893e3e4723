import { createMiddleware } from 'hono/factory'
import { Problem, type ProblemCode } from '../../shared/problem.ts'
import { clientPrefix, type HttpEnvironment } from '../runtime/http.ts'
import type { Clock } from '../runtime/room.ts'
import { failureLimit } from './failure-limit.ts'

const forgottenAfterMs = 60_000

/**
 * Whose requests fail in these ways waits before the next one is looked at: who guesses learns no more, not even that a guess is right.
 * @throws {Problem} `too-many-requests`, with the seconds to wait
 */
export function slowFailures(clock: Clock, options: { failuresMax: number; codes: readonly ProblemCode[] }) {
  const { failuresMax, codes } = options
  const failures = failureLimit(clock, { failuresMax, forgottenAfterMs })
  return createMiddleware<HttpEnvironment>(async (context, next) => {
    const client = clientPrefix(context)
    failures.assertNotPaused(client)
    await next()
    if (context.error instanceof Problem && codes.includes(context.error.code)) failures.count(client)
  })
}
