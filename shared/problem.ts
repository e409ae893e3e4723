/** Every way a request can fail. A code is a promise: add one, never rename one. */
export const problems = {
  // The request itself
  'body-malformed': { status: 400, title: 'The body is not the JSON this route takes.' },
  'query-malformed': { status: 400, title: 'What follows the question mark is not what this route takes.' },
  'body-too-large': { status: 413, title: 'The body is larger than this route takes.' },
  'content-type-unsupported': { status: 415, title: 'This route takes another content type.' },
  'route-unknown': { status: 404, title: 'There is nothing at this address.' },
  'origin-refused': { status: 403, title: 'This request came from a page that may not send it.' },
  'too-many-requests': { status: 429, title: 'Too many requests. Wait a moment, then try again.' },
  'internal-error': {
    status: 500,
    title: 'Something broke on our side. Ask what became of the request before you repeat it.',
  },
  unavailable: { status: 503, title: 'This service is not available at the moment.' },
  // Names
  'username-malformed': { status: 400, title: 'A username is made of letters, digits, hyphens, dots or underscores.' },
  'username-too-short': { status: 400, title: 'A username has at least two characters.' },
  'username-too-long': { status: 400, title: 'A username has at most 32 characters.' },
  'username-has-control': { status: 400, title: 'A username has no control or direction-changing characters.' },
  'username-mixes-scripts': { status: 400, title: 'A username does not mix scripts that look alike.' },
  'username-reads-as-card': { status: 400, title: 'A username must not read as a card number.' },
  'username-reserved': { status: 409, title: 'This username is reserved.' },
  'username-taken': { status: 409, title: 'This username is taken.' },
  'username-confusable': { status: 409, title: 'This username looks like one that is taken.' },
  'nickname-too-long': { status: 400, title: 'A nickname has at most 32 characters.' },
  'nickname-has-control': { status: 400, title: 'A nickname has no control or direction-changing characters.' },
  'nickname-reads-as-card': { status: 400, title: 'A nickname must not read as a card number.' },
  // Money and cards
  'amount-malformed': { status: 400, title: 'An amount is a whole number of minor units above zero.' },
  'currency-unknown': { status: 400, title: 'A currency is a three-letter ISO 4217 code that we know.' },
  'card-number-malformed': { status: 400, title: 'This is not a card number.' },
  'card-expiry-malformed': { status: 400, title: 'This card has expired, or the date is not one.' },
  'card-code-malformed': { status: 400, title: 'The code does not have the length this brand uses.' },
  'card-name-malformed': { status: 400, title: 'The name on the card is missing.' },
  'card-unknown': { status: 404, title: 'There is no such card.' },
  'card-missing': { status: 409, title: 'There is no card for this name yet. Add one to go on.' },
  'card-refused': { status: 422, title: 'The bank did not accept this card.' },
  'card-frozen': { status: 409, title: 'This card is frozen.' },
  'card-unconfirmed': { status: 409, title: 'The bank has not heard from the cardholder about this card yet.' },
  'limits-changed': { status: 409, title: 'The limits of this card have been changed meanwhile.' },
  'limit-exceeded': { status: 409, title: 'This is more than the limit set for the card.' },
  // Who somebody is
  'intent-malformed': { status: 400, title: 'This is not an intent issued for this step.' },
  'intent-expired': { status: 409, title: 'This took too long. Ask again and confirm within five minutes.' },
  'intent-consumed': { status: 409, title: 'This confirmation was used before.' },
  'passkey-refused': { status: 403, title: 'That passkey does not confirm this name.' },
  'passkey-taken': { status: 409, title: 'This passkey is registered already.' },
  'passkey-unknown': { status: 404, title: 'There is no such passkey.' },
  'passkey-last': { status: 409, title: 'This is the only passkey of this name. Add another one first.' },
  'passkeys-too-many': { status: 409, title: 'A name has at most ten passkeys.' },
  'invitation-over': { status: 410, title: 'This link was used, was called off or is too old. Ask for a new one.' },
  'recovery-refused': { status: 403, title: 'That code does not belong to this name.' },
  'name-recovered': {
    status: 409,
    title: 'Somebody has got this name back with its recovery code. This passkey can undo it.',
  },
  'name-held': {
    status: 409,
    title:
      'This name was got back less than 72 hours ago. Until they are over it cannot be closed, no card removed, and no limit raised.',
  },
  'recovery-over': { status: 410, title: 'There is nothing to undo any more.' },
  'session-missing': { status: 401, title: 'Sign in first.' },
  // Payments
  'payment-unknown': { status: 404, title: 'There is no such payment.' },
  'payment-settled': { status: 409, title: 'This payment has already been decided.' },
  'payment-in-progress': { status: 409, title: 'This payment is being decided right now.' },
  'payment-expired': { status: 409, title: 'This bill has expired.' },
  'payment-unpaid': { status: 409, title: 'This payment has not been paid.' },
  'capture-exceeds': { status: 409, title: 'This is more than was authorized.' },
  'refund-exceeds': { status: 409, title: 'This is more than was captured.' },
  'bank-declined': { status: 422, title: 'The bank declined. No money was moved.' },
  'handoff-over': { status: 410, title: 'This code was used or is too old. Show a new one on the other screen.' },
  'handoff-refused': { status: 403, title: 'That is not the number on the other screen. This code is used up.' },
  'handoffs-too-many': { status: 409, title: 'This payment was handed to a phone too often.' },
  'receipt-missing': { status: 404, title: 'There is no receipt of this payment.' },
  // Merchants
  'api-key-refused': { status: 401, title: 'This API key is missing, wrong or revoked.' },
  'lines-mismatch': { status: 400, title: 'The lines do not come to the amount.' },
  'api-key-unknown': { status: 404, title: 'There is no such API key.' },
  'person-unknown': { status: 404, title: 'There is no such person at this merchant.' },
  'people-too-many': { status: 409, title: 'A merchant has at most a hundred people, open invitations included.' },
  'owner-last': { status: 409, title: 'This is the only owner of the merchant. Make somebody else an owner first.' },
  'role-missing': { status: 403, title: 'Your role at this merchant does not include that.' },
  'api-key-scope-missing': { status: 403, title: 'This API key may not do that.' },
  'test-mode-missing': { status: 403, title: 'The bank here is a real one, so there are no test payments.' },
  'idempotency-key-missing': { status: 400, title: 'This request needs an Idempotency-Key header.' },
  'idempotency-key-in-use': { status: 409, title: 'The first request with this key is still running.' },
  'idempotency-key-reused': { status: 422, title: 'This key was used with another request.' },
  'url-refused': {
    status: 400,
    title: 'A URL here is https, without user name or fragment, on the registered origin.',
  },
  'event-unknown': { status: 404, title: 'There is no such event.' },
  'webhook-unknown': { status: 404, title: 'There is no such webhook endpoint.' },
  'webhook-url-refused': {
    status: 400,
    title: 'A webhook URL is https, without user name or fragment, and leads to a public address.',
  },
  'webhooks-too-many': { status: 409, title: 'A merchant has at most sixteen webhook endpoints that are on.' },
  // Messages to payers' browsers
  'push-target-refused': { status: 400, title: 'Messages cannot be sent there, or could not be read there.' },
  'push-unknown': { status: 404, title: 'No messages are sent there.' },
  // Between the payment server and the bank
  'bank-unreachable': { status: 502, title: 'The bank did not answer. Nothing was lost; try again.' },
  'message-refused': { status: 401, title: 'The message is not signed by a known party for this purpose, now.' },
  'reference-reused': { status: 409, title: 'This reference was used for something else.' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** The `application/problem+json` body (RFC 9457 §3). */
export type ProblemBody = { type: string; code: ProblemCode; status: number; title: string; detail?: string }

/** @param options `detail` is read by the caller; `cause` stays in our log: it may hold what the caller must not see. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly detail: string | undefined
  /** Whole seconds after which a 429 or 503 may be tried again (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds: number | undefined
  constructor(code: ProblemCode, options: { cause?: unknown; detail?: string; retryAfterSeconds?: number } = {}) {
    super(problems[code].title, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = options.detail
    this.retryAfterSeconds = options.retryAfterSeconds
  }
  get status(): (typeof problems)[ProblemCode]['status'] {
    return problems[this.code].status
  }
  toJSON(): ProblemBody {
    const body = { type: `/problems/${this.code}`, code: this.code, ...problems[this.code] }
    return this.detail === undefined ? body : { ...body, detail: this.detail }
  }
}
