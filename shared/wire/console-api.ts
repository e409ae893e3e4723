/** What the payment server answers to a merchant's people, in their console. */
import { z } from 'zod'
import { declineReasons } from '../decline.ts'
import { authenticationResponseSchema, registrationResponseSchema } from '../evidence.ts'
import { currencies } from '../money.ts'
import { paymentStates } from '../payment.ts'
import { cardFaceSchema } from './bank-api.ts'
import {
  createWebhookEndpointRequest,
  deliveryAttemptSchema,
  eventIdSchema,
  webhookEndpointIdSchema,
  webhookEndpointSchema,
} from './events-api.ts'
import {
  base64urlText,
  consoleEnrolIntentSchema,
  consoleSignInIntentSchema,
  merchantIdSchema,
  moneySchema,
  paymentIdSchema,
} from './intent-schema.ts'
import {
  cancelRequest,
  captureRequest,
  keyModes,
  keyScopes,
  merchantPaymentSchema,
  refundRequest,
  voidRequest,
} from './merchant-api.ts'

/** Each more than the one before: look; also capture, void, refund and cancel; also whatever else a merchant may. */
export const consoleRoles = ['viewer', 'staff', 'owner'] as const
export type ConsoleRole = (typeof consoleRoles)[number]

/**
 * All that whoever is signed in may ask for below `/api/console`, and from which role on. The server opens to nobody what is not named here, so
 * that nothing is open to more people than was thought of.
 */
export const consoleRoutes = {
  'GET /session': 'viewer',
  'GET /first-steps': 'viewer',
  'POST /test-orders': 'staff',
  'GET /payments': 'viewer',
  'GET /payments.csv': 'viewer',
  'GET /payments/:id': 'viewer',
  'GET /takings': 'viewer',
  'POST /payments/:id/cancel': 'staff',
  'POST /payments/:id/capture': 'staff',
  'POST /payments/:id/refund': 'staff',
  'POST /payments/:id/void': 'staff',
  'GET /webhooks': 'viewer',
  'GET /webhooks/:id/attempts': 'viewer',
  'POST /events/:id/resend': 'staff',
  'POST /webhooks': 'owner',
  'POST /webhooks/:id/enable': 'owner',
  'POST /webhooks/:id/disable': 'owner',
  'POST /webhooks/:id/rotate': 'owner',
  'GET /keys': 'owner',
  'POST /keys': 'owner',
  'POST /keys/:id/revoke': 'owner',
  'GET /people': 'owner',
  'POST /people': 'owner',
  'POST /people/:id/role': 'owner',
  'POST /people/:id/remove': 'owner',
} as const satisfies Readonly<Record<`${'GET' | 'POST'} /${string}`, ConsoleRole>>
export type ConsoleRoute = keyof typeof consoleRoutes

/** `GET /api/console/session`, and the answer to whoever joins or signs in. */
export const consolePersonSchema = z.strictObject({
  merchant: z.strictObject({ id: merchantIdSchema, name: z.string() }),
  role: z.enum(consoleRoles),
  /** Which payments there can be here. */
  modes: z.array(z.enum(keyModes)),
})
export type ConsolePerson = z.output<typeof consolePersonSchema>

/** What stands in the link that an operator made: 16 random bytes, good once and for a day. */
const secret = base64urlText(22).length(22)

/** Where whoever is invited goes. After the hash, which browsers send to no server and no server writes into a log. */
export const invitationLink = (origin: string, secret: string): string => `${origin}/console/join#${secret}`

/** `POST /api/console/invitations/intent`: who was invited asks what to sign. In the body, so that no log of addresses has the secret. */
export const consoleInvitationRequest = z.strictObject({ secret })
export const consoleInvitationAnswer = z.strictObject({
  intent: consoleEnrolIntentSchema,
  merchant: z.string(),
  role: z.enum(consoleRoles),
})
export type ConsoleInvitation = z.output<typeof consoleInvitationAnswer>
/** `POST /api/console/invitations/passkey` */
export const consoleJoinRequest = z.strictObject({
  secret,
  intent: consoleEnrolIntentSchema,
  response: registrationResponseSchema,
})

