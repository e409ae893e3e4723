import { createHmac } from 'node:crypto'
import { type Bytes, base64url } from '../../shared/bytes.ts'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Secret } from './keys.ts'

/**
 * HMAC-SHA-256 (RFC 2104) over a use and its parts. Canonical JSON keeps the parts apart, and the use keeps one key's
 * answers to different questions apart. Without the key nobody can try every card number or name against it.
 * @returns 32 bytes
 */
export function keyedHash(secret: Secret, use: string, ...parts: readonly string[]): Bytes {
  return new Uint8Array(
    createHmac('sha256', secret.key)
      .update(canonicalJson([use, ...parts]))
      .digest(),
  )
}

/** @returns {@link keyedHash} as base64url, 43 characters: finds what must not be stored in the clear */
export const keyedHashText = (secret: Secret, use: string, ...parts: readonly string[]): string =>
  base64url(keyedHash(secret, use, ...parts))
