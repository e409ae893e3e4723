/** What the payment server answers to the payer's own pages. JSON in and out; errors are RFC 9457 problems. */
import { z } from 'zod'
import { activityKinds } from '../activity.ts'
import { declineReasons } from '../decline.ts'
import {
  authenticationResponseSchema,
  ceremonySchema,
  credentialIdSchema,
  registrationResponseSchema,
} from '../evidence.ts'
import { paymentStates } from '../payment.ts'
import { cardFaceSchema, recoveryStates, sealedCardSchema, spentSchema, standingLimits } from './bank-api.ts'
import {
  addCardIntentSchema,
  addPasskeyIntentSchema,
  base64urlText,
  cardIdSchema,
  cardLimitsSchema,
  closeAccountIntentSchema,
  enrolIntentSchema,
  makePasskeyIntentSchema,
  makeRecoveryCodeIntentSchema,
  moneySchema,
  payIntentSchema,
  paymentIdSchema,
  recoverIntentSchema,
  removeCardIntentSchema,
  removePasskeyIntentSchema,
  setLimitIntentSchema,
  sha256Text,
  signInIntentSchema,
  undoRecoveryIntentSchema,
  unfreezeCardIntentSchema,
} from './intent-schema.ts'
import { linesSchema } from './merchant-api.ts'

export const usernameText = z.string().min(1).max(256)

/** A public key of the bank, to which a browser seals a card (RFC 7517). */
export const sealingKeySchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
})
export type SealingKey = z.output<typeof sealingKeySchema>

/** `GET /api/configuration` */
export const configurationSchema = z.strictObject({
  relyingParty: z.strictObject({ id: z.string(), name: z.string() }),
  bank: z.strictObject({ name: z.string(), sealingKey: sealingKeySchema }),
})
export type Configuration = z.output<typeof configurationSchema>

/** `GET /api/payments/:id` and the answer of every step on a payment: what the payer may know of it. */
export const billSchema = z.strictObject({
  id: paymentIdSchema,
  payee: z.strictObject({ name: z.string(), origin: z.string() }),
  amount: moneySchema,
  reference: z.string(),
  description: z.string().nullable(),
  lines: linesSchema,
  state: z.enum(paymentStates),
  /** Only while nothing is decided does the clock of a bill run. */
  expiresAtMs: z.int(),
  /** The server's clock, so that a countdown is right on a phone whose clock is not. */
  nowMs: z.int(),
  triesLeft: z.int().min(0),
  decline: z.strictObject({ reason: z.enum([...declineReasons, 'too-many-failures']) }).nullable(),
  refundedMinor: z.int().min(0),
  /** Present once paid, also where some of it or all was given back. */
  receipt: z
    .strictObject({
      card: cardFaceSchema,
      approvalCode: z.string(),
      paidAtMs: z.int(),
      /** Who asked the payer: this wallet's page (`webauthn.get`), or the browser in a dialog of its own (`payment.get`). */
      ceremony: ceremonySchema,
    })
    .nullable(),
  /** Where the shop waits: its success address once paid, else its cancel address. */
  returnUrl: z.string(),
})
export type Bill = z.output<typeof billSchema>

/** `POST /api/payments/:id/intent`: what to sign. Answered alike for a name nobody has. */
export const payIntentRequest = z.strictObject({
  username: usernameText,
  /** Without it the payer's default card. Ignored where the card is not theirs: a decoy answers. */
  card: cardIdSchema.optional(),
  /** For a first payment that adds the card it pays with: SHA-256 of the sealed card. Needs a session of this name. */
  seal: sha256Text.optional(),
})
export const payIntentAnswer = z.strictObject({ intent: payIntentSchema })

/**
 * `POST /api/payments/:id/confirmation`, answered by a {@link billSchema}. A decline is an answer, with status 200.
 * `POST /api/payments/:id/cancellation`, body `{}`, calls an open bill off and is answered by one as well.
 */
