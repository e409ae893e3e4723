/**
 * What the bank answers, for anybody who wants to build either side.
 *
 * Every operation is `POST /{operation}` with a compact JWS (RFC 7515 §7.1, ES256) as `application/jose`, and is answered by
 * one. Headers: `alg` ES256, `kid`, and a `typ` that is different for every operation and for answers. Both sides pin the
 * other's keys by `kid`. Claims (RFC 7519 §4.1): `iss`, `aud`, `iat`, `exp` (at most 120 s later), `jti`; the operation's own
 * members are in `body`. An answer names the request's `jti` in `inResponseTo`. Anything that is not such an answer — another
 * status than 200, another signature, another `inResponseTo` — leaves the outcome *unknown*: ask again by reference.
 */
import { z } from 'zod'
import { type CardRecord, cardBrands, type SealedCard } from '../card.ts'
import { declineReasons } from '../decline.ts'
import {
  cardEvidenceSchema,
  ceremonySchema,
  credentialIdSchema,
  limitEvidenceSchema,
  passkeyEvidenceSchema,
  payEvidenceSchema,
  undoEvidenceSchema,
  unfreezeEvidenceSchema,
} from '../evidence.ts'
import { currencies } from '../money.ts'
import {
  base64urlText,
  cardIdSchema,
  cardLimitsSchema,
  merchantIdSchema,
  moneySchema,
  paymentIdSchema,
  pseudonymSchema,
  recoveryIdSchema,
  sha256Text,
} from './intent-schema.ts'

const compactJwe = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}$/)
export const sealedCardSchema = compactJwe(4096).transform((jwe) => jwe as SealedCard)
export const cardRecordSchema = compactJwe(8192).transform((jwe) => jwe as CardRecord)
export const cardFaceSchema = z.strictObject({ brand: z.enum(cardBrands), last4: z.string().regex(/^[0-9]{4}$/) })

/** One try to pay a payment: `pay_…` and the number of the try, one to five. Fixed before the bank is asked. */
export const authorizationReferenceSchema = z.string().regex(/^pay_[A-Za-z0-9_-]{22}\.[1-9]$/)

/** The passkey the bank pins to a card: credential id and COSE key, both base64url, and what may never change about it. */
export const pinnedPasskeySchema = z.strictObject({
  credentialId: credentialIdSchema,
  publicKey: base64urlText(2048),
  isBackupEligible: z.boolean(),
})
export type PinnedPasskey = z.output<typeof pinnedPasskeySchema>

/** More than anybody has. */
export const passkeysMax = 10

/**
 * Adds a card: opens the seal, checks the card, binds the passkeys. Idempotent by `card` with the same seal. They are just those that the
 * seal names (`passkeySetOf` of `../passkey.ts`), and one of them signed the evidence.
 * A number that its payer has added before begins under the limits it is under already.
 */
export const enrolBody = z.strictObject({
  card: cardIdSchema,
  payer: pseudonymSchema,
  sealed: sealedCardSchema,
  passkeys: z.array(pinnedPasskeySchema).min(1).max(passkeysMax),
  evidence: cardEvidenceSchema,
})
const refused = z.strictObject({
  outcome: z.literal('refused'),
  card: cardIdSchema,
  reason: z.enum(declineReasons),
  responseCode: z.string().regex(/^[0-9]{2}$/),
})
/** How limits stand. */
export const standingLimits = {
  /** The highest number of a change that the bank has heard of; 0 for none. */
  change: z.int().min(0),
  /** What holds now: of old and new limits the lower ones. Null for no limit. */
  limits: cardLimitsSchema.nullable(),
  /** What was asked for last, where it does not hold in every part yet. */
  pending: z
    .strictObject({
      limits: cardLimitsSchema.nullable(),
      /** From when on all of it holds. */
      fullFromMs: z.int().positive(),
      /** Thumbprint of the passkey that signed it; null where the card was added with it. */
      signedBy: sha256Text.nullable(),
    })
    .nullable(),
} as const

export const enrolAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('enrolled'),
    card: cardIdSchema,
    record: cardRecordSchema,
    face: cardFaceSchema,
    /** What the card begins with: the limit that was typed with it, or that the payer's earlier cards of its number are under. */
    standing: z.strictObject(standingLimits),
    /** Where the cardholder must say yes, on a page of the bank's own, before this card pays. Absent where none is asked. */
    confirmation: z.strictObject({ url: z.string(), expiresAtMs: z.int().positive() }).exactOptional(),
  }),
  refused,
])

/** Asks for money: holds it, and books it at once where `capture` is `automatic`. Idempotent by `reference`. */
export const authorizeBody = z.strictObject({
  reference: authorizationReferenceSchema,
  payment: paymentIdSchema,
  /** The name the bank knows the payer by; it is inside the card record too. */
  payer: pseudonymSchema,
  record: cardRecordSchema,
  evidence: payEvidenceSchema,
  capture: z.enum(['automatic', 'manual']),
})