/** `POST /api/console/sessions/intent`, `POST /api/console/sessions`, and `POST /api/console/sessions/end` */
export const consoleSignInIntentAnswer = z.strictObject({ intent: consoleSignInIntentSchema })
export const consoleSignInRequest = z.strictObject({
  intent: consoleSignInIntentSchema,
  response: authenticationResponseSchema,
})

/** `GET /api/console/payments`: beside what `GET /v1/payments` takes, whose payments and part of a reference, or an id. `/payments.csv` is the same as a file. */
export const consolePaymentsQuery = z.looseObject({
  mode: z.enum(keyModes),
  search: z.string().max(80).optional(),
})

/** Every offset of a time zone is a multiple of it: days begin at no other moment. */
export const quarterHourMs = 15 * 60_000
/** Moments at which days begin, oldest first: only whoever looks knows their calendar. */
const dayStarts = z
  .string()
  .regex(/^\d{1,15}(,\d{1,15}){0,31}$/)
  .transform((text) => text.split(',').map(Number))
  .refine((starts) => starts.every((start, index) => start % quarterHourMs === 0 && start > (starts[index - 1] ?? -1)))
/** `GET /api/console/takings`: what was captured and not given back, by the day on which the payment was made. The last day has no end. */
export const consoleTakingsQuery = z.strictObject({ mode: z.enum(keyModes), starts: dayStarts })
export const consoleTakingsSchema = z.strictObject({
  takings: z.array(
    z.strictObject({
      currency: z.enum(currencies),
      payments: z.int(),
      /** Minor units, one for each start. */
      days: z.array(z.int()),
    }),
  ),
})
export type ConsoleTakings = z.output<typeof consoleTakingsSchema>

/** One thing that happened to a payment. Times are milliseconds since the Unix epoch. */
export const happeningSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), atMs: z.int(), state: z.enum(paymentStates), cause: z.string() }),
  /** Somebody confirmed it, and the bank was asked. `bookedAtMs` and `approvalCode` are the bank's own. */
  z.strictObject({
    kind: z.literal('try'),
    atMs: z.int(),
    card: cardFaceSchema,
    bookedAtMs: z.int().nullable(),
    approvalCode: z.string().nullable(),
    isAnswered: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('operation'),
    atMs: z.int(),
    what: z.enum(['capture', 'refund', 'void', 'expire']),
    amount: moneySchema,
    state: z.enum(['asking', 'unknown', 'done', 'refused']),
    reason: z.string().nullable(),
    declineReason: z.enum(declineReasons).nullable(),
    settledAtMs: z.int().nullable(),
  }),
  z.strictObject({ kind: z.literal('event'), atMs: z.int(), event: eventIdSchema, type: z.string() }),
  z.strictObject({
    kind: z.literal('attempt'),
    atMs: z.int(),
    event: eventIdSchema,
    type: z.string(),
    url: z.string(),
    number: z.int(),
    outcome: deliveryAttemptSchema.shape.outcome,
    nextAttemptAtMs: z.int().nullable(),
  }),
])
export type Happening = z.output<typeof happeningSchema>

/** `GET /api/console/payments/:id`: with all that happened to it, the oldest first */
export const consolePaymentSchema = z.strictObject({
  payment: merchantPaymentSchema,
  happenings: z.array(happeningSchema),
})
export type ConsolePayment = z.output<typeof consolePaymentSchema>

/**
 * `POST /api/console/payments/:id/capture`, `/refund`, `/void` and `/cancel`: as merchants' servers ask it, with the same answers.
 * What is meant once has one key, however often it is sent.
 */
const once = { idempotencyKey: z.uuid() }
export const consoleActRequests = {
  cancel: cancelRequest.extend(once),
  capture: captureRequest.extend(once),
  refund: refundRequest.extend(once),
  void: voidRequest.extend(once),
} as const

