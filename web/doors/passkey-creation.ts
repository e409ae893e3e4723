import { startRegistration } from '@simplewebauthn/browser'
import type { z } from 'zod'
import { type Bytes, base64url } from '../../shared/bytes.ts'
import type { registrationResponseSchema } from '../../shared/evidence.ts'
import { DoorError } from '../flows/notice.ts'
import { deviceStorage } from './device-storage.ts'
import { ceremonyTimeoutMs, passkeyError } from './passkey.ts'
import { keepPaymentPasskey } from './payment-passkeys.ts'
import { signalsDoor } from './signals.ts'

export type Registration = z.input<typeof registrationResponseSchema>
export type NewPasskey = {
  readonly challenge: Bytes
  readonly relyingParty: { readonly id: string; readonly name: string }
  /** base64url of 16 random bytes */
  readonly userHandle: string
  readonly username: string
  readonly display: string
  readonly payments: boolean
  /** Passkeys of this name that there are: what keeps one of them makes no other. */
  readonly exclude?: readonly string[]
  /** On something that is plugged in or held near, not in this device itself. */
  readonly isRoaming?: boolean
}

/** Secure Payment Confirmation §5.1; TypeScript's DOM library does not know it. */
type PaymentExtension = AuthenticationExtensionsClientInputs & { payment?: { isPayment: true } }

export interface PasskeyCreationDoor {
  /** Whether this device can make passkeys that a browser's own payment dialog may use later. Ask before the tap. */
  payments(): Promise<boolean>
  create(passkey: NewPasskey): Promise<Registration>
  /** Lets the password manager drop a passkey that we know nothing of. */
  forget(relyingPartyId: string, credentialId: string): Promise<void>
}

export const passkeyCreationDoor: PasskeyCreationDoor = {
  async payments() {
    const capabilities: Record<string, boolean | undefined> =
      (await PublicKeyCredential.getClientCapabilities?.().catch(() => ({}))) ?? {}
    return capabilities['extension:payment'] === true && capabilities.passkeyPlatformAuthenticator === true
  },
  async create(passkey) {
    const { payments, exclude = [], isRoaming = false } = passkey
    // Secure Payment Confirmation takes only passkeys of the platform, and only such as asked for it when they were made.
    const extensions: PaymentExtension = payments && !isRoaming ? { payment: { isPayment: true } } : {}
    const attachment = isRoaming
      ? { authenticatorAttachment: 'cross-platform' as const }
      : payments
        ? { authenticatorAttachment: 'platform' as const }
        : {}
    const optionsJSON = {
      rp: passkey.relyingParty,
      user: { id: passkey.userHandle, name: passkey.username, displayName: passkey.display },
      challenge: base64url(passkey.challenge),
      excludeCredentials: exclude.map((id) => ({ id, type: 'public-key' as const })),
      pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key' as const, alg })),
      authenticatorSelection: {
        ...attachment,
        residentKey: 'required' as const,
        requireResidentKey: true,
        userVerification: 'required' as const,
      },
      attestation: 'none' as const,
      timeout: ceremonyTimeoutMs,
      extensions,
    }
    try {
      const { clientExtensionResults, ...response } = await startRegistration({ optionsJSON })
      if (extensions.payment) keepPaymentPasskey(deviceStorage(), response.id)
      return { ...response, clientExtensionResults: { ...clientExtensionResults } }
    } catch (error) {
      // WebAuthn L3 §5.1.3: said only once the person has agreed that it may be said.
      const isExcluded = error instanceof Error && error.name === 'InvalidStateError'
      throw isExcluded ? new DoorError('passkey-exists', { cause: error }) : passkeyError(error)
    }
  },
  forget: signalsDoor.forget,
}
