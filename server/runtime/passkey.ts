/**
 * The only module that speaks to `@simplewebauthn/server`. The library does most of WebAuthn L3 §7; what it leaves to its
 * caller is done here, each check beside its clause. Every refusal is one Problem, `passkey-refused`, whose cause stays in our
 * log: which check failed is no business of whoever sent the assertion.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { z } from 'zod'
import { type Bytes, base64url, bytesOfBase64url, textOfUtf8 } from '../../shared/bytes.ts'
import {
  type Assertion,
  type AuthenticationResponse,
  ceremonySchema,
  credentialIdSchema,
  type RegistrationResponse,
} from '../../shared/evidence.ts'
import type { CredentialId } from '../../shared/identifiers.ts'
import { dialogOn, isShownIn, type PaymentDialogs } from '../../shared/payment-dialog.ts'
import { Problem } from '../../shared/problem.ts'
import { algorithmOf, type PasskeyAlgorithm } from '../../shared/receipt/cose-key.ts'
import { rawSignatureOf } from '../../shared/receipt/ecdsa-signature.ts'
import { parseStrictJson } from '../../shared/strict-json.ts'

/** Whose passkeys these are, and the pages that may use them. From configuration, never from a request. */
export type RelyingParty = { readonly id: string; readonly origins: readonly string[] }

/** What is kept of a passkey to check its next use. `publicKey` is the COSE key (RFC 9052 §7), base64url. */
export type Passkey = {
  readonly credentialId: CredentialId
  readonly publicKey: string
  readonly signatureCounter: number
  /** Whether it may be synced to other devices; set for life at registration (WebAuthn L3 §6.1.3). */
  readonly isBackupEligible: boolean
}
export type NewPasskey = Passkey & {
  readonly isBackedUp: boolean
  readonly transports: readonly string[]
  /** The authenticator's model (WebAuthn L3 §6.5.1.1), a UUID; all zeros where it does not say. */
  readonly aaguid: string
}

/** ES256 and RS256 (RFC 9053 §2.1, RFC 8812 §2): pinned, because the library's default follows the Node version. */
const algorithms = [-7, -257]

const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
  payment: z.unknown().optional(),
})
type ClientData = z.output<typeof clientDataSchema>

/**
 * Checks a new passkey (WebAuthn L3 §7.1).
 * @throws {Problem} `passkey-refused`
 */