/**
 * What the bank says of a payment its payee is shown, signed as it stands: it names nobody who pays, and nothing by which two payees could
 * find out that one payer is the same.
 */
const approved = z.strictObject({
  outcome: z.literal('approved'),
  reference: authorizationReferenceSchema,
  amount: moneySchema,
  /** Who is paid. */
  payee: merchantIdSchema,
  /** Whole amount booked so far; equals `amount` after an automatic capture. Minor units. */
  capturedMinor: z.int().min(0),
  /** ISO 8583 field 38. */
  approvalCode: z.string().regex(/^[0-9A-Z]{6}$/),
  responseCode: z.literal('00'),
  bookedAtMs: z.int().positive(),
  /** SHA-256 of the intent it was booked by, as the bank computed it from what it booked: what the payer's passkey signed. */
  challenge: sha256Text,
  /** The passkey that signed it, as `signerOf` of `../passkey.ts` names it. With `challenge` it makes this answer a part of a receipt. */
  signer: sha256Text,
  /** Who asked the payer: the wallet's own page (`webauthn.get`), or the browser in a dialog of its own (`payment.get`). */
  ceremony: ceremonySchema,
  /** The card that pays. */
  face: cardFaceSchema,
})
const declined = z.strictObject({
  outcome: z.literal('declined'),
  reference: authorizationReferenceSchema,
  amount: moneySchema,
  reason: z.enum(declineReasons),
  /** ISO 8583 field 39. */
  responseCode: z.string().regex(/^[0-9]{2}$/),
})
/** The bank has undone it, or promises never to do it: a tombstone stops a late original. */
const reversed = z.strictObject({ outcome: z.literal('reversed'), reference: authorizationReferenceSchema })
/** The bank has never seen this reference. It may still arrive: only a reversal makes it sure. */
const absent = z.strictObject({ outcome: z.literal('absent'), reference: authorizationReferenceSchema })

/**
 * How long what a `manual` authorization holds stays set aside, from `bookedAtMs` on and by the bank's clock. After that nothing can be
 * captured of it. A payment server whose clock says so voids it, rather than believe that both clocks agree.
 */
export const holdLifetimeMs = 7 * 24 * 60 * 60_000

export const authorizeAnswer = z.discriminatedUnion('outcome', [approved, declined])
export const inquireBody = z.strictObject({ reference: authorizationReferenceSchema })
export const inquireAnswer = z.discriminatedUnion('outcome', [approved, declined, reversed, absent])
export const reverseBody = z.strictObject({ reference: authorizationReferenceSchema })
/** `declined`: there was nothing to undo. */
export const reverseAnswer = z.discriminatedUnion('outcome', [reversed, declined])

/**
 * Names one capture or refund of an authorization, before the bank is asked. Asked again under the same name, the bank answers again
 * and moves nothing; another amount under it, or another `isFinal`, is the problem `reference-reused`.
 */
export const movementNameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const movementBody = { reference: authorizationReferenceSchema, name: movementNameSchema, amount: moneySchema }
const movement = {
  ...movementBody,
  payee: merchantIdSchema,
  /** Of the whole authorization, so far. Minor units. */
  capturedMinor: z.int().min(0),
  refundedMinor: z.int().min(0),
}

/** Takes money that a `manual` authorization set aside: all of it, or part by part. `isFinal` releases what is left. */
export const captureBody = z.strictObject({ ...movementBody, isFinal: z.boolean() })
/** `declined` moved nothing: `invalid-amount` is more than is left, `not-permitted` is void, expired or never approved. */
export const captureAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('captured'), ...movement }),
  declined,
])

/** Gives back money that was captured: all of it, or part by part. */
export const refundBody = z.strictObject(movementBody)
/** `declined` moved nothing: `invalid-amount` is more than was captured and not given back yet. */
export const refundAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('refunded'), ...movement }),
  declined,
])

/** Releases what a `manual` authorization holds and nobody captured. Asked again, it answers again. */
export const voidBody = z.strictObject({ reference: authorizationReferenceSchema })
/** `declined`: there was nothing to release; `absent`: there is no such authorization, and a late one may still come. */
export const voidAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('voided'),
    reference: authorizationReferenceSchema,
    payee: merchantIdSchema,
    /** What was captured before, and stays so. Minor units. */
    capturedMinor: z.int().min(0),
  }),
  declined,
  absent,
])

/** Minor units, since the day and the month began, UTC. */
export const spentSchema = z.array(
  z.strictObject({ currency: z.enum(currencies), dayMinor: z.int().min(0), monthMinor: z.int().min(0) }),
)

