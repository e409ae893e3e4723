import { type Bytes, concat } from '../bytes.ts'
import { refuse } from './decode.ts'

const tag = { integer: 0x02, sequence: 0x30 } as const
const integerBytes = 32

/**
 * WebAuthn writes an ES256 signature in DER (L3 §6.5.5), WebCrypto reads it as r ‖ s. DER has one spelling for a value (X.690 §10.1, §11).
 * @throws {RangeError} for any other
 */
export function rawSignatureOf(der: Bytes): Bytes {
  if (der[0] !== tag.sequence || der[1] !== der.length - 2) return refuse('a DER sequence')
  const r = integerAt(der, 2)
  const s = integerAt(der, r.end)
  return s.end === der.length ? concat(r.padded, s.padded) : refuse('a DER sequence of two integers')
}

function integerAt(der: Bytes, start: number): { padded: Bytes; end: number } {
  const [kind, length = 0, first = 0x80, second = 0] = der.subarray(start, start + 4)
  const end = start + 2 + length
  // The first bit is the sign (X.690 §8.3.3): a zero stands in front where, and only where, it would be set.
  const isMinimal = first !== 0 || length === 1 || second >= 0x80
  if (kind !== tag.integer || length === 0 || end > der.length || first >= 0x80 || !isMinimal)
    return refuse('a DER integer')
  const digits = der.slice(first === 0 ? start + 3 : start + 2, end)
  if (digits.length > integerBytes) return refuse('an integer of P-256')
  return { padded: concat(new Uint8Array(integerBytes - digits.length), digits), end }
}
