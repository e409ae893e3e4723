import { describe, expect, it } from 'vitest'
import { assertClaimable } from '../../../../server/payment/identity/username-rules/assert-claimable.ts'
import { Problem } from '../../../../shared/problem.ts'
import { parseUsername } from '../../../../shared/username.ts'

const refusalOf = (text: string) => {
  const { username } = parseUsername(text)
  try {
    return assertClaimable(username) ?? 'claimable'
  } catch (error) {
    return error instanceof Problem ? error.code : error
  }
}

describe('a newcomer', () => {
  it.each([
    'ada',
    'John_Wang',
    'l33t-coder',
    '王小明',
    'محمد',
    'कमल',
    'владимир',
    'ניר',
    '민수',
    'さくら',
    'José',
    'col·la',
  ])('may ask for %s', (text) => {
    expect(refusalOf(text)).toBe('claimable')
  })

  it.each([
    'admin',
    'ROOT',
    'support',
    'moniker',
    'bank',
    'help',
    'pay',
    'security',
    '管理员',
    'поддержка',
    'الدعم',
    'ad.min',
    'no_reply',
    'sign-in',
    'adm1n',
    'adrnin',
    'раѕѕкеу',
    'moniker-refunds',
    'my.m0niker',
    'rnoniker_help',
  ])('may not be %s', (text) => {
    expect(refusalOf(text)).toBe('username-reserved')
  })

  it.each([
    ['a letter of phonetics', 'ɐda'],
    ['a historic letter', 'ƿynn'],
    ['a click', 'ǀgui'],
    ['a mark that strikes through', 'a\u0336da'],
    ['a rare ideograph', '𠀀中'],
  ])('does not come with %s', (_kind, text) => {
    expect(refusalOf(text)).toBe('username-malformed')
  })
})
