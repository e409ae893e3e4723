import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digitsOf,
  emptyCardEntry,
  readCard,
  typedCode,
  typedExpiry,
  typedNumber,
} from '../../../web/flows/card-entry.ts'

const nowMs = Date.UTC(2026, 5, 15)
const entry = {
  ...emptyCardEntry('EUR'),
  number: '4111 1111 1111 1111',
  expiry: '08/29',
  code: '123',
  holder: 'Ada L.',
}
const atEnd = (text: string) => ({ text, caret: text.length })

describe('a card number while it is typed', () => {
  it('is grouped as it is embossed', () => {
    expect(typedNumber(atEnd('4111111111111111')).text).toBe('4111 1111 1111 1111')
    expect(typedNumber(atEnd('378282246310005')).text).toBe('3782 822463 10005')
  })

  it('keeps the caret behind the digit it was behind', () => {
    expect(typedNumber({ text: '41119 1111', caret: 5 })).toEqual({ text: '4111 9111 1', caret: 6 })
  })

  it('has no more digits than its brand', () => {
    expect(typedNumber(atEnd('55554444333322221')).text).toBe('5555 4444 3333 2222')
  })

  it('loses no digit and moves no digit, wherever the caret is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9 ]{0,19}$/), fc.nat(19), (text, place) => {
        const typed = typedNumber({ text, caret: Math.min(place, text.length) })
        expect(digitsOf(text).startsWith(digitsOf(typed.text))).toBe(true)
        expect(digitsOf(typed.text.slice(0, typed.caret))).toBe(
          digitsOf(text.slice(0, place)).slice(0, digitsOf(typed.text).length),
        )
      }),
    )
  })

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{0,19}$/), (digits) => {
        const once = typedNumber(atEnd(digits))
        expect(typedNumber(once)).toEqual(once)
      }),
    )
  })
})

describe('an expiry date while it is typed', () => {
  it.each([
    ['8', '08'],
    ['0829', '08/29'],
    ['829', '08/29'],
    ['1', '1'],
    ['12/29', '12/29'],
    ['1/29', '01/29'],
    ['08 / 2029', '08/29'],
  ])('%s reads %s', (text, reads) => {
    expect(typedExpiry(atEnd(text)).text).toBe(reads)
  })
})

it('takes as many digits of the code as the brand prints', () => {
  expect([typedCode(atEnd('12345'), 'visa').text, typedCode(atEnd('12345'), 'amex').text]).toEqual(['123', '1234'])
})

describe('a card that was typed', () => {
  it('is read into what the bank wants and what may be shown', () => {
    const { details, faults } = readCard({ ...entry, limit: '200,5', gender: ' woman ' }, 'ada', nowMs)
    expect(faults).toBeNull()
    expect(details).toEqual({
      number: '4111111111111111',
      expiry: { month: 8, year: 2029 },
      code: '123',
      name: 'Ada L.',
      limit: { minor: 20050, currency: 'EUR' },
      gender: 'woman',
    })
  })

  it('leaves out what was left empty', () => {
    expect(Object.keys(readCard(entry, 'ada', nowMs).details ?? {})).toEqual(['number', 'expiry', 'code', 'name'])
  })

  it('says field by field what is wrong with it', () => {
    expect(readCard({ ...emptyCardEntry('JPY'), limit: '1.5' }, 'ada', nowMs).faults).toEqual({
      number: 'card-number-malformed',
      expiry: 'card-expiry-malformed',
      code: 'card-code-malformed',
      holder: 'card-name-malformed',
      limit: 'limit-malformed',
    })
  })

  it.each([['0'], ['-5'], ['1e3'], ['10.123'], ['1 000']])('has no limit of %s', (limit) => {
    expect(readCard({ ...entry, limit }, 'ada', nowMs).faults).toEqual({ limit: 'limit-malformed' })
  })

  it('may not be the payer’s name', () => {
    expect(readCard(entry, '4111-1111-1111-1111', nowMs).faults).toEqual({ number: 'name-is-card' })
  })

  it('has expired when its month is over', () => {
    expect(readCard({ ...entry, expiry: '05/26' }, 'ada', nowMs).faults).toEqual({ expiry: 'card-expiry-malformed' })
    expect(readCard({ ...entry, expiry: '06/26' }, 'ada', nowMs).faults).toBeNull()
  })
})
