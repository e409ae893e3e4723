import fc from 'fast-check'
import { expect, it } from 'vitest'
import { concat } from '../../shared/bytes.ts'
import { decodeIntegerPair, encodeIntegerPair } from './der.ts'

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

it('writes an integer with a zero in front only where its first bit would read as a sign (X.690 §8.3)', () => {
  expect(hexOf(encodeIntegerPair([0n, 0x7fn]))).toBe('300602010002017f')
  expect(hexOf(encodeIntegerPair([0x80n, 0x100n]))).toBe('3008020200800202' + '0100')
})

it('writes long lengths in the long form (X.690 §8.1.3.5)', () => {
  const der = encodeIntegerPair([1n << 2047n, 65_537n])
  expect(hexOf(der.subarray(0, 10))).toBe('3082010a028201010080')
})

it('reads back what it writes', () => {
  const integer = fc.bigInt({ min: 0n, max: 1n << 4096n })
  fc.assert(
    fc.property(integer, integer, (first, second) => {
      expect(decodeIntegerPair(encodeIntegerPair([first, second]))).toEqual([first, second])
    }),
  )
})

it('reads nothing else', () => {
  const der = encodeIntegerPair([1n, 2n])
  expect(() => decodeIntegerPair(concat(der, Uint8Array.of(0)))).toThrow('bytes follow')
  expect(() => decodeIntegerPair(der.subarray(0, -1))).toThrow('ends early')
  expect(() => decodeIntegerPair(concat(Uint8Array.of(0x31), der.subarray(1)))).toThrow('tag')
})
