import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base64url,
  bytesOfBase64url,
  concat,
  isCanonicalBase64url,
  sameBytes,
  textOfUtf8,
  utf8,
} from '../../shared/bytes.ts'

describe('base64url', () => {
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('writes %j as %j (RFC 4648 §10)', (text, written) => {
    expect(base64url(utf8(text))).toBe(written)
    expect(textOfUtf8(bytesOfBase64url(written))).toBe(text)
  })

  it('uses the alphabet that is safe in addresses', () => {
    expect(base64url(Uint8Array.of(0xfb, 0xff, 0xfe))).toBe('-__-')
  })

  it('agrees with Node on every array of bytes, and comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = base64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(bytesOfBase64url(text)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it.each([
    ['trailing bits', 'Zh'],
    ['padding', 'Zg=='],
    ['a length that no bytes have', 'Zm9vY'],
    ['white space', 'Zm 9v'],
    ['the other alphabet', '+/+/'],
    ['a line feed at the end', 'Zm9v\n'],
  ])('refuses %s', (_fault, text) => {
    expect(isCanonicalBase64url(text)).toBe(false)
    expect(() => bytesOfBase64url(text)).toThrow(RangeError)
  })
})

describe('UTF-8', () => {
  it('keeps a byte order mark, which is text like any other', () => {
    expect(textOfUtf8(utf8('\uFEFFada'))).toBe('\uFEFFada')
  })

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a character', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('refuses %s', (_fault, bytes) => {
    expect(() => textOfUtf8(Uint8Array.from(bytes))).toThrow(TypeError)
  })
})

it('joins arrays of bytes into one of its own', () => {
  const first = Uint8Array.of(1, 2)
  const joined = concat(first, new Uint8Array(), Uint8Array.of(3))
  first.fill(9)
  expect([...joined]).toEqual([1, 2, 3])
})

it('compares bytes, and lengths too', () => {
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(sameBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false)
  expect(sameBytes(Uint8Array.of(1, 0), Uint8Array.of(1))).toBe(false)
})
