import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CanonicalValue, canonicalJson } from '../../shared/canonical-json.ts'

describe('canonical JSON', () => {
  it('escapes as little as it may (RFC 8785 §3.2.2)', () => {
    const value: CanonicalValue = JSON.parse(
      String.raw`{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
    )
    expect(canonicalJson(value)).toBe(String.raw`{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}`)
  })

  it('sorts members by UTF-16 code units (RFC 8785 §3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const sorted = ['Carriage Return', 'One', 'Control', 'Latin Small', 'Euro Sign', 'Emoji', 'Hebrew']
    const places = sorted.map((word) => canonicalJson(value).indexOf(word))
    expect(places).toEqual(places.toSorted((left, right) => left - right))
    expect(places).not.toContain(-1)
  })

  it('sorts inside of lists and members, and lists keep their order', () => {
    expect(canonicalJson([56, { d: true, '10': null, '1': [] }])).toBe('[56,{"1":[],"10":null,"d":true}]')
    expect(
      canonicalJson({
        '1': { f: { f: 'hi', F: 5 }, '\n': 56 },
        '10': {},
        '': 'empty',
        a: {},
        '111': [{ e: 'yes', E: 'no' }],
        A: {},
      }),
    ).toBe('{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}')
  })

  it('normalizes nothing', () => {
    expect(canonicalJson({ 'Unnormalized Unicode': 'A\u030a' })).toBe('{"Unnormalized Unicode":"A\u030a"}')
  })

  it('writes minus zero as zero (RFC 8785 §3.2.2.3)', () => {
    expect(canonicalJson([-0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])).toBe(
      '[0,9007199254740991,-9007199254740991]',
    )
  })

  it('leaves out a member that is undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}')
  })

  it.each([
    ['a fraction', 0.5],
    ['no number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['more than a double counts exactly', 2 ** 53],
    ['a lone surrogate', '\ud83d'],
    ['a lone surrogate in a name', { '\udead': 1 }],
  ])('refuses %s', (_fault, value) => {
    expect(() => canonicalJson({ value })).toThrow(RangeError)
  })

  it('gives one text for one value, whatever the order it was made in, and that text means the value', () => {
    const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null))
    const members = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), leaf), { selector: ([name]) => name })
    fc.assert(
      fc.property(members, fc.infiniteStream(fc.nat()), (entries, dice) => {
        const shuffled = entries
          .map((entry) => ({ entry, at: dice.next().value ?? 0 }))
          .sort((left, right) => left.at - right.at)
          .map(({ entry }) => entry)
        const text = canonicalJson(Object.fromEntries(entries))
        expect(canonicalJson(Object.fromEntries(shuffled))).toBe(text)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(Object.entries(JSON.parse(text))).toHaveLength(entries.length)
      }),
    )
  })
})
