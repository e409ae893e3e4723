import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CardBrand, cardBrands } from '../../../shared/card.ts'
import {
  brandOf,
  codeLengthOf,
  faceOf,
  groupDigits,
  hasExpired,
  lengthsOf,
  masked,
  namesTheCard,
  parseCardCode,
  parseCardNumber,
  parseExpiry,
} from '../../../shared/cardholder/card-number.ts'
import { passesLuhn } from '../../../shared/script/luhn.ts'
import { parseUsername } from '../../../shared/username.ts'

const malformed = expect.objectContaining({ code: 'card-number-malformed' })

/** Numbers that the networks publish for tests. */
const published: readonly (readonly [CardBrand, string])[] = [
  ['visa', '4111111111111111'],
  ['visa', '4242424242424242'],
  ['visa', '4222222222222'],
  ['mastercard', '5555555555554444'],
  ['mastercard', '2223003122003222'],
  ['amex', '378282246310005'],
  ['amex', '341111111111111'],
  ['unionpay', '6200000000000005'],
  ['unionpay', '8171999927660000'],
  ['jcb', '3566002020360505'],
  ['discover', '6011111111111117'],
  ['diners', '30569309025904'],
  ['diners', '36227206271667'],
]

describe('the check digit', () => {
  it.each(published)('is right in the %s test number %s', (_brand, number) => {
    expect(passesLuhn(number)).toBe(true)
  })

  it('is wrong as soon as one digit is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...published), fc.nat(), fc.integer({ min: 1, max: 9 }), ([, number], at, step) => {
        const place = at % number.length
        const digit = (Number(number.charAt(place)) + step) % 10
        expect(passesLuhn(number.slice(0, place) + digit + number.slice(place + 1))).toBe(false)
      }),
    )
  })

  it('is not there in nothing at all', () => {
    expect(passesLuhn('')).toBe(false)
  })
})

describe('a card number', () => {
  it.each(published)('of %s is read: %s', (brand, number) => {
    expect(parseCardNumber(number)).toBe(number)
    expect(faceOf(parseCardNumber(number))).toEqual({ brand, last4: number.slice(-4) })
  })

  it.each([
    ['spaces', '4111 1111 1111 1111'],
    ['hyphens', '4111-1111-1111-1111'],
    ['what a printer makes of both', ' 4111\u00a01111\u20111111\u20131111\n'],
    ['full-width digits', '４１１１　１１１１　１１１１　１１１１'],
    ['Arabic-Indic digits', '٤١١١ ١١١١ ١١١١ ١١١١'],
    ['Persian digits', '۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱'],
    ['Devanagari digits', '४१११११११११११११११'],
    ['digits of a row that touches another', '𑛞𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛𑛛'],
  ])('is read from %s', (_spelling, text) => {
    expect(parseCardNumber(text)).toBe('4111111111111111')
  })

  it.each([
    ['nothing', ''],
    ['a wrong check digit', '4111111111111112'],
    ['eleven digits', '41111111112'],
    ['twenty digits', '41111111111111111113'],
    ['a length its brand never has', '37828224631004'],
    ['letters', '4111x1111111111111'],
    ['a slash', '4111/1111/1111/1111'],
    ['numerals that are no digits', '①②③④⑤⑥⑦⑧⑨①②③④⑤⑥⑦'],
    ['an invisible character', '4111111111111111\u200b'],
  ])('is not %s', (_fault, text) => {
    expect(() => parseCardNumber(text)).toThrow(malformed)
  })

  it('is never in the error that refuses it', () => {
    try {
      parseCardNumber('4111111111111112')
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('4111')
    }
  })

  it('is shown by its last four digits', () => {
    expect(masked(parseCardNumber('4111111111111111'))).toBe('•••• 1111')
  })
})

