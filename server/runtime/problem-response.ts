import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { Problem, type ProblemBody } from '../../shared/problem.ts'
import type { Log } from './room.ts'

/** The one place where a Problem becomes a response; everything else that is thrown is our own fault and says nothing. */
export function problemResponse(log: Log): ErrorHandler {
  return (error, context) => {
    const problem = error instanceof Problem ? error : new Problem('internal-error', { cause: error })
    if (problem.status >= 500) log.error('request-failed', { code: problem.code, error: problem.cause ?? problem })
    return answerProblem(context, problem)
  }
}

export const routeUnknown: NotFoundHandler = (context) => answerProblem(context, new Problem('route-unknown'))

function answerProblem(context: Context, problem: Problem): Response {
  const body: ProblemBody = problem.toJSON()
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (problem.retryAfterSeconds !== undefined) headers.set('retry-after', String(problem.retryAfterSeconds))
  // Through the context, so that headers set by middleware (CSP and the like) are on problems too.
  for (const [name, value] of headers) context.header(name, value)
  return context.body(JSON.stringify(body), problem.status)
}
