/** The payment server said no, in `application/problem+json` (RFC 9457): what was asked for was not done. */
export class MonikerProblem extends Error {
  override readonly name = 'MonikerProblem'
  /** Stays as it is: decide by this one. What to do about each is at `/problems/<code>`. */
  readonly code: string
  readonly status: number
  readonly detail: string | undefined
  constructor(problem: { code: string; status: number; title: string; detail?: string | undefined }) {
    super(problem.detail === undefined ? problem.title : `${problem.title} ${problem.detail}`)
    this.code = problem.code
    this.status = problem.status
    this.detail = problem.detail
  }
}

/**
 * Nothing was heard, or nothing but trouble, however often it was asked. Whether it was done is not known: the same call with the same
 * `idempotencyKey` is safe, and tells; one with another key may do it twice.
 */
export class MonikerUnreachable extends Error {
  override readonly name = 'MonikerUnreachable'
}

/** What came to the webhook is not from the payment server, was changed on the way, or is too old. Answer 400, and do nothing. */
export class MonikerWebhookRefused extends Error {
  override readonly name = 'MonikerWebhookRefused'
}

/** It is no decision of the bank's: do not act on it. */
export class MonikerDecisionRefused extends Error {
  override readonly name = 'MonikerDecisionRefused'
}
