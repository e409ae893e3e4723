/** `@moniker/server`: the merchant API of a Moniker payment server, for shops' servers. No dependency but `fetch` and WebCrypto. */
export { type Moniker, type MonikerOptions, moniker, type Once } from './client.ts'
export { type BankKey, type Decision, readDecision } from './decision.ts'
export { MonikerDecisionRefused, MonikerProblem, MonikerUnreachable, MonikerWebhookRefused } from './problem.ts'
export type { Amount, Line, NewPayment, Page, Payment, PaymentEvent, PaymentState, WebhookEndpoint } from './types.ts'
export { readWebhook, type WebhookKey } from './webhook.ts'
