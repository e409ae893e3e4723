import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecoveryCode, recoveryCodeBytes, recoveryCodeText } from '../../shared/recovery-code.ts'

const code = fc
  .uint8Array({ minLength: recoveryCodeBytes, maxLength: recoveryCodeBytes })
  .map((bytes) => new Uint8Array(bytes))
const alphabet = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']

describe('a recovery code', () => {
  it('is seven groups of four, from which its bytes are read again', () => {
    fc.assert(
      fc.property(code, (bytes) => {
        const text = recoveryCodeText(bytes)
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
        expect(readRecoveryCode(text)).toEqual(bytes)
      }),
    )
  })

  it('is written like this', () => {
    expect(recoveryCodeText(new Uint8Array(16))).toBe('0000-0000-0000-0000-0000-0000-0000')
    expect(recoveryCodeText(new Uint8Array(16).fill(255))).toBe('7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZM5')
  })

  it('is read however it is typed', () => {
    fc.assert(
      fc.property(code, fc.constantFrom(' ', '', ' – ', '\u2011', '\n'), fc.boolean(), (bytes, between, isSmall) => {
        const typed = recoveryCodeText(bytes).replaceAll('-', between).replaceAll('0', 'o').replaceAll('1', 'l')
        expect(readRecoveryCode(isSmall ? typed.toLowerCase() : typed)).toEqual(bytes)
      }),
    )
  })

  it('that has one wrong character is none', () => {
    fc.assert(
      fc.property(code, fc.nat({ max: 27 }), fc.constantFrom(...alphabet), (bytes, place, character) => {
        const text = recoveryCodeText(bytes).replaceAll('-', '')
        const wrong = text.slice(0, place) + character + text.slice(place + 1)
        expect(readRecoveryCode(wrong)).toEqual(wrong === text ? bytes : null)
      }),
    )
  })

  it('in which two neighbours changed places is none', () => {
    fc.assert(
      fc.property(code, fc.nat({ max: 26 }), (bytes, place) => {
        const text = recoveryCodeText(bytes).replaceAll('-', '')
        const [one = '', other = ''] = [text[place], text[place + 1]]
        const wrong = text.slice(0, place) + other + one + text.slice(place + 2)
        expect(readRecoveryCode(wrong)).toEqual(one === other ? bytes : null)
      }),
    )
  })

  it.each([
    '',
    '-',
    'ada',
    '0'.repeat(27),
    '0'.repeat(29),
    'U'.repeat(28),
    'Z'.repeat(28),
    '٠'.repeat(28),
    '💥'.repeat(14),
  ])('is not %j', (typed) => {
    expect(readRecoveryCode(typed)).toBeNull()
  })

  it('is read out of anything without harm', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (typed) => void readRecoveryCode(typed)))
  })
})
