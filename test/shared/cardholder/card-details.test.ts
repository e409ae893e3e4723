import { describe, expect, it } from 'vitest'
import { isShortText, parseCardholderName } from '../../../shared/cardholder/card-details.ts'

describe('the name on a card', () => {
  it.each([
    [' Ada   Lovelace\n', 'Ada Lovelace'],
    ['王小明', '王小明'],
    ['Rene\u0301e O’Hara-Smith Jr.', 'Renée O’Hara-Smith Jr.'],
    ['عائشة', 'عائشة'],
  ])('is read from %j', (text, name) => {
    expect(parseCardholderName(text)).toBe(name)
  })

  it.each(['', '   ', '12345', '...', `a${'b'.repeat(64)}`, 'Ada\u0000', '\ud800da'])('is not %j', (text) => {
    expect(() => parseCardholderName(text)).toThrow(expect.objectContaining({ code: 'card-name-malformed' }))
  })
})

it('counts code points, so that no script has less room', () => {
  expect(isShortText('𠮷𠮷', 2)).toBe(true)
  expect(isShortText('abc', 2)).toBe(false)
})