export const confirmationRequest = z.strictObject({
  username: usernameText,
  intent: payIntentSchema,
  response: authenticationResponseSchema,
  /** With an intent that names a seal: the seal itself. */
  sealed: sealedCardSchema.optional(),
})

/**
 * `GET /api/payments/:id/receipt`: the file that proves a payment (`../receipt/README.md`). For the browser that confirmed it, within an
 * hour, by a cookie that the confirmation's answer sets; later for a session of the payer.
 */

/** `POST /api/usernames`: may this be somebody's name? Refusals are problems `username-…`. */
export const usernameRequest = z.strictObject({ username: usernameText })
export const usernameAnswer = z.strictObject({ username: z.string(), display: z.string() })

/** `POST /api/enrolments/intent` */
export const enrolIntentRequest = z.strictObject({ username: usernameText })
export const enrolIntentAnswer = z.strictObject({ intent: enrolIntentSchema })
/** `POST /api/enrolments`: keeps name and passkey together, and opens a session. Answered by a {@link payerSchema}. */
export const enrolRequest = z.strictObject({ intent: enrolIntentSchema, response: registrationResponseSchema })

/** What the bank wants to hear from the cardholder, on a page of its own, before the card pays. */
const cardConfirmationSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('awaited'), url: z.string(), expiresAtMs: z.int() }),
  /** The cardholder said no, or nothing in time: this card will not pay. */
  z.strictObject({ state: z.enum(['denied', 'lapsed']) }),
])
export const cardSchema = z.strictObject({
  id: cardIdSchema,
  face: cardFaceSchema,
  /** The name of the bank that it is of. */
  bank: z.string(),
  nickname: z.string().nullable(),
  /** What is paid with where nothing else is chosen: the card chosen last that is not frozen. */
  isDefault: z.boolean(),
  isFrozen: z.boolean(),
  /** False while the bank has not answered to a freeze or its end; it is told until it has. */
  isToldToBank: z.boolean(),
  /** Absent where the bank did not ask, or the cardholder said yes. */
  confirmation: cardConfirmationSchema.exactOptional(),
})
export type Card = z.output<typeof cardSchema>
/** `GET /api/session`, and what signing in and enrolling answer. `DELETE /api/session` signs out; the answer is `{}`. */
export const payerSchema = z.strictObject({
  username: z.string(),
  display: z.string(),
  /** This payer's passkeys: the device may ask for one of them next time, and seals cards for them. */
  passkeys: z.array(z.strictObject({ credentialId: z.string(), thumbprint: sha256Text })),
  cards: z.array(cardSchema),
})
export type Payer = z.output<typeof payerSchema>
/** `GET /api/session/payer`: the same for pages that are for everybody. Null where nobody is signed in. */
export const whoIsHereSchema = z.strictObject({ payer: payerSchema.nullable() })
export type WhoIsHere = z.output<typeof whoIsHereSchema>

/** One payment that its payer confirmed, whatever came of it. */
export const activityEntrySchema = z.strictObject({
  payment: paymentIdSchema,
  payee: z.strictObject({ name: z.string(), origin: z.string() }),
  amount: moneySchema,
  /** Given back so far. Minor units. */
  refundedMinor: z.int().min(0),
  state: z.enum(paymentStates),
  card: cardFaceSchema,
  /** Of the card it was paid with, which may be gone by now. */
  cardId: cardIdSchema,
  /** The shop's own name for the order. */
  reference: z.string(),
  /** How it was confirmed. */
  ceremony: ceremonySchema,
  /** When the bank booked it; until then, when it was confirmed. */
  atMs: z.int(),
})
export type ActivityEntry = z.output<typeof activityEntrySchema>
/**
 * The query of `GET /api/activity`: `before` is the `next` of the page before; `search` is part of a shop's name, in whatever case. What is
 * absent does not limit.
 */