/** How the limits of a card stand at the bank. */
const limitStanding = {
  card: cardIdSchema,
  ...standingLimits,
  /**
   * What counts against the limits, one entry a currency: what the bank approved in this day and month, UTC, and did not release or undo,
   * under whatever card ids the payer has added the number. What was given back by a refund still counts.
   */
  spent: spentSchema,
  /** Thumbprints of the passkeys of which two together raise at once: bound with the card, or a day ago. */
  longBound: z.array(sha256Text),
}

/**
 * Sets what a card may be asked for, as its payer signed it. Idempotent by the intent's nonce. The payment server numbers the changes of a
 * card: one that comes after another with a higher number changes nothing. What lowers holds at once. What raises, or lifts, holds a day
 * after the bank heard of it; or as soon as another passkey has signed the same limits under the same number, where both were bound long
 * enough. Heard of only when its intent is over, a change lowers and never raises.
 *
 * What is spoken for counts, so that neither payments side by side nor a second id of the same number can slip past.
 */
export const limitBody = z.strictObject({
  card: cardIdSchema,
  payer: pseudonymSchema,
  record: cardRecordSchema,
  evidence: limitEvidenceSchema,
})
export const limitAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('limited'), ...limitStanding }),
  refused,
])

/** How the limits of a card stand. Changes nothing. */
export const allowanceBody = z.strictObject({ card: cardIdSchema, record: cardRecordSchema })
export const allowanceAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('allowance'), ...limitStanding }),
  refused,
])

/**
 * Stops a card, or lets it pay again. The payment server numbers the changes of a card from one, before the bank is asked: asked again
 * under the same number the bank answers again, and of changes that overtake each other the highest number counts. To stop a card takes
 * the payment server's word; to let it pay again takes the payer's signature over this very change, however late the bank hears of it.
 */
const cardChange = { card: cardIdSchema, change: z.int().min(1).max(1_000_000) }
export const freezeBody = z.discriminatedUnion('isFrozen', [
  z.strictObject({ ...cardChange, isFrozen: z.literal(true) }),
  z.strictObject({ ...cardChange, isFrozen: z.literal(false), evidence: unfreezeEvidenceSchema }),
])
/** Whether the card is frozen now: a change that came late may have changed nothing. */
export const freezeAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('changed'), card: cardIdSchema, isFrozen: z.boolean() }),
  refused,
])

/** Takes every passkey off a card for good: nothing pays with this card id any more. Asked again, it answers again. */
export const unbindBody = z.strictObject({ card: cardIdSchema })
export const unbindAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('unbound'), card: cardIdSchema }),
  refused,
])

/**
 * Binds one more passkey to a card, as one that is bound to it signed. Asked again, it answers again; a passkey that was revoked is never
 * bound again. Of any age: the bank may have been out of reach for long.
 */
export const bindBody = z.strictObject({
  card: cardIdSchema,
  payer: pseudonymSchema,
  record: cardRecordSchema,
  passkey: pinnedPasskeySchema,
  evidence: passkeyEvidenceSchema,
})
export const bindAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('bound'), card: cardIdSchema, passkey: sha256Text }),
  refused,
])

/** Takes a passkey off every card of a payer, and off those that are added later: its signatures move no money any more. */
export const revokeBody = z.strictObject({ payer: pseudonymSchema, passkey: sha256Text })
export const revokeAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('revoked'), passkey: sha256Text }),
])

/**
 * Asks the bank to ask its cardholder, on a page of the bank's own, whether this new passkey takes over a card whose payer has lost every
 * other one; and then what they said. Idempotent by recovery and card. Where they say yes, and show the bank that they have the card, the passkey
 * is bound to it, and no other passkey of the payer's pays with any card any more. For 72 hours then the payer's cards pay little, and a
 * passkey of before can undo it. Cards are asked about one by one: without a word of its own none comes back.
 */
export const recoverBody = z.strictObject({
  recovery: recoveryIdSchema,
  card: cardIdSchema,
  payer: pseudonymSchema,
  passkey: pinnedPasskeySchema,
})
export const recoveryStates = ['awaited', 'confirmed', 'denied', 'lapsed'] as const
export const recoverAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('recovery'),
    card: cardIdSchema,
    /** `lapsed`: not said in time, or the bank was shown a wrong card too often, or another recovery came first. */
    state: z.enum(recoveryStates),
    /** Where the cardholder says so, once. Absent where the passkey is bound to this card anyway, and there is nothing to ask. */
    confirmation: z.strictObject({ url: z.string(), expiresAtMs: z.int().positive() }).exactOptional(),
    /** When the first card of this recovery was confirmed, by the bank's clock: the 72 hours count from here. Null while none was. */
    recoveredAtMs: z.int().positive().nullable(),
  }),
  refused,
])

