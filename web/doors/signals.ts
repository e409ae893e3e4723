/**
 * What a device is told about the passkeys it keeps, so that its list shows those that work and no others (WebAuthn L3 §5.1.10). By hand
 * rather than by a library, because a checkout signs in as well. A courtesy: browsers that do not know a signal lose nothing by it.
 */
export type Accepted = {
  /** base64url */
  readonly userHandle: string
  readonly credentialIds: readonly string[]
}

export interface SignalsDoor {
  /** Whether this browser passes on what it is told. Safari says less than it does, and Firefox does nothing. */
  areHeard(): boolean
  /** These passkeys of the name there are, and no others. */
  accept(relyingPartyId: string, accepted: Accepted): Promise<void>
  /** How the name is spelled now. */
  spell(relyingPartyId: string, userHandle: string, name: { username: string; display: string }): Promise<void>
  /** A passkey that we know nothing of. */
  forget(relyingPartyId: string, credentialId: string): Promise<void>
}

export const signalsDoor: SignalsDoor = {
  areHeard: () => 'signalAllAcceptedCredentials' in PublicKeyCredential,
  accept: (rpId, { userHandle, credentialIds }) =>
    quietly(() =>
      PublicKeyCredential.signalAllAcceptedCredentials?.({
        rpId,
        userId: userHandle,
        allAcceptedCredentialIds: [...credentialIds],
      }),
    ),
  spell: (rpId, userId, { username, display }) =>
    quietly(() =>
      PublicKeyCredential.signalCurrentUserDetails?.({ rpId, userId, name: username, displayName: display }),
    ),
  forget: (rpId, credentialId) => quietly(() => PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId })),
}

async function quietly(signal: () => Promise<void> | undefined): Promise<void> {
  try {
    await signal()
  } catch {
    // Another ceremony is under way, or the browser will not: the next sign-in says it again.
  }
}
