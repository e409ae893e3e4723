import type { z } from 'zod'
import type { ProblemCode } from '../../../shared/problem.ts'
import {
  createWebhookEndpointRequest,
  deliveryAttemptsSchema,
  eventSchema,
  eventsQuery,
  eventsSchema,
  resendRequest,
  webhookEndpointAction,
  webhookEndpointSchema,
  webhookEndpointsSchema,
} from '../../../shared/wire/events-api.ts'
import {
  captureRequest,
  createPaymentRequest,
  type KeyScope,
  merchantPaymentSchema,
  merchantPaymentsSchema,
  paymentsQuery,
  refundRequest,
  voidRequest,
} from '../../../shared/wire/merchant-api.ts'

/** What has a name of its own in the document: the very schemas that requests are read with and answers are typed by. */
export const namedSchemas = {
  NewPayment: createPaymentRequest,
  Capture: captureRequest,
  Refund: refundRequest,
  Void: voidRequest,
  Payment: merchantPaymentSchema,
  PaymentList: merchantPaymentsSchema,
  Event: eventSchema,
  EventList: eventsSchema,
  Resend: resendRequest,
  NewWebhookEndpoint: createWebhookEndpointRequest,
  WebhookEndpointAction: webhookEndpointAction,
  WebhookEndpoint: webhookEndpointSchema,
  WebhookEndpointList: webhookEndpointsSchema,
  DeliveryAttemptList: deliveryAttemptsSchema,
} as const satisfies Record<string, z.ZodType>
type Named = keyof typeof namedSchemas

export type MerchantRoute = {
  readonly method: 'get' | 'post'
  /** With `{id}` where there is one. */
  readonly path: string
  /** What it does, in a few words. */
  readonly summary: string
  readonly more?: string
  /** What it takes at least. */
  readonly scope: KeyScope
  readonly query?: z.ZodObject
  readonly body?: Named
  readonly answers: Readonly<Partial<Record<200 | 201 | 202, Named>>>
  /** Those of its own. Any route may also answer with one of {@link problemsOfAll}. */
  readonly problems: readonly ProblemCode[]
}

export const problemsOfAll: readonly ProblemCode[] = [
  'api-key-refused',
  'api-key-scope-missing',
  'too-many-requests',
  'internal-error',
]
/** Of every route that changes something. */
export const problemsOfPosts: readonly ProblemCode[] = [
  'idempotency-key-missing',
  'body-malformed',
  'body-too-large',
  'content-type-unsupported',
]
/** Of those whose answers are kept and given again. */
const keyed: readonly ProblemCode[] = ['idempotency-key-in-use', 'idempotency-key-reused']

const isLate =
  'Answered 202 while the bank’s answer is missing: then “pending” says what was asked, and the same request tells later.'