const keySchema = z.strictObject({
  id: z.string(),
  mode: z.enum(keyModes),
  scope: z.enum(keyScopes),
  name: z.string(),
  last4: z.string(),
  createdAtMs: z.int(),
  usedAtMs: z.int().nullable(),
  revokedAtMs: z.int().nullable(),
  /** The one that the server was started with, for the shop beside it. */
  isConfigured: z.boolean(),
})
export type ConsoleKey = z.output<typeof keySchema>
/** `GET /api/console/keys`: the oldest first */
export const consoleKeysSchema = z.strictObject({ keys: z.array(keySchema) })
export type ConsoleKeys = z.output<typeof consoleKeysSchema>
/** `POST /api/console/keys` */
export const consoleNewKeyRequest = z.strictObject({
  mode: z.enum(keyModes),
  scope: z.enum(keyScopes),
  name: z.string().regex(/^[\x20-\x7e]{1,40}$/),
})
/** The one time that the key is seen. `POST /api/console/keys/:id/revoke` revokes it for good. */
export const consoleNewKeyAnswer = z.strictObject({ id: z.string(), secret: z.string() })

/** What a person is called here, by those who invited them. Seen by owners alone. */
export const personName = z.string().regex(/^(?=.*[\p{L}\p{N}])[^\p{C}\p{Zl}\p{Zp}]{1,40}$/u)

const consoleMemberSchema = z.strictObject({
  id: z.string(),
  /** Null where an operator invited them and did not say. */
  name: z.string().nullable(),
  role: z.enum(consoleRoles),
  isYou: z.boolean(),
  /** Null for who was invited and has not come yet; the link is good until then. */
  joinedAtMs: z.int().nullable(),
  invitedUntilMs: z.int(),
})
export type ConsoleMember = z.output<typeof consoleMemberSchema>
/** `GET /api/console/people`: who may sign in, the oldest first */
export const consolePeopleSchema = z.strictObject({ people: z.array(consoleMemberSchema) })
export type ConsolePeople = z.output<typeof consolePeopleSchema>
/** `POST /api/console/people/:id/role` changes what they are, `/remove` takes them away for good. */
export const consoleRoleRequest = z.strictObject({ role: z.enum(consoleRoles) })
/** `POST /api/console/people` invites somebody. */
export const consoleInviteRequest = consoleRoleRequest.extend({ name: personName })
/** The one time that the link is seen. */
export const consoleInviteAnswer = z.strictObject({ link: z.string() })

const consoleWebhookSchema = webhookEndpointSchema.omit({ object: true, keys: true })
export type ConsoleWebhook = z.output<typeof consoleWebhookSchema>
/** `GET /api/console/webhooks`: where the merchant is told of its payments; of each mode the oldest first */
export const consoleWebhooksSchema = z.strictObject({ webhooks: z.array(consoleWebhookSchema) })
export type ConsoleWebhooks = z.output<typeof consoleWebhooksSchema>
/** `POST /api/console/webhooks`. The one with this URL is told again. */
export const consoleNewWebhookRequest = createWebhookEndpointRequest.extend({ mode: z.enum(keyModes) })
/** `POST /api/console/webhooks/:id/rotate` */
export const consoleRotateRequest = z.strictObject(once)
/** What whoever receives webhooks checks them by: after making an endpoint, and after new keys. */
export const consoleWebhookKeysSchema = z.strictObject({
  id: webhookEndpointIdSchema,
  secret: z.string(),
  publicKey: z.string(),
})
export type ConsoleWebhookKeys = z.output<typeof consoleWebhookKeysSchema>
/** `GET /api/console/webhooks/:id/attempts`: the last hundred, newest first */
export const consoleAttemptsSchema = z.strictObject({ attempts: z.array(deliveryAttemptSchema) })
export type ConsoleAttempts = z.output<typeof consoleAttemptsSchema>
/** `POST /api/console/events/:id/resend`: to every endpoint of that mode that is enabled. Answered 202. */
export const consoleResendRequest = z.strictObject({ mode: z.enum(keyModes) })

/**
 * `GET /api/console/first-steps`: how far a new merchant has come, in whichever mode. `webhook`: there is none, none has answered
 * well yet, or one has. `paid`: the first payment that was.
 */
export const consoleFirstStepsSchema = z.strictObject({
  hasKey: z.boolean(),
  webhook: z.enum(['none', 'silent', 'hears']),
  paid: paymentIdSchema.nullable(),
})
export type ConsoleFirstSteps = z.output<typeof consoleFirstStepsSchema>
/** `POST /api/console/test-orders`: a bill for next to nothing in test mode, answered by a merchant's payment. */
export const consoleTestOrderRequest = z.strictObject(once)
