import { z } from 'zod'
import type { CredentialId } from './identifiers.ts'
import {
  addCardIntentSchema,
  addPasskeyIntentSchema,
  base64urlText,
  payIntentSchema,
  setLimitIntentSchema,
  undoRecoveryIntentSchema,
  unfreezeCardIntentSchema,
} from './wire/intent-schema.ts'

/** WebAuthn L3 §5.8.1 `type`; `payment.get` comes from Secure Payment Confirmation. */
export const ceremonySchema = z.enum(['webauthn.get', 'payment.get'])

export const credentialIdSchema = base64urlText(1364).transform((id) => id as CredentialId) // §5.1: at most 1,023 bytes

/** The part of an assertion that proves something: what the authenticator signed, and the signature. */
export const assertionSchema = z.strictObject({
  ceremony: ceremonySchema,
  credentialId: credentialIdSchema,
  authenticatorData: base64urlText(4096),
  clientDataJSON: base64urlText(16384),
  signature: base64urlText(1024),
  /** base64url; absent where the authenticator did not name the user. */
  userHandle: base64urlText(86).optional(),
})
export type Assertion = z.output<typeof assertionSchema>

/** What the browser posts: `PublicKeyCredential.toJSON()` of `get()` (WebAuthn L3 §5.1, AuthenticationResponseJSON). */
export const authenticationResponseSchema = z.strictObject({
  id: credentialIdSchema,
  rawId: z.string(),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  response: z.strictObject({
    authenticatorData: base64urlText(4096),
    clientDataJSON: base64urlText(16384),
    signature: base64urlText(1024),
    userHandle: base64urlText(86).nullish(),
  }),
})
export type AuthenticationResponse = z.output<typeof authenticationResponseSchema>

/** What the browser posts after `create()` (RegistrationResponseJSON). */
export const registrationResponseSchema = z.strictObject({
  id: credentialIdSchema,
  rawId: z.string(),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  response: z.strictObject({
    attestationObject: base64urlText(65536),
    clientDataJSON: base64urlText(16384),
    transports: z.array(z.string().max(32)).max(8).optional(),
    publicKeyAlgorithm: z.int().optional(),
    publicKey: base64urlText(4096).nullish(),
    authenticatorData: base64urlText(8192).optional(),
  }),
})
export type RegistrationResponse = z.output<typeof registrationResponseSchema>

/** An intent with the payer's signature over it: enough for anybody who knows the passkey's key to check it. */
export const payEvidenceSchema = z.strictObject({ intent: payIntentSchema, assertion: assertionSchema })
export const cardEvidenceSchema = z.strictObject({
  intent: z.discriminatedUnion('purpose', [addCardIntentSchema, payIntentSchema]),
  assertion: assertionSchema,
})
export const limitEvidenceSchema = z.strictObject({ intent: setLimitIntentSchema, assertion: assertionSchema })
export type LimitEvidence = z.output<typeof limitEvidenceSchema>
export const passkeyEvidenceSchema = z.strictObject({ intent: addPasskeyIntentSchema, assertion: assertionSchema })
export type PasskeyEvidence = z.output<typeof passkeyEvidenceSchema>
export const unfreezeEvidenceSchema = z.strictObject({ intent: unfreezeCardIntentSchema, assertion: assertionSchema })
export type UnfreezeEvidence = z.output<typeof unfreezeEvidenceSchema>
export const undoEvidenceSchema = z.strictObject({ intent: undoRecoveryIntentSchema, assertion: assertionSchema })
export type UndoEvidence = z.output<typeof undoEvidenceSchema>