export const activityQuery = z.strictObject({
  before: z.string().exactOptional(),
  search: z.string().max(80).exactOptional(),
  kind: z.enum(activityKinds).exactOptional(),
})
export type ActivityQuery = z.output<typeof activityQuery>
/** `GET /api/activity`. Newest first; needs a session. */
export const activitySchema = z.strictObject({ payments: z.array(activityEntrySchema), next: z.string().nullable() })
export type Activity = z.output<typeof activitySchema>

/** `GET /api/spending?from=` (milliseconds): what was paid since and not given back. Which day that was, only the payer's device knows. */
export const spendingSchema = z.strictObject({ spent: z.array(z.strictObject({ amount: moneySchema, atMs: z.int() })) })
export type Spending = z.output<typeof spendingSchema>

/** `POST /api/sessions/intent`, body `{}` */
export const signInIntentAnswer = z.strictObject({ intent: signInIntentSchema })
/** `POST /api/sessions`, answered by a {@link payerSchema} */
export const signInRequest = z.strictObject({ intent: signInIntentSchema, response: authenticationResponseSchema })

/** `POST /api/cards/intent`: needs a session. */
export const addCardIntentRequest = z.strictObject({ seal: sha256Text })
export const addCardIntentAnswer = z.strictObject({ intent: addCardIntentSchema })
/** `POST /api/cards`: answered by a {@link payerSchema}; a refusal of the bank is the problem `card-refused`, its reason as `detail`. */
export const addCardRequest = z.strictObject({
  intent: addCardIntentSchema,
  response: authenticationResponseSchema,
  sealed: sealedCardSchema,
})

/**
 * What a payer who is signed in does with a card; each is answered by a {@link payerSchema}, and a card that is not theirs is the
 * problem `card-unknown`. With body `{}`: `POST /api/cards/:id/preference` pays with it first, `/freeze` stops it at once, `/standing`
 * asks the bank what the cardholder said. `POST /api/cards/:id/nickname` names it; an empty name takes the name away.
 */
export const nicknameRequest = z.strictObject({ nickname: z.string().max(256) })
/** `POST /api/cards/:id/unfreeze/intent`, body `{}`; and with what the passkey signed, `POST /api/cards/:id/unfreeze`. */
export const unfreezeCardIntentAnswer = z.strictObject({ intent: unfreezeCardIntentSchema })
export const unfreezeCardRequest = z.strictObject({
  intent: unfreezeCardIntentSchema,
  response: authenticationResponseSchema,
})
/** `POST /api/cards/:id/removal/intent`, body `{}`; and with what the passkey signed, `POST /api/cards/:id/removal`. */
export const removeCardIntentAnswer = z.strictObject({ intent: removeCardIntentSchema })
export const removeCardRequest = z.strictObject({
  intent: removeCardIntentSchema,
  response: authenticationResponseSchema,
})

/**
 * `GET /api/cards/:id/limits`, and the answer of every change to them: how the limits of a card stand. By the bank's word where it answers,
 * and by our own where it is out of reach. The members are those of the bank's `allowance`.
 */
export const allowanceSchema = z.strictObject({
  ...standingLimits,
  spent: spentSchema,
  longBound: z.array(sha256Text),
  /** False while the bank has not heard of a change; it is told until it has. What lowers holds here already. */
  isToldToBank: z.boolean(),
  /** Until then the name was got back so lately that a card pays little besides, and limits are lowered alone: `shared/recovery.ts`. Mostly null. */
  heldUntilMs: z.int().nullable(),
  /** The server's clock. */
  nowMs: z.int(),
})
export type Allowance = z.output<typeof allowanceSchema>
/**
 * `POST /api/cards/:id/limits/intent`; and with what the passkey signed, `POST /api/cards/:id/limits`. `isSecond`: for what is waited for, so
 * that a second passkey can sign the same.
 */
export const setLimitIntentRequest = z.strictObject({ limits: cardLimitsSchema, isSecond: z.boolean() })
export const setLimitIntentAnswer = z.strictObject({ intent: setLimitIntentSchema })
export const setLimitRequest = z.strictObject({ intent: setLimitIntentSchema, response: authenticationResponseSchema })

