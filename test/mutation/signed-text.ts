import { CompactSign, decodeProtectedHeader } from 'jose'
import type { KeyPair } from '../../server/runtime/keys.ts'
import { base64url, bytesOfBase64url, concat, textOfUtf8, utf8 } from '../../shared/bytes.ts'
import { twinOf } from '../support/authenticator.ts'
import { bytesOfInteger, decodeIntegerPair, encodeIntegerPair } from '../support/der.ts'
import { everyMember, type Mutation } from './mutants.ts'

const partOf = (message: string, index: number): string => message.split('.')[index] ?? ''
const withPart = (message: string, index: number, part: string): string =>
  message.split('.').with(index, part).join('.')

/**
 * The members of a compact JWS's header (0) or payload (1), under the signature as it was.
 * @param message the example that says which members there are
 */
export function* partChanged(index: 0 | 1, message: string): Generator<Mutation> {
  for (const mutation of everyMember(textOfUtf8(bytesOfBase64url(partOf(message, index))))) {
    yield {
      what: `${index === 0 ? 'header' : 'payload'} ${mutation.what}`,
      apply(text) {
        const changed = mutation.apply(textOfUtf8(bytesOfBase64url(partOf(text, index))))
        return changed === null ? null : Buffer.from(withPart(text, index, base64url(changed)))
      },
    }
  }
}

/**
 * A message with another body, as it stands: no JSON need it be, and what it says twice it says twice.
 * @param message whose body is the text `BODY`
 */
export function signedAround(message: string, body: Uint8Array, key: KeyPair): Promise<string> {
  const [before = '', after = ''] = textOfUtf8(bytesOfBase64url(partOf(message, 1))).split('"BODY"')
  return new CompactSign(concat(utf8(before), body, utf8(after)))
    .setProtectedHeader({ ...decodeProtectedHeader(message), alg: 'ES256' })
    .sign(key.privateKey)
}

const coordinateBytes = 32

/** The same message under the other signature of the same key that is as valid: (r, n − s). RFC 7518 §3.4 writes the two side by side. */
export function twinOfMessage(message: string): string {
  const raw = bytesOfBase64url(partOf(message, 2))
  const [r, s] = [raw.subarray(0, coordinateBytes), raw.subarray(coordinateBytes)].map(integerOf)
  const twin = decodeIntegerPair(bytesOfBase64url(twinOf(base64url(encodeIntegerPair([r ?? 0n, s ?? 0n])))))
  return withPart(message, 2, base64url(concat(...twin.map(coordinate))))
}

const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

function coordinate(integer: bigint): Uint8Array {
  const bytes = bytesOfInteger(integer)
  return concat(new Uint8Array(coordinateBytes - bytes.length), bytes)
}
