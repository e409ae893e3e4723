/**
 * What two devices of one person tell each other past the server. The link from one to the other holds a key behind its `#`, which a browser
 * sends to nobody; by it the one that makes a passkey says which, and the one that vouches for it hears it from no one else.
 */
import { type Bytes, base64url, bytesOfBase64url, utf8 } from '../../shared/bytes.ts'

const keyBytes = 16

export const newJoinKey = (random: (length: number) => Bytes): string => base64url(random(keyBytes))

export const isJoinKey = (text: string): boolean => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text)

/** The word of the device that made the passkey. @param thumbprint of the passkey, base64url. @returns HMAC-SHA-256, base64url */
export const joinProof = async (key: string, thumbprint: string): Promise<string> =>
  base64url(await authenticated(key, 'proof', thumbprint))

/** The number that both devices show: 10 to 99. It tells the device in one's hand from whichever has read the code as well. */
export async function matchingNumber(key: string, thumbprint: string): Promise<number> {
  const [high = 0, low = 0] = await authenticated(key, 'number', thumbprint)
  return 10 + (((high << 8) | low) % 90)
}

async function authenticated(key: string, use: string, thumbprint: string): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', bytesOfBase64url(key), algorithm, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, utf8(`moniker/join/v1 ${use} ${thumbprint}`)))
}