describe('the brand', () => {
  it.each([
    ['', 'unknown'],
    ['4', 'visa'],
    ['5', 'unknown'],
    ['50', 'unknown'],
    ['51', 'mastercard'],
    ['55', 'mastercard'],
    ['56', 'unknown'],
    ['2', 'unknown'],
    ['22', 'unknown'],
    ['2220', 'unknown'],
    ['2221', 'mastercard'],
    ['223', 'mastercard'],
    ['26', 'mastercard'],
    ['27', 'unknown'],
    ['2720', 'mastercard'],
    ['2721', 'unknown'],
    ['3', 'unknown'],
    ['34', 'amex'],
    ['37', 'amex'],
    ['35', 'unknown'],
    ['3527', 'unknown'],
    ['3528', 'jcb'],
    ['353', 'jcb'],
    ['3589', 'jcb'],
    ['3590', 'unknown'],
    ['30', 'unknown'],
    ['305', 'diners'],
    ['306', 'unknown'],
    ['3095', 'diners'],
    ['36', 'diners'],
    ['38', 'diners'],
    ['39', 'diners'],
    ['60', 'unknown'],
    ['6011', 'discover'],
    ['643', 'unknown'],
    ['644', 'discover'],
    ['65', 'discover'],
    ['62', 'unionpay'],
    ['622126', 'unionpay'],
    ['81', 'unknown'],
    ['8171', 'unionpay'],
    ['8172', 'unknown'],
    ['9', 'unknown'],
  ])('of %j is %s', (digits, brand) => {
    expect(brandOf(digits)).toBe(brand)
  })

  it('stays what it is once it is certain', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,6}$/), fc.stringMatching(/^[0-9]{0,13}$/), (prefix, rest) => {
        const brand = brandOf(prefix)
        if (brand !== 'unknown') expect(brandOf(prefix + rest)).toBe(brand)
      }),
    )
  })

  it('decides how long the number and the code are', () => {
    expect(lengthsOf('amex')).toEqual([15])
    expect(lengthsOf('visa')).toEqual([13, 16, 19])
    expect(lengthsOf('unknown')).toEqual([12, 13, 14, 15, 16, 17, 18, 19])
    expect(cardBrands.map(codeLengthOf)).toEqual(cardBrands.map((brand) => (brand === 'amex' ? 4 : 3)))
  })
})

describe('the digits typed so far', () => {
  it.each([
    ['', ''],
    ['4', '4'],
    ['41111', '4111 1'],
    ['4111111111111111', '4111 1111 1111 1111'],
    ['6200000000000000003', '6200 0000 0000 0000 003'],
    ['3782', '3782'],
    ['37828', '3782 8'],
    ['3782822463', '3782 822463'],
    ['37828224631', '3782 822463 1'],
    ['378282246310005', '3782 822463 10005'],
  ])('%j stand as on the card: %j', (digits, grouped) => {
    expect(groupDigits(digits)).toBe(grouped)
  })

  it('are all there, and nothing else', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{0,19}$/), (digits) => {
        expect(groupDigits(digits).replaceAll(' ', '')).toBe(digits)
        expect(groupDigits(digits)).toBe(groupDigits(digits).trim())
      }),
    )
  })
})

describe('the code', () => {
  it('has the length of the brand', () => {
    expect(parseCardCode('123', 'visa')).toBe('123')
    expect(parseCardCode(' ١٢٣٤ ', 'amex')).toBe('1234')
  })

  it.each([
    ['12', 'visa'],
    ['1234', 'visa'],
    ['123', 'amex'],
    ['12a', 'visa'],
    ['', 'unknown'],
  ] as const)('is not %j on %s', (text, brand) => {
    expect(() => parseCardCode(text, brand)).toThrow(expect.objectContaining({ code: 'card-code-malformed' }))
  })
})

describe('the expiry', () => {
  const june2030Ms = Date.UTC(2030, 5, 15)

  it.each(['06/30', '6/30', '06/2030', ' 06 / 30 ', '06-30', '٠٦/٣٠', '０６／３０'])('is read from %j', (text) => {
    expect(parseExpiry(text, june2030Ms)).toEqual({ month: 6, year: 2030 })
  })

  it.each(['', '0630', '13/30', '00/30', '06/203', '06/1930', '06/30/01', '2030-06', 'June 2030'])(
    'is not %j',
    (text) => {
      expect(() => parseExpiry(text, june2030Ms)).toThrow(expect.objectContaining({ code: 'card-expiry-malformed' }))
    },
  )

  it('lasts through the end of its month, and of its year', () => {
    expect(parseExpiry('06/30', Date.UTC(2030, 6, 1) - 1)).toEqual({ month: 6, year: 2030 })
    expect(() => parseExpiry('06/30', Date.UTC(2030, 6, 1))).toThrow()
    expect(hasExpired({ month: 12, year: 2030 }, Date.UTC(2031, 0, 1) - 1)).toBe(false)
    expect(hasExpired({ month: 12, year: 2030 }, Date.UTC(2031, 0, 1))).toBe(true)
  })
})

describe('a username', () => {
  const card = parseCardNumber('4111111111111111')

  // By the rules of names none of these is one; whoever has one all the same must not add this card.
  it.each(['visa4111111111111111', '4111-1111.1111_1111x', '4111111111111111a1'])(
    'may not name the card: %s',
    (name) => {
      expect(() => parseUsername(name)).toThrow(expect.objectContaining({ code: 'username-reads-as-card' }))
      expect(namesTheCard(name, card)).toBe(true)
    },
  )

  it('may hold other digits', () => {
    expect(namesTheCard(parseUsername('ada1815').username, card)).toBe(false)
    expect(namesTheCard('ada4111111111111112', card)).toBe(false)
  })
})
