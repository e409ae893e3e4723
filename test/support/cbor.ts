import { concat, utf8 } from '../../shared/bytes.ts'

/** The part of CBOR that authenticators write. A map keeps the order it is given in: CTAP2 fixes it, the caller knows it. */
export type CborValue = number | string | Uint8Array | ReadonlyMap<number | string, CborValue>

const majorType = { unsigned: 0, negative: 1, bytes: 2, text: 3, map: 5 } as const

/**
 * Encodes with the shortest head and definite lengths only.
 * @throws {RangeError} for a fraction, or a number or length past 32 bits
 * @see RFC 8949 §3 (heads and major types), §4.2.1 (shortest form)
 */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  if (typeof value === 'number')
    return value >= 0 ? head(majorType.unsigned, value) : head(majorType.negative, -1 - value)
  if (typeof value === 'string') return concat(head(majorType.text, utf8(value).length), utf8(value))
  if (value instanceof Uint8Array) return concat(head(majorType.bytes, value.length), value)
  const entries = [...value].flatMap(([key, member]) => [encodeCbor(key), encodeCbor(member)])
  return concat(head(majorType.map, value.size), ...entries)
}

function head(major: number, argument: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(argument) || argument > 0xffff_ffff)
    throw new RangeError('CBOR here holds 32-bit integers only')
  const initial = major << 5
  if (argument < 24) return Uint8Array.of(initial | argument)
  if (argument <= 0xff) return Uint8Array.of(initial | 24, argument)
  if (argument <= 0xffff) return Uint8Array.of(initial | 25, argument >>> 8, argument)
  return Uint8Array.of(initial | 26, argument >>> 24, argument >>> 16, argument >>> 8, argument)
}
