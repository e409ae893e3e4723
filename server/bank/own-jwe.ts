import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { z } from 'zod'
import { base64url, bytesOfBase64url, concat, isCanonicalBase64url, textOfUtf8, utf8 } from '../../shared/bytes.ts'
import type { Secret } from '../runtime/keys.ts'
import type { RandomBytes } from '../runtime/room.ts'

const nonceBytes = 12
const tagBytes = 16

/**
 * Encrypts a value by a key that the bank shares with nobody: compact JWE, `dir` with `A256GCM`.
 * @param keys the current one, which is used, comes first
 * @param type becomes `typ`, so that what was made for one use does not open for another
 * @see RFC 7516 §5.1, RFC 7518 §4.5 and §5.3
 */
export function encryptForOneself(type: string, value: unknown, [key]: readonly Secret[], random: RandomBytes): string {
  if (key === undefined) throw new RangeError('there is no key to encrypt by')
  const header = base64url(utf8(headerOf(type, key)))
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(utf8(header))
  const ciphertext = concat(cipher.update(JSON.stringify(value), 'utf8'), cipher.final())
  return [header, '', base64url(nonce), base64url(ciphertext), base64url(cipher.getAuthTag())].join('.')
}

/**
 * Opens what {@link encryptForOneself} made. The header must be byte for byte the one written there, which leaves no room for
 * another algorithm, `zip` or `crit` (RFC 8725 §3.1, §3.11).
 * @returns null for anything else, without saying why
 */
export function decryptOwn<S extends z.ZodType>(
  type: string,
  schema: S,
  keys: readonly Secret[],
  jwe: string,
): z.output<S> | null {
  const parts = jwe.split('.')
  const [header, encryptedKey, nonce, ciphertext, tag] = parts
  const isWhole = parts.length === 5 && encryptedKey === '' && parts.every(isCanonicalBase64url)
  const key = keys.find((candidate) => header === base64url(utf8(headerOf(type, candidate))))
  if (!isWhole || key === undefined || header === undefined) return null
  const plaintext = decrypt(key, header, bytes(nonce), bytes(ciphertext), bytes(tag))
  const parsed = plaintext === null ? null : schema.safeParse(plaintext)
  return parsed?.success ? parsed.data : null
}

const headerOf = (type: string, key: Secret): string =>
  JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.id, typ: type })

const bytes = (part = ''): Uint8Array => bytesOfBase64url(part)

function decrypt(key: Secret, header: string, nonce: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): unknown {
  if (nonce.length !== nonceBytes || tag.length !== tagBytes) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(utf8(header))
    decipher.setAuthTag(tag)
    return JSON.parse(textOfUtf8(concat(decipher.update(ciphertext), decipher.final())))
  } catch {
    return null
  }
}
