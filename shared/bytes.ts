/** Bytes over a buffer of their own, as WebCrypto and WebAuthn want them. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text)

/** @throws {TypeError} where the bytes are not well-formed UTF-8 */
export const textOfUtf8 = (bytes: Uint8Array): string => strictDecoder.decode(bytes)

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

const alphabet = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const noSextet = 64
/** What a character stands for, by its code. */
const sextets = Uint8Array.from({ length: 128 }, (_, code) =>
  alphabet.includes(code) ? alphabet.indexOf(code) : noSextet,
)

/** RFC 4648 §5, without padding. By hand, because whole messages go through here, and `btoa` wants a string first. */
export function base64url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  for (let index = 0; index < text.length; index += 1) {
    const startBit = index * 6
    const startByte = startBit >> 3
    const pair = ((bytes[startByte] ?? 0) << 8) | (bytes[startByte + 1] ?? 0)
    text[index] = alphabet[(pair >> (10 - (startBit & 7))) & 0x3f] ?? 0
  }
  return textOfUtf8(text)
}

/** One spelling for one value: trailing bits must be zero, no padding, no white space (RFC 4648 §3.5). */
export function isCanonicalBase64url(text: string): boolean {
  return bytesOrNull(text) !== null
}

/** @throws {RangeError} where the text is not canonical base64url */
export function bytesOfBase64url(text: string): Bytes {
  const bytes = bytesOrNull(text)
  if (bytes === null) throw new RangeError('not canonical base64url')
  return bytes
}

function bytesOrNull(text: string): Bytes | null {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let [length, pending, bits] = [0, 0, 0]
  for (let index = 0; index < text.length; index += 1) {
    const sextet = sextets[text.charCodeAt(index)] ?? noSextet
    if (sextet === noSextet) return null
    pending = (pending << 6) | sextet
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[length] = pending >> bits
      length += 1
    }
  }
  const hasTrailingBits = (pending & ((1 << bits) - 1)) !== 0
  return bits === 6 || hasTrailingBits ? null : bytes
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
