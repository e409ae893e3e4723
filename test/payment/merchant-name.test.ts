import { describe, expect, it } from 'vitest'
import { faultOfMerchantName } from '../../server/payment/merchant-name.ts'

describe('the name of a merchant', () => {
  it.each([
    'Bluebird Coffee',
    'Ben & Jerry’s',
    'H&M',
    '7-Eleven (Bahnhof)',
    'Café Ñandú',
    '星巴克 Coffee',
    'ラーメン二郎',
    'قهوة',
    'राम',
  ])('may be %s', (name) => {
    expect(faultOfMerchantName(name)).toBeNull()
  })

  it.each([
    ['nothing', ''],
    ['nothing but signs', '&'],
    ['a long one', 'x'.repeat(81)],
    ['a control', 'Blue\u0007bird'],
    ['a line break', 'Blue\nbird'],
    ['a text turned round', 'Blue\u202ebird'],
    ['an isolate', '\u2067Bluebird'],
    ['a space without width', 'Blue\u200bbird'],
    ['an invisible letter', 'Blue\u3164bird'],
    ['a space at its end', 'Bluebird '],
    ['two spaces', 'Blue  bird'],
    ['letters of two alphabets that look alike', 'Bl\u0443ebird'],
    ['digits of two scripts', 'Bar 2\u0662'],
    ['a heap of marks', `Blue${'\u0336'.repeat(6)}bird`],
    ['a mark on nothing', '\u0301Bluebird'],
    ['a sign at the wrong end', '!\u0642\u0647\u0648\u0629'],
    ['a card number', '4111 1111 1111 1111'],
    ['markup', '<b>Bluebird</b>'],
    ['an address', 'https://pay.example'],
    ['another spelling of the same', 'Cafe\u0301'],
  ])('may not be %s', (_what, name) => {
    expect(faultOfMerchantName(name)).toMatch(/^A merchant’s name /)
  })
})