/**
 * "This was not me": what a passkey signed that a recovery took the cards from. It gives them back, and takes every passkey away that has come
 * since, for good. Signed within 72 hours, by the bank's clock, and heard within a day after. Asked again, it answers again. `absent`: no
 * cardholder has confirmed such a recovery, so there is nothing to give back.
 */
export const undoBody = z.strictObject({
  recovery: recoveryIdSchema,
  payer: pseudonymSchema,
  evidence: undoEvidenceSchema,
})
export const undoAnswer = z.strictObject({
  outcome: z.enum(['undone', 'refused', 'absent']),
  recovery: recoveryIdSchema,
})

/** How a card stands: whether its holder was asked about it, and what they said. */
export const standingBody = z.strictObject({ card: cardIdSchema })
export const standingAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('standing'),
    card: cardIdSchema,
    /** `awaited`: nothing said yet. `lapsed`: nothing said in time; nothing can be said any more. */
    confirmation: z.enum(['not-asked', 'awaited', 'confirmed', 'denied', 'lapsed']),
  }),
  refused,
])

/** Makes a card's record anew under the bank's current key, so that an older key can be retired. */
export const resealBody = z.strictObject({ card: cardIdSchema, record: cardRecordSchema })
export const resealAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('resealed'), card: cardIdSchema, record: cardRecordSchema }),
  refused,
])

/** The bank's own account of a stretch of time, to compare with the payment server's. Page by page, in the bank's order. */
export const statementBody = z.strictObject({
  fromMs: z.int().min(0),
  /** Not itself included. */
  untilMs: z.int().positive(),
  /** `next` of the page before, or null for the first. */
  after: authorizationReferenceSchema.nullable(),
})
export const statementAnswer = z.strictObject({
  entries: z.array(
    z.strictObject({
      reference: authorizationReferenceSchema,
      amount: moneySchema,
      state: z.enum(['approved', 'declined', 'reversed']),
      capturedMinor: z.int().min(0),
      refundedMinor: z.int().min(0),
      /** Set aside and not captured. Minor units. */
      heldMinor: z.int().min(0),
      decidedAtMs: z.int().positive(),
    }),
  ),
  next: authorizationReferenceSchema.nullable(),
})

/** Every operation: its address, the `typ` of the request, and the bodies of both directions. */
export const bankOperations = {
  enrol: { path: '/enrolments', type: 'moniker-enrol+jws', body: enrolBody, answer: enrolAnswer },
  authorize: { path: '/authorizations', type: 'moniker-authorize+jws', body: authorizeBody, answer: authorizeAnswer },
  inquire: { path: '/inquiries', type: 'moniker-inquire+jws', body: inquireBody, answer: inquireAnswer },
  reverse: { path: '/reversals', type: 'moniker-reverse+jws', body: reverseBody, answer: reverseAnswer },
  capture: { path: '/captures', type: 'moniker-capture+jws', body: captureBody, answer: captureAnswer },
  refund: { path: '/refunds', type: 'moniker-refund+jws', body: refundBody, answer: refundAnswer },
  void: { path: '/voids', type: 'moniker-void+jws', body: voidBody, answer: voidAnswer },
  limit: { path: '/limits', type: 'moniker-limit+jws', body: limitBody, answer: limitAnswer },
  allowance: { path: '/allowances', type: 'moniker-allowance+jws', body: allowanceBody, answer: allowanceAnswer },
  freeze: { path: '/freezes', type: 'moniker-freeze+jws', body: freezeBody, answer: freezeAnswer },
  unbind: { path: '/unbindings', type: 'moniker-unbind+jws', body: unbindBody, answer: unbindAnswer },
  bind: { path: '/bindings', type: 'moniker-bind+jws', body: bindBody, answer: bindAnswer },
  revoke: { path: '/revocations', type: 'moniker-revoke+jws', body: revokeBody, answer: revokeAnswer },
  recover: { path: '/recoveries', type: 'moniker-recover+jws', body: recoverBody, answer: recoverAnswer },
  undo: { path: '/undoings', type: 'moniker-undo+jws', body: undoBody, answer: undoAnswer },
  standing: { path: '/standings', type: 'moniker-standing+jws', body: standingBody, answer: standingAnswer },
  reseal: { path: '/reseals', type: 'moniker-reseal+jws', body: resealBody, answer: resealAnswer },
  statement: { path: '/statements', type: 'moniker-statement+jws', body: statementBody, answer: statementAnswer },
} as const
export type BankOperation = keyof typeof bankOperations
export type BankBody<O extends BankOperation> = z.output<(typeof bankOperations)[O]['body']>
export type BankAnswer<O extends BankOperation> = z.output<(typeof bankOperations)[O]['answer']>

/** The `typ` of an answer: `moniker-authorize-answer+jws`. */
export const answerType = (operation: BankOperation): string => `moniker-${operation}-answer+jws`

export const joseContentType = 'application/jose'