export async function verifyRegistration(registration: {
  readonly response: RegistrationResponse
  readonly challenge: Bytes
  readonly relyingParty: RelyingParty
}): Promise<NewPasskey> {
  const { response, challenge, relyingParty } = registration
  refuseUnless(response.rawId === response.id, 'id and rawId differ')
  checkClientData(response.response.clientDataJSON)
  const verified = await verifyRegistrationResponse({
    response: {
      id: response.id,
      rawId: response.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        attestationObject: response.response.attestationObject,
        clientDataJSON: response.response.clientDataJSON,
      },
    },
    expectedChallenge: base64url(challenge),
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserPresence: true,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch(refuse)
  if (!verified.verified) throw refusal('the attestation does not verify')
  const { credential, credentialDeviceType, credentialBackedUp, aaguid, fmt } = verified.registrationInfo
  refuseUnless(fmt === 'none', 'an attestation nobody asked for')
  // §7.1 step 26: the id the response claims is the id the authenticator made.
  refuseUnless(credential.id === response.id, 'the id is not that of the credential')
  const publicKey = base64url(credential.publicKey)
  keyAlgorithmOf(publicKey)
  return {
    credentialId: credentialIdSchema.parse(credential.id),
    publicKey,
    signatureCounter: credential.counter,
    isBackupEligible: credentialDeviceType === 'multiDevice',
    isBackedUp: credentialBackedUp,
    transports: response.response.transports ?? [],
    aaguid,
  }
}

/** Takes what proves something out of what a browser posted. @throws {Problem} `passkey-refused` */
export function toAssertion(posted: AuthenticationResponse): Assertion {
  refuseUnless(posted.rawId === posted.id, 'id and rawId differ')
  const { authenticatorData, clientDataJSON, signature, userHandle } = posted.response
  const ceremony = ceremonySchema.safeParse(checkClientData(clientDataJSON).type)
  if (!ceremony.success) throw refusal('not a ceremony that proves anything')
  const assertion = { ceremony: ceremony.data, credentialId: posted.id, authenticatorData, clientDataJSON, signature }
  return userHandle === null || userHandle === undefined ? assertion : { ...assertion, userHandle }
}

/**
 * Checks that this passkey signed this challenge, with the user present and verified (WebAuthn L3 §7.2).
 * @param use `challenge` is computed from the intent that is about to be acted on; `userHandle` is the payer's own, where known;
 *   `dialogs` are what the browser must have shown where it asked the payer itself, and absent where it had no business to. Then the page
 *   that had it ask may also be the payee's: of a dialog that no page can change nothing hangs on whose page it is over
 * @returns what to remember for the next use
 * @throws {Problem} `passkey-refused`
 */
export async function verifyAssertion(use: {
  readonly assertion: Assertion
  readonly challenge: Bytes
  readonly relyingParty: RelyingParty
  readonly passkey: Passkey
  readonly userHandle?: string
  readonly dialogs?: PaymentDialogs | undefined
}): Promise<{ signatureCounter: number; isBackedUp: boolean }> {
  const { assertion, challenge, relyingParty, passkey, userHandle, dialogs } = use
  refuseUnless(assertion.credentialId === passkey.credentialId, 'another passkey') // §7.2 step 5
  const isNamed = assertion.userHandle !== undefined && userHandle !== undefined
  refuseUnless(!isNamed || assertion.userHandle === userHandle, 'another user') // §7.2 step 6
  const clientData = checkClientData(assertion.clientDataJSON)
  checkSignatureEncoding(assertion, passkey)
  const payeeOrigins = assertion.ceremony === 'payment.get' && dialogs !== undefined ? [dialogs.payeeOrigin] : []
  const verified = await verifyAuthenticationResponse({
    response: {
      id: assertion.credentialId,
      rawId: assertion.credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        authenticatorData: assertion.authenticatorData,
        clientDataJSON: assertion.clientDataJSON,
        signature: assertion.signature,
      },
    },
    expectedType: assertion.ceremony,
    expectedChallenge: base64url(challenge),
    expectedOrigin: [...relyingParty.origins, ...payeeOrigins],
    expectedRPID: relyingParty.id,
    // The library refuses a counter that does not rise even for synced passkeys; our own rule is below.
    credential: { id: passkey.credentialId, publicKey: bytesOfBase64url(passkey.publicKey), counter: 0 },
    requireUserVerification: true,
  }).catch(refuse)
  refuseUnless(verified.verified, 'the signature does not verify')
  const { newCounter, credentialDeviceType, credentialBackedUp } = verified.authenticationInfo
  const isBackupEligible = credentialDeviceType === 'multiDevice'
  refuseUnless(isBackupEligible === passkey.isBackupEligible, 'backup eligibility changed') // §7.2 step 20
  // §7.2 step 22: only a passkey that lives on one device can be told from its clone by the counter.
  const hasCounter = newCounter > 0 || passkey.signatureCounter > 0
  const isClone = !isBackupEligible && hasCounter && newCounter <= passkey.signatureCounter
  refuseUnless(!isClone, 'the counter did not rise')
  // Last, so that how long it takes tells only who holds the passkey what was expected.
  if (assertion.ceremony === 'payment.get') checkDialog(clientData, relyingParty, dialogs)
  return { signatureCounter: newCounter, isBackedUp: credentialBackedUp }
}

/** What the browser's own dialog showed is what is agreed to, member by member: the library checks none of it. */
function checkDialog(clientData: ClientData, relyingParty: RelyingParty, dialogs: PaymentDialogs | undefined): void {
  const { origin, payment } = clientData
  if (dialogs === undefined) throw refusal('another ceremony')
  refuseUnless(
    isShownIn(payment, dialogOn(origin, dialogs), { relyingPartyId: relyingParty.id, origin }),
    'another payment was shown',
  )
}

/** Ceremonies happen on a top-level page: the library would accept a frame that does not name its top. */
function checkClientData(clientDataJSON: string): ClientData {
  const parsed = clientDataSchema.safeParse(jsonOrUndefined(clientDataJSON))
  if (!parsed.success) throw refusal('the client data cannot be read')
  refuseUnless(parsed.data.crossOrigin !== true && parsed.data.topOrigin === undefined, 'inside a frame')
  return parsed.data
}

function jsonOrUndefined(encoded: string): unknown {
  try {
    return parseStrictJson(textOfUtf8(bytesOfBase64url(encoded)))
  } catch {
    return undefined
  }
}

/**
 * An ES256 signature has one DER spelling (X.690 §10.1, §11), of which the library reads others too; an RS256 one has no structure. Which of
 * the two it is, the key says that was kept: its length, whoever signs may choose.
 */
function checkSignatureEncoding({ signature }: Assertion, { publicKey }: Passkey): void {
  if (keyAlgorithmOf(publicKey) !== 'ES256') return
  try {
    rawSignatureOf(bytesOfBase64url(signature))
  } catch (cause) {
    refuse(cause)
  }
}

/** By the reader that receipts are checked with, so that whoever has a passkey here can prove what they paid with it. */
function keyAlgorithmOf(publicKey: string): PasskeyAlgorithm {
  try {
    return algorithmOf(bytesOfBase64url(publicKey))
  } catch (cause) {
    return refuse(cause)
  }
}

const refusal = (why: string): Problem => new Problem('passkey-refused', { cause: new Error(why) })

function refuse(cause: unknown): never {
  throw new Problem('passkey-refused', { cause })
}

function refuseUnless(isFine: boolean, why: string): void {
  if (!isFine) throw refusal(why)
}