export const passkeySchema = z.strictObject({
  credentialId: z.string(),
  thumbprint: sha256Text,
  /** What its payer calls it. */
  nickname: z.string().nullable(),
  /** Who keeps it, by its own word: "iCloud Keychain". Null where we do not know the kind. */
  keeper: z.string().nullable(),
  createdAtMs: z.int(),
  /** To the hour. Null where it never signed anything. */
  lastUsedAtMs: z.int().nullable(),
  /** Whether other devices of its owner have it too, as far as its last use showed. */
  isSynced: z.boolean(),
  /** Whether this session was opened by it. */
  isOfSession: z.boolean(),
  /** False while the bank has not heard of it: until then it signs in, and pays nothing. The bank is told until it answers. */
  isToldToBank: z.boolean(),
})
export type ListedPasskey = z.output<typeof passkeySchema>
/**
 * `GET /api/passkeys`, and the answer of every change to them: all that this payer has, oldest first. A passkey that is not theirs is the
 * problem `passkey-unknown`. `POST /api/passkeys/:thumbprint/nickname` takes a {@link nicknameRequest}, as a card does.
 */
export const passkeysSchema = z.strictObject({
  /** Of this payer, as their devices know it: what signals to a device name (WebAuthn L3 §5.1.10). */
  userHandle: z.string(),
  passkeys: z.array(passkeySchema),
})
export type ListedPasskeys = z.output<typeof passkeysSchema>

/**
 * Adding a passkey takes two ceremonies: the new one is made (`POST /api/passkeys/making/intent`, body `{}`), and one that is there vouches
 * for it by the thumbprint that the new one has (`POST /api/passkeys/vouching/intent`). Nothing is kept of the first alone.
 */
export const makePasskeyIntentAnswer = z.strictObject({ intent: makePasskeyIntentSchema })
export const addPasskeyIntentRequest = z.strictObject({ passkey: sha256Text })
export const addPasskeyIntentAnswer = z.strictObject({ intent: addPasskeyIntentSchema })
const madePasskeyRequest = z.strictObject({ intent: makePasskeyIntentSchema, response: registrationResponseSchema })
const vouchingRequest = z.strictObject({ intent: addPasskeyIntentSchema, response: authenticationResponseSchema })
/** `POST /api/passkeys` */
export const addPasskeyRequest = z.strictObject({ made: madePasskeyRequest, vouched: vouchingRequest })

/**
 * `POST /api/passkeys/:thumbprint/removal/intent`, body `{}`; and with what any passkey of the payer signed, `POST /api/passkeys/:thumbprint/removal`.
 * Never the last one: `passkey-last`. The sessions it opened are over, also where one of them asked.
 */
export const removePasskeyIntentAnswer = z.strictObject({ intent: removePasskeyIntentSchema })
export const removePasskeyRequest = z.strictObject({
  intent: removePasskeyIntentSchema,
  response: authenticationResponseSchema,
})

/**
 * A passkey on another device: `POST /api/passkeys/invitation`, body `{}`, gives a secret that is good for one passkey and five minutes, and
 * ends the one before; `DELETE` calls it off, `{}`. The wallet shows it as `{origin}/join/{secret}#{key}`. The key is the devices' own: this
 * server never has it.
 */
export const invitationAnswer = z.strictObject({ secret: base64urlText(22).length(22), expiresAtMs: z.int() })
/** `GET /api/passkeys/invitation`: how it stands, for who invited. */
export const invitationSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('open') }),
  /** The other device has made a passkey; this one vouches for it by `POST /api/passkeys/invitation/passkey`. */
  z.strictObject({
    state: z.literal('made'),
    thumbprint: sha256Text,
    keeper: z.string().nullable(),
    /** The other device's word for the thumbprint, by the key that both have: `web/flows/join-proof.ts`. */
    proof: sha256Text,
  }),
  z.strictObject({ state: z.literal('over') }),
])
export type Invitation = z.output<typeof invitationSchema>
export const invitedPasskeyRequest = vouchingRequest

