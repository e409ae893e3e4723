import { base64url, bytesOfBase64url, concat, utf8 } from './bytes.ts'
import { readCborMap } from './cbor-map.ts'

/** The SHA-256 of a passkey's COSE key (RFC 9052 §7), base64url: how card records, seals and intents name a passkey. */
export async function passkeyThumbprint(publicKey: string): Promise<string> {
  return sha256Text(bytesOfBase64url(publicKey))
}

/**
 * Names the passkey that signed one intent, towards people who must not recognize its payer elsewhere: SHA-256 of `moniker/signer/v1`, a
 * zero byte, thumbprint and challenge, base64url. Who knows the passkey can tell that it is this one. Two of them have nothing in common,
 * because no two intents have the same challenge.
 */
export const signerOf = (thumbprint: string, challenge: string): Promise<string> =>
  sha256Text(concat(utf8('moniker/signer/v1\0'), bytesOfBase64url(thumbprint), bytesOfBase64url(challenge)))

/**
 * Names a set of passkeys in one word: SHA-256 of their thumbprints, sorted, with a space between, base64url. A sealed card holds it, so
 * that whoever relays the seal cannot have the card bound to a passkey that the cardholder's own device did not mean.
 */
export const passkeySetOf = (thumbprints: readonly string[]): Promise<string> =>
  sha256Text(utf8(thumbprints.toSorted().join(' ')))

const sha256Text = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))

/** WebAuthn L3 §6.1 and §6.5.1: before the credential's id come the hash of the relying party's id, flags, counter, and model. */
const idLengthAt = 53

/**
 * The thumbprint of the passkey that this device has just made, by its own word and nobody else's.
 * @param authenticatorData as `create()` answers it, base64url
 * @throws {RangeError} where no key is in it
 */
export async function createdThumbprint(authenticatorData: string): Promise<string> {
  const bytes = bytesOfBase64url(authenticatorData)
  const [high = 0, low = 0] = bytes.slice(idLengthAt, idLengthAt + 2)
  const startsAt = idLengthAt + 2 + (high << 8) + low
  const { endsAt } = readCborMap(bytes, startsAt)
  return sha256Text(bytes.slice(startsAt, endsAt))
}
