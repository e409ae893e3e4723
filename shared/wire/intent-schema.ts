/** The strict shapes of intents on a wire; what they mean is in `../intent.ts`, which browsers load without a validator. */
import { z } from 'zod'
import { isCanonicalBase64url } from '../bytes.ts'
import {
  type CardId,
  identifierPattern,
  type MerchantId,
  type PayerPseudonym,
  type PaymentId,
  pseudonymPattern,
  type RecoveryId,
} from '../identifiers.ts'
import { currencies, type Money, money } from '../money.ts'

const text = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .refine((value) => value.isWellFormed())
export const base64urlText = (charactersMax: number) =>
  z.string().min(1).max(charactersMax).refine(isCanonicalBase64url)
/** SHA-256, base64url. */
export const sha256Text = base64urlText(43).length(43)

export const paymentIdSchema = z
  .string()
  .regex(identifierPattern('payment'))
  .transform((id) => id as PaymentId)
export const cardIdSchema = z
  .string()
  .regex(identifierPattern('card'))
  .transform((id) => id as CardId)
export const merchantIdSchema = z
  .string()
  .regex(identifierPattern('merchant'))
  .transform((id) => id as MerchantId)
export const pseudonymSchema = z
  .string()
  .regex(pseudonymPattern)
  .transform((id) => id as PayerPseudonym)
export const recoveryIdSchema = z
  .string()
  .regex(identifierPattern('recovery'))
  .transform((id) => id as RecoveryId)
export const moneySchema = z
  .strictObject({ minor: z.int().positive(), currency: z.enum(currencies) })
  .transform(({ minor, currency }): Money => money(minor, currency))

/** `nonce` is 16 random bytes and the server's 16-byte tag over the rest, so that issuing an intent writes nothing. */
const common = { v: z.literal(1), nonce: base64urlText(43).length(43), notAfter: z.int().positive() }

export const enrolIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('enrol'),
  /** The user handle of the passkey to be made: base64url of 16 random bytes. */
  userHandle: base64urlText(22).length(22),
  username: text(64),
})
export const signInIntentSchema = z.strictObject({ ...common, purpose: z.literal('sign-in') })
export const addCardIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('add-card'),
  card: cardIdSchema,
  payer: pseudonymSchema,
  /** SHA-256 of the sealed card's text, so that no other card can be put in its place. */
  seal: sha256Text,
})
export const removeCardIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('remove-card'),
  card: cardIdSchema,
  payer: pseudonymSchema,
})
export const unfreezeCardIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('unfreeze-card'),
  card: cardIdSchema,
  payer: pseudonymSchema,
  /** The number this change will have among the card's own: it lifts the freeze of now, and none that comes later. */
  change: z.int().positive(),
})
export const makePasskeyIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('make-passkey'),
  payer: pseudonymSchema,
  /** The payer's own, the same for every passkey of theirs: base64url of 16 random bytes. */
  userHandle: base64urlText(22).length(22),
})
export const addPasskeyIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('add-passkey'),
  payer: pseudonymSchema,
  /** Thumbprint of the passkey that shall pay as well: SHA-256 of its COSE key. */
  passkey: sha256Text,
})
export const removePasskeyIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('remove-passkey'),
  payer: pseudonymSchema,
  /** Thumbprint of the passkey that shall pay no more. */
  passkey: sha256Text,
})
/** Everything of the payer's goes, and the name pays nothing any more: for good. */
export const closeAccountIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('close-account'),
  payer: pseudonymSchema,
})
/** A code that stops every card of the payer's; whatever code there was before opens nothing any more. */
export const makeRecoveryCodeIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('make-recovery-code'),
  payer: pseudonymSchema,
})
/** A passkey for somebody who has lost all others and shows a recovery code. It is of no use until the bank has asked its cardholder. */
export const recoverIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('recover'),
  payer: pseudonymSchema,
  /** The payer's own, the same for every passkey of theirs: base64url of 16 random bytes. */
  userHandle: base64urlText(22).length(22),
})
/** "This was not me": a passkey of before takes the name back from whoever recovered it. */
export const undoRecoveryIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('undo-recovery'),
  payer: pseudonymSchema,
  recovery: recoveryIdSchema,
})
/** Of somebody whom a merchant was asked to invite: their passkey opens the merchant's console, and pays nothing. */
export const consoleEnrolIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('console-enrol'),
  merchant: merchantIdSchema,
  userHandle: base64urlText(22).length(22),
})
export const consoleSignInIntentSchema = z.strictObject({ ...common, purpose: z.literal('console-sign-in') })
export const payIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('pay'),
  payment: paymentIdSchema,
  payee: z.strictObject({ id: merchantIdSchema, name: text(80), origin: text(200) }),
  amount: moneySchema,
  /** The merchant's own name for the order. */
  reference: text(80),
  card: cardIdSchema,
  payer: pseudonymSchema,
  /** Only in a first payment, which adds the card it pays with: SHA-256 of the sealed card's text. */
  seal: sha256Text.optional(),
})

const limitMinor = z.int().positive().nullable()
/** The most that a card may be asked for; null does not limit. Minor units; days and months are UTC. */
export const cardLimitsSchema = z.strictObject({
  currency: z.enum(currencies),
  perPaymentMinor: limitMinor,
  perDayMinor: limitMinor,
  perMonthMinor: limitMinor,
})
export type CardLimits = z.output<typeof cardLimitsSchema>
/** Lowering applies at once; what raises waits a day, or for a second passkey to sign the same change. */
export const setLimitIntentSchema = z.strictObject({
  ...common,
  purpose: z.literal('set-limit'),
  card: cardIdSchema,
  payer: pseudonymSchema,
  /** The number of this change among the card's own: it undoes none that has a higher one. */
  change: z.int().min(1).max(1_000_000),
  limits: cardLimitsSchema,
})