/** `GET /api/invitations/:secret`: how it stands, for whoever has the link. */
export const joiningSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('open'),
    username: z.string(),
    display: z.string(),
    /** The payer's passkeys: a device that has one of them needs no other. */
    credentialIds: z.array(z.string()),
  }),
  z.strictObject({ state: z.literal('made') }),
  /** The passkey was vouched for: it may sign in. */
  z.strictObject({ state: z.literal('joined') }),
  z.strictObject({ state: z.literal('over') }),
])
export type Joining = z.output<typeof joiningSchema>
/** `POST /api/invitations/:secret/intent`, body `{}`, and with what was made, `POST /api/invitations/:secret/passkey`: once. The answer is `{}`. */
export const joiningRequest = z.strictObject({ ...madePasskeyRequest.shape, proof: sha256Text })

/** A time as ISO 8601 has it, in UTC. */
const timeText = z.iso.datetime()
/** `over`: the bank will not confirm it. `final`: it can be undone no more. */
export const nameRecoveryStates = ['pending', 'recovered', 'undone', 'final', 'over'] as const

/**
 * `GET /api/account/export`: all that is kept of who is signed in and can be shown to them, as a file; the members are meant to be read by
 * people and other programs alike. Records of cards are left out: only the bank can open them. So is what only proves something to a machine.
 */
export const accountExportSchema = z.strictObject({
  exportedAt: timeText,
  name: z.strictObject({ username: z.string(), display: z.string(), createdAt: timeText }),
  passkeys: z.array(
    z.strictObject({
      nickname: z.string().nullable(),
      keeper: z.string().nullable(),
      createdAt: timeText,
      lastUsedAt: timeText.nullable(),
      isSynced: z.boolean(),
    }),
  ),
  /** The one that pays first, first. */
  cards: z.array(
    cardFaceSchema.extend({
      bank: z.string(),
      addedAt: timeText,
      nickname: z.string().nullable(),
      isFrozen: z.boolean(),
      /** What the bank waits to hear from the cardholder, or heard; null where nothing is left to be heard. */
      confirmation: z.enum(['awaited', 'denied', 'lapsed']).nullable(),
      /** As this server knows them; null for none. Minor units. */
      limits: cardLimitsSchema.nullable(),
      /** What was asked for and does not hold in every part yet. */
      raise: z.strictObject({ limits: cardLimitsSchema.nullable(), holdsFrom: timeText }).nullable(),
    }),
  ),
  /** The code itself is on its owner's paper alone. */
  recovery: z.strictObject({
    codeMadeAt: timeText.nullable(),
    /** Whenever somebody began to get the name back by it. */
    attempts: z.array(
      z.strictObject({ startedAt: timeText, recoveredAt: timeText.nullable(), state: z.enum(nameRecoveryStates) }),
    ),
  }),
  /** Where somebody is signed in. */
  sessions: z.array(z.strictObject({ since: timeText, lastUsedAt: timeText })),
  /** The link by which another device may make a passkey; null where there is none. */
  invitation: z.strictObject({ until: timeText, isUsed: z.boolean() }).nullable(),
  /** Browsers that are told of payments. */
  notifications: z.array(z.strictObject({ pushService: z.string(), language: z.string(), since: timeText })),
  /** Newest first; amounts in minor units. */
  payments: z.array(activityEntrySchema.omit({ atMs: true }).extend({ at: timeText })),
})
export type AccountExport = z.output<typeof accountExportSchema>

/**
 * `POST /api/account/closing/intent`, body `{}`; and with what any passkey of the payer signed, `POST /api/account/closing`, answered by `{}`.
 * The session ends, cards and passkeys go here and at the bank, and the name is nobody's for ever.
 */
export const closeAccountIntentAnswer = z.strictObject({ intent: closeAccountIntentSchema })
export const closeAccountRequest = z.strictObject({
  intent: closeAccountIntentSchema,
  response: authenticationResponseSchema,
})