export const merchantRoutes: readonly MerchantRoute[] = [
  {
    ...{ method: 'post', path: '/v1/payments', scope: 'payments', body: 'NewPayment', answers: { 201: 'Payment' } },
    summary: 'Create a payment',
    more: 'Then send the payer’s browser to its “url”.',
    problems: [...keyed, 'url-refused', 'lines-mismatch', 'test-mode-missing'],
  },
  {
    ...{ method: 'get', path: '/v1/payments', scope: 'read', query: paymentsQuery, answers: { 200: 'PaymentList' } },
    summary: 'List payments',
    more: 'Those of the key’s mode, newest first. “after” is the “next” of the page before.',
    problems: ['query-malformed'],
  },
  {
    ...{ method: 'get', path: '/v1/payments/{id}', scope: 'read', answers: { 200: 'Payment' } },
    summary: 'Retrieve a payment',
    problems: ['payment-unknown'],
  },
  {
    ...{
      method: 'post',
      path: '/v1/payments/{id}/cancel',
      scope: 'payments',
      body: 'Void',
      answers: { 200: 'Payment' },
    },
    summary: 'Cancel a payment that nobody has paid',
    problems: [...keyed, 'payment-unknown', 'payment-settled', 'payment-in-progress', 'payment-expired'],
  },
  {
    ...{ method: 'post', path: '/v1/payments/{id}/capture', scope: 'payments', body: 'Capture' },
    answers: { 200: 'Payment', 202: 'Payment' },
    summary: 'Capture money that was set aside',
    more: `In one or several parts. ${isLate}`,
    problems: [
      ...keyed,
      'payment-unknown',
      'payment-unpaid',
      'payment-settled',
      'payment-in-progress',
      'payment-expired',
      'capture-exceeds',
      'bank-declined',
    ],
  },
  {
    ...{ method: 'post', path: '/v1/payments/{id}/void', scope: 'payments', body: 'Void' },
    answers: { 200: 'Payment', 202: 'Payment' },
    summary: 'Let go of money that was set aside and not captured',
    more: isLate,
    problems: [
      ...keyed,
      'payment-unknown',
      'payment-unpaid',
      'payment-settled',
      'payment-in-progress',
      'payment-expired',
      'bank-declined',
    ],
  },
  {
    ...{ method: 'post', path: '/v1/payments/{id}/refund', scope: 'payments', body: 'Refund' },
    answers: { 200: 'Payment', 202: 'Payment' },
    summary: 'Give back money that was captured',
    more: `All of it, or parts. ${isLate}`,
    problems: [
      ...keyed,
      'payment-unknown',
      'payment-unpaid',
      'payment-settled',
      'payment-in-progress',
      'payment-expired',
      'refund-exceeds',
      'bank-declined',
    ],
  },
  {
    ...{ method: 'get', path: '/v1/events', scope: 'read', query: eventsQuery, answers: { 200: 'EventList' } },
    summary: 'List events',
    more: 'What webhooks told or would have told, newest first. “after” is the “next” of the page before.',
    problems: ['query-malformed'],
  },
  {
    ...{ method: 'get', path: '/v1/events/{id}', scope: 'read', answers: { 200: 'Event' } },
    summary: 'Retrieve an event',
    problems: ['event-unknown'],
  },
  {
    ...{ method: 'post', path: '/v1/events/{id}/resend', scope: 'payments', body: 'Resend', answers: { 202: 'Event' } },
    summary: 'Tell an event again',
    more: 'To every endpoint that is enabled.',
    problems: ['event-unknown'],
  },
  {
    ...{ method: 'post', path: '/v1/webhook-endpoints', scope: 'full', body: 'NewWebhookEndpoint' },
    answers: { 201: 'WebhookEndpoint' },
    summary: 'Say where you want to hear of your payments',
    more: 'There is one endpoint for one URL: the second time it is the first again.',
    problems: ['webhook-url-refused', 'webhooks-too-many'],
  },
  {
    ...{ method: 'get', path: '/v1/webhook-endpoints', scope: 'full', answers: { 200: 'WebhookEndpointList' } },
    summary: 'List webhook endpoints',
    problems: [],
  },
  {
    ...{ method: 'get', path: '/v1/webhook-endpoints/{id}', scope: 'full', answers: { 200: 'WebhookEndpoint' } },
    summary: 'Retrieve a webhook endpoint',
    problems: ['webhook-unknown'],
  },
  {
    ...{ method: 'get', path: '/v1/webhook-endpoints/{id}/attempts', scope: 'full' },
    answers: { 200: 'DeliveryAttemptList' },
    summary: 'See what became of deliveries',
    more: 'The last hundred attempts, newest first.',
    problems: ['webhook-unknown'],
  },
  ...(
    [
      ['rotate', 'Change the keys of an endpoint', 'Webhooks are signed by the keys of before as well for a day.', []],
      [
        'disable',
        'Stop telling an endpoint',
        'What is due waits. What happens meanwhile is not told, and can be resent.',
        [],
      ],
      ['enable', 'Tell an endpoint again', 'First what has waited.', ['webhooks-too-many']],
    ] as const
  ).map(
    ([act, summary, more, problems]): MerchantRoute => ({
      ...{ method: 'post', path: `/v1/webhook-endpoints/{id}/${act}`, scope: 'full', body: 'WebhookEndpointAction' },
      answers: { 200: 'WebhookEndpoint' },
      ...{ summary, more },
      problems: ['webhook-unknown', ...problems],
    }),
  ),
]
