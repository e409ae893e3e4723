import { type Bytes, concat } from '../../shared/bytes.ts'

/** A `SEQUENCE` of two positive `INTEGER`s: an ECDSA signature (RFC 3279 §2.2.3) and an RSA public key (RFC 8017 §A.1.1) are both one. */
type IntegerPair = readonly [bigint, bigint]

const tag = { integer: 0x02, sequence: 0x30 } as const

/** @throws {RangeError} where the bytes are not exactly one such sequence */
export function decodeIntegerPair(der: Uint8Array): IntegerPair {
  const sequence = readElement(der, tag.sequence)
  const first = readElement(sequence.content, tag.integer)
  const second = readElement(first.rest, tag.integer)
  if (sequence.rest.length + second.rest.length !== 0) throw new RangeError('bytes follow the two integers')
  return [integerOf(first.content), integerOf(second.content)]
}

export function encodeIntegerPair([first, second]: IntegerPair): Bytes {
  return element(tag.sequence, concat(integerElement(first), integerElement(second)))
}

/** Big-endian, without leading zeros. */
export function bytesOfInteger(integer: bigint): Bytes {
  const hex = integer.toString(16)
  return Uint8Array.from(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'))
}

const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

function integerElement(integer: bigint): Bytes {
  const bytes = bytesOfInteger(integer)
  // X.690 §8.3.3: the first bit is the sign, so a positive integer that would set it gets a zero in front.
  const isSignBitSet = (bytes[0] ?? 0) >= 0x80
  return element(tag.integer, isSignBitSet ? concat(Uint8Array.of(0), bytes) : bytes)
}

function element(expectedTag: number, content: Uint8Array): Bytes {
  const { length } = content
  if (length < 0x80) return concat(Uint8Array.of(expectedTag, length), content)
  const lengthBytes = bytesOfInteger(BigInt(length))
  return concat(Uint8Array.of(expectedTag, 0x80 | lengthBytes.length), lengthBytes, content)
}

function readElement(der: Uint8Array, expectedTag: number): { content: Uint8Array; rest: Uint8Array } {
  const [actualTag, firstLength = 0] = der
  if (actualTag !== expectedTag) throw new RangeError(`expected DER tag ${expectedTag}, met ${actualTag}`)
  const lengthBytes = firstLength < 0x80 ? 0 : firstLength & 0x7f
  const start = 2 + lengthBytes
  const length = lengthBytes === 0 ? firstLength : Number(integerOf(der.subarray(2, start)))
  if (der.length < start + length) throw new RangeError('DER ends early')
  return { content: der.subarray(start, start + length), rest: der.subarray(start + length) }
}