/**
 * `GET /api/recovery`: when the payer's recovery code was made, and whether somebody got the name back by one less than 72 hours ago. Milliseconds
 * since the Unix epoch; null where there is none.
 */
export const recoveryAnswer = z.strictObject({
  codeMadeAtMs: z.int().nullable(),
  recovered: z.strictObject({ recoveredAtMs: z.int(), heldUntilMs: z.int() }).nullable(),
})
/** `POST /api/recovery/code/intent`, body `{}`; and with what a passkey signed, `POST /api/recovery/code`, which tells a new code this once. */
export const makeRecoveryCodeIntentAnswer = z.strictObject({ intent: makeRecoveryCodeIntentSchema })
export const makeRecoveryCodeRequest = z.strictObject({
  intent: makeRecoveryCodeIntentSchema,
  response: authenticationResponseSchema,
})
export const recoveryCodeAnswer = z.strictObject({ code: z.string() })
/** `POST /api/recovery/loss`, by anybody who has the code: every card of the name is frozen, and it is signed out everywhere. Answered by `{}`. */
export const reportLossRequest = z.strictObject({ username: usernameText, code: z.string().min(1).max(80) })

const recoveryClaim = { username: usernameText, code: z.string().min(1).max(80) }
/**
 * Gets a name back after every passkey is lost: `POST /api/recovery/name/intent`, by anybody who has the code, which also does what
 * `/api/recovery/loss` does; and with the passkey that was made, `POST /api/recovery/name`. That gives nothing yet: `secret` is what its device
 * asks by, `POST /api/recovery/name/standing`, how the bank's question to the cardholder stands.
 */
export const recoverNameIntentRequest = z.strictObject(recoveryClaim)
export const recoverNameIntentAnswer = z.strictObject({ intent: recoverIntentSchema })
export const recoverNameRequest = z.strictObject({
  ...recoveryClaim,
  intent: recoverIntentSchema,
  response: registrationResponseSchema,
})
const recoverySecret = base64urlText(22).length(22)
export const nameRecoverySchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('pending'),
    /** The thumbprint of the new passkey: the page of the bank shows its beginning, and the device knows its own. */
    passkey: sha256Text,
    /** Every card of the name. One that is confirmed is enough for the name; each other one pays again once it is confirmed, too. */
    cards: z.array(
      z.strictObject({
        id: cardIdSchema,
        face: cardFaceSchema,
        /** `unasked`: the bank is out of reach. */
        state: z.enum([...recoveryStates, 'unasked']),
        /** The page of the bank, while it is awaited. */
        confirmation: z.strictObject({ url: z.string(), expiresAtMs: z.int() }).exactOptional(),
      }),
    ),
  }),
  /** The new passkey signs in. Until `heldUntilMs` a passkey of before can undo it, and cards pay little. */
  z.strictObject({ state: z.literal('recovered'), recoveredAtMs: z.int(), heldUntilMs: z.int() }),
  z.strictObject({ state: z.literal('over') }),
])
export type NameRecovery = z.output<typeof nameRecoverySchema>
export const recoverNameAnswer = z.strictObject({ secret: recoverySecret, standing: nameRecoverySchema })
export const nameRecoveryRequest = z.strictObject({ secret: recoverySecret })

/**
 * "This was not me": to a passkey of before, `POST /api/sessions` and a confirmation of a payment answer the problem `name-recovered`. `POST /api/recovery/undoing/intent` and,
 * with what that passkey signed, `POST /api/recovery/undoing` give it the name back, answered by a {@link payerSchema} with a session.
 */
export const undoRecoveryIntentRequest = z.strictObject({ credentialId: credentialIdSchema })
export const undoRecoveryIntentAnswer = z.strictObject({ intent: undoRecoveryIntentSchema, recoveredAtMs: z.int() })
export const undoRecoveryRequest = z.strictObject({
  intent: undoRecoveryIntentSchema,
  response: authenticationResponseSchema,
})
