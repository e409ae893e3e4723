import { createCipheriv, createDecipheriv } from 'node:crypto'
import { base64url, bytesOfBase64url, concat, textOfUtf8, utf8 } from '../../shared/bytes.ts'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Secret } from '../runtime/keys.ts'
import type { RandomBytes } from '../runtime/room.ts'
import { StartupError } from '../runtime/startup-error.ts'

/** Encrypts what a stolen database must not tell. `context` says whose and what it is: elsewhere the text does not open. */
export type AtRest = {
  /** Of the key that closes now; it stands in front of all that it has closed. */
  readonly keyId: string
  isCurrent(closed: string): boolean
  close(context: readonly string[], text: string): string
  /** @throws {Error} where the text was changed, belongs elsewhere, or was closed with a key that is gone */
  open(context: readonly string[], closed: string): string
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM (NIST SP 800-38D) as `keyId.nonce‖ciphertext‖tag`, the context as associated data.
 * @param keys the current one first; the others only open what they once closed
 */
export function atRest(keys: readonly Secret[], random: RandomBytes): AtRest {
  const [current] = keys
  if (current === undefined) throw new StartupError('The payment server needs a key for data at rest.')
  const keyOf = new Map(keys.map(({ id, key }) => [id, key]))

  return {
    keyId: current.id,
    isCurrent: (closed) => keyIdOf(closed) === current.id,
    close(context, text) {
      const nonce = random(nonceBytes)
      const cipher = createCipheriv(algorithm, current.key, nonce).setAAD(utf8(canonicalJson(context)))
      const closed = concat(nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag())
      return `${current.id}.${base64url(closed)}`
    },
    open(context, closed) {
      const [, text = ''] = closed.split('.', 2)
      const key = keyOf.get(keyIdOf(closed))
      if (key === undefined) throw new Error('closed with a key that is not here')
      const bytes = bytesOfBase64url(text)
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(utf8(canonicalJson(context)))
        .setAuthTag(bytes.subarray(-tagBytes))
      return textOfUtf8(concat(decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()))
    },
  }
}

const keyIdOf = (closed: string): string => closed.split('.', 1)[0] ?? ''
