import type { z } from 'zod'
import { type Bytes, base64url, bytesOfBase64url } from '../../shared/bytes.ts'
import type { authenticationResponseSchema } from '../../shared/evidence.ts'
import { DoorError } from '../flows/notice.ts'

export type Assertion = z.input<typeof authenticationResponseSchema>
export type Ask = {
  readonly challenge: Bytes
  readonly relyingPartyId: string
  /** base64url; empty unless this device remembers passkeys of the name, so that strangers learn nothing of it. */
  readonly credentialIds: readonly string[]
}

/** The device's passkeys. */
export interface PasskeyDoor {
  /** Asks at once. To be called within a tap: Safari wants the gesture. */
  confirm(ask: Ask): Promise<Assertion>
  /** Waits in the name field's autofill until somebody picks a passkey; what is asked next ends the wait. Ends no other ceremony. */
  offer(ask: Ask): Promise<Assertion>
  /** Ends the wait of an offer, because another ceremony comes. */
  endOffer(): void
}

export const ceremonyTimeoutMs = 120_000

/** @param credentials the browser's; by hand rather than by a library, because this is in the first script of a bill */
export function passkeyDoor(credentials: CredentialsContainer): PasskeyDoor {
  let asking = new AbortController()
  let confirming = 0
  async function ask(what: Ask, mediation: CredentialMediationRequirement): Promise<Assertion> {
    asking.abort() // a browser has one ceremony at a time (Credential Management §2.5.1)
    asking = new AbortController()
    try {
      return assertionOf(await credentials.get({ publicKey: optionsOf(what), mediation, signal: asking.signal }))
    } catch (error) {
      throw passkeyError(error)
    }
  }
  return {
    async confirm(what) {
      confirming += 1
      try {
        return await ask(what, 'optional')
      } catch (error) {
        throw await withOtherDevices(error)
      } finally {
        confirming -= 1
      }
    },
    async offer(what) {
      // Without conditional mediation the browser would ask at once, which nobody has tapped for.
      if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) throw new DoorError('passkey-unsupported')
      if (confirming > 0) throw new DoorError('passkey-dismissed')
      return ask({ ...what, credentialIds: [] }, 'conditional')
    },
    endOffer: () => asking.abort(),
  }
}

const optionsOf = ({ challenge, relyingPartyId, credentialIds }: Ask): PublicKeyCredentialRequestOptions => ({
  challenge,
  rpId: relyingPartyId,
  allowCredentials: credentialIds.map((id) => ({ id: bytesOfBase64url(id), type: 'public-key' })),
  userVerification: 'required',
  timeout: ceremonyTimeoutMs,
})

/** As `toJSON()` would, which not every browser in use has (WebAuthn L3 §5.1). */
export function assertionOf(credential: unknown): Assertion {
  if (!(credential instanceof PublicKeyCredential)) throw new DoorError('passkey-unsupported')
  const { response } = credential
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new DoorError('passkey-unsupported')
  const text = (bytes: ArrayBuffer) => base64url(new Uint8Array(bytes))
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: 'public-key',
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: { ...credential.getClientExtensionResults() },
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle && text(response.userHandle),
    },
  }
}

/**
 * Whoever closed the dialog may have missed that it reaches a passkey on another device, where the browser can do that
 * (`hybridTransport`, WebAuthn L3 §5.1.7).
 */
async function withOtherDevices(error: unknown): Promise<unknown> {
  const isDismissed =
    error instanceof DoorError && error.cause instanceof Error && error.cause.name === 'NotAllowedError'
  if (!isDismissed) return error
  const capabilities = await PublicKeyCredential.getClientCapabilities?.().catch(() => null)
  return capabilities?.hybridTransport ? new DoorError('passkey-elsewhere', { cause: error }) : error
}

/** Browsers say as little as they can about why a ceremony ended (WebAuthn L3 §14.6.3): most reasons read "dismissed". */
export function passkeyError(error: unknown): DoorError {
  const dismissed =
    error instanceof Error && ['NotAllowedError', 'AbortError', 'InvalidStateError'].includes(error.name)
  return new DoorError(dismissed ? 'passkey-dismissed' : 'passkey-unsupported', { cause: error })
}
