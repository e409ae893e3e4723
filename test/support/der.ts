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

/** Other ways to write the same two integers, which BER allows and DER does not (X.690 §8.1.3, §10.1), or which are junk beside them. */
export type Respelling = {
  /** So many bytes follow the sequence. */
  readonly after?: number
  /** A third integer follows the two. */
  readonly thirdMember?: boolean
  /** Of the sequence's length in the long form; 0 is the short form. */
  readonly lengthBytes?: number
  /** Of the integers' lengths. */
  readonly integerLengthBytes?: number
  /** The sequence ends where two zeros say so. */
  readonly indefinite?: boolean
  /** So many zeros stand in front of each integer. */
  readonly zeros?: number
}

/** @returns the same bytes where nothing is asked for */
export function respelledPair(der: Uint8Array, respelling: Respelling): Bytes {
  const { after = 0, thirdMember = false, lengthBytes = 0, integerLengthBytes = 0, zeros = 0 } = respelling
  const members = thirdMember ? [...decodeIntegerPair(der), 1n] : decodeIntegerPair(der)
  const integers = members.map((member) => {
    const content = concat(new Uint8Array(zeros), contentOfInteger(member))
    return concat(Uint8Array.of(tag.integer), lengthOf(content, integerLengthBytes), content)
  })
  const content = concat(...integers)
  const sequence = respelling.indefinite
    ? concat(Uint8Array.of(tag.sequence, 0x80), content, new Uint8Array(2))
    : concat(Uint8Array.of(tag.sequence), lengthOf(content, lengthBytes), content)
  return concat(sequence, new Uint8Array(after).fill(1))
}

/** @param bytesMin of the long form, which a longer content needs anyway; 0: the short form where it fits */
function lengthOf({ length }: Uint8Array, bytesMin: number): Bytes {
  if (bytesMin === 0 && length < 0x80) return Uint8Array.of(length)
  const shortest = bytesOfInteger(BigInt(length))
  const lengthBytes = Math.max(bytesMin, shortest.length)
  return concat(Uint8Array.of(0x80 | lengthBytes), new Uint8Array(lengthBytes - shortest.length), shortest)
}

/** Big-endian, without leading zeros. */
export function bytesOfInteger(integer: bigint): Bytes {
  const hex = integer.toString(16)
  return Uint8Array.from(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'))
}

const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

const integerElement = (integer: bigint): Bytes => element(tag.integer, contentOfInteger(integer))

function contentOfInteger(integer: bigint): Bytes {
  const bytes = bytesOfInteger(integer)
  // X.690 §8.3.3: the first bit is the sign, so a positive integer that would set it gets a zero in front.
  const isSignBitSet = (bytes[0] ?? 0) >= 0x80
  return isSignBitSet ? concat(Uint8Array.of(0), bytes) : bytes
}

const element = (expectedTag: number, content: Uint8Array): Bytes =>
  concat(Uint8Array.of(expectedTag), lengthOf(content, 0), content)

function readElement(der: Uint8Array, expectedTag: number): { content: Uint8Array; rest: Uint8Array } {
  const [actualTag, firstLength = 0] = der
  if (actualTag !== expectedTag) throw new RangeError(`expected DER tag ${expectedTag}, met ${actualTag}`)
  const lengthBytes = firstLength < 0x80 ? 0 : firstLength & 0x7f
  const start = 2 + lengthBytes
  const length = lengthBytes === 0 ? firstLength : Number(integerOf(der.subarray(2, start)))
  if (der.length < start + length) throw new RangeError('DER ends early')
  return { content: der.subarray(start, start + length), rest: der.subarray(start + length) }
}
