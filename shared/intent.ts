import type { z } from 'zod'
import { type Bytes, concat, utf8 } from './bytes.ts'
import { type CanonicalValue, canonicalJson } from './canonical-json.ts'
import type {
  addCardIntentSchema,
  addPasskeyIntentSchema,
  closeAccountIntentSchema,
  consoleEnrolIntentSchema,
  consoleSignInIntentSchema,
  enrolIntentSchema,
  makePasskeyIntentSchema,
  makeRecoveryCodeIntentSchema,
  payIntentSchema,
  recoverIntentSchema,
  removeCardIntentSchema,
  removePasskeyIntentSchema,
  setLimitIntentSchema,
  signInIntentSchema,
  undoRecoveryIntentSchema,
  unfreezeCardIntentSchema,
} from './wire/intent-schema.ts'

export type EnrolIntent = z.output<typeof enrolIntentSchema>
export type SignInIntent = z.output<typeof signInIntentSchema>
export type AddCardIntent = z.output<typeof addCardIntentSchema>
export type PayIntent = z.output<typeof payIntentSchema>
export type RemoveCardIntent = z.output<typeof removeCardIntentSchema>
export type UnfreezeCardIntent = z.output<typeof unfreezeCardIntentSchema>
export type MakePasskeyIntent = z.output<typeof makePasskeyIntentSchema>
export type AddPasskeyIntent = z.output<typeof addPasskeyIntentSchema>
export type RemovePasskeyIntent = z.output<typeof removePasskeyIntentSchema>
export type CloseAccountIntent = z.output<typeof closeAccountIntentSchema>
export type MakeRecoveryCodeIntent = z.output<typeof makeRecoveryCodeIntentSchema>
export type RecoverIntent = z.output<typeof recoverIntentSchema>
export type UndoRecoveryIntent = z.output<typeof undoRecoveryIntentSchema>
export type ConsoleEnrolIntent = z.output<typeof consoleEnrolIntentSchema>
export type ConsoleSignInIntent = z.output<typeof consoleSignInIntentSchema>
export type SetLimitIntent = z.output<typeof setLimitIntentSchema>

/** What a payer agrees to. The passkey signs the hash of it, so a change of any member makes the signature worthless. */
export type Intent =
  | EnrolIntent
  | SignInIntent
  | AddCardIntent
  | RemoveCardIntent
  | UnfreezeCardIntent
  | MakePasskeyIntent
  | AddPasskeyIntent
  | RemovePasskeyIntent
  | CloseAccountIntent
  | MakeRecoveryCodeIntent
  | PayIntent
  | SetLimitIntent
  | RecoverIntent
  | UndoRecoveryIntent
  | ConsoleEnrolIntent
  | ConsoleSignInIntent
export type Purpose = Intent['purpose']
export type IntentFor<P extends Purpose> = Extract<Intent, { purpose: P }>

/** Protocol: an intent lives at most five minutes. */
export const intentLifetimeMs = 5 * 60_000

const domain = concat(utf8('moniker/intent/v1'), new Uint8Array([0]))

/** The bytes whose SHA-256 is the WebAuthn challenge: `"moniker/intent/v1" ‖ 0x00 ‖ JCS(intent)`. */
export const intentPreimage = (intent: Intent): Bytes => preimageOf(intent as CanonicalValue)

/** The challenge a passkey signs. Every room computes it from the fields it is about to act on, never from a stored hash. */
export const challengeOf = (intent: Intent): Promise<Bytes> => challengeOfJson(intent as CanonicalValue)

/** The challenge of an intent as it stands in a file. */
export async function challengeOfJson(intent: CanonicalValue): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', preimageOf(intent)))
}

const preimageOf = (intent: CanonicalValue): Bytes => concat(domain, utf8(canonicalJson(intent)))
