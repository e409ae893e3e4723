import { expect, it } from 'vitest'
import { type CborValue, encodeCbor } from './cbor.ts'

/** RFC 8949 Appendix A, and the lengths where the head grows. */
it.each<[CborValue, string]>([
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [1000, '1903e8'],
  [65_536, '1a00010000'],
  [1_000_000, '1a000f4240'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-257, '390100'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['\u6c34', '63e6b0b4'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  [new Map(), 'a0'],
  [
    new Map<number, CborValue>([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [
    new Map<string, CborValue>([
      ['a', 1],
      ['b', new Map([['c', 'd']])],
    ]),
    'a26161016162a161636164',
  ],
])('encodes %o as %s', (value, hex) => {
  expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(hex)
})

it('refuses what it cannot write', () => {
  expect(() => encodeCbor(1.5)).toThrow(RangeError)
  expect(() => encodeCbor(2 ** 32)).toThrow(RangeError)
})
