import { base64url } from '../../../shared/bytes.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import { keyedHash } from '../../runtime/keyed-hash.ts'
import type { Secret } from '../../runtime/keys.ts'

/** How long the ids of passkeys are that browsers take for payments. Bytes. */
const idsBytes = [16, 20, 32]
const ofEachLength = 4

/**
 * Hides a payer's passkeys among such as nobody has: every name, also one that nobody has, is answered with as many ids of each length, always
 * the same ones and in an order that says nothing (WebAuthn L3 §14.6.3). Of each length the newest are in it; of another length none is.
 * @param credentialIds the oldest first; none for a payer who is a decoy
 */
export function amongDecoys(key: Secret, payer: PayerId, credentialIds: readonly CredentialId[]): string[] {
  return idsBytes.flatMap((bytes) => {
    const own = credentialIds.filter((id) => Buffer.byteLength(id, 'base64url') === bytes).slice(-ofEachLength)
    const decoys = Array.from({ length: ofEachLength - own.length }, (_, index) =>
      base64url(keyedHash(key, 'decoy-passkey', payer, `${bytes}`, `${index}`).slice(0, bytes)),
    )
    return [...own, ...decoys].sort()
  })
}
