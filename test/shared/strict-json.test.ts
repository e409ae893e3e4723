import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../shared/strict-json.ts'

describe('strict JSON', () => {
  it('means what it says, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{ "a" : 1 , "b" : { "c" : 1, "c" : 2 } }',
    '[{"a":{"b":1},"c":"}","a":2}]',
    '{"a":1,"\\u0061":2}',
    '{"":1,"":2}',
    '{"\\"":1,"\\"":2}',
    '{"__proto__":1,"__proto__":2}',
  ])('names nothing twice: %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError)
  })

  it.each(['{"a":{"a":1}, "b":["a",{"a":1},{"a":1}]}', '{"a":"\\"a\\":1,", "b":"{\\"a\\":1"}', '["a", "a"]'])(
    'may name things alike in different places: %s',
    (text) => {
      expect(parseStrictJson(text)).toEqual(JSON.parse(text))
    },
  )

  it.each(['', '{', '{"a":1,}', 'undefined'])('is JSON first: %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError)
  })
})
