import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { skeletonOf } from '../../../../server/payment/identity/username-rules/skeleton.ts'
import { parseUsername } from '../../../../shared/username.ts'

const skeletonOfText = (text: string) => skeletonOf(parseUsername(text).username)

describe('the skeleton', () => {
  it.each([
    ['corey', 'согеу', 'the Cyrillic letters of that shape'],
    ['paypal', 'раураӏ', 'a whole word of another script'],
    ['scope', 'ѕсоре', 'a word of borrowed letters'],
    ['abet', 'ΑΒΕΤ', 'letters alike in upper case only'],
    ['bob', 'ВОВ', 'letters alike in upper case only'],
    ['modern', 'rnodern', 'one letter that looks like two'],
    ['bob', 'b0b', 'a zero for an o'],
    ['alice', 'a1ice', 'a one for an l'],
    ['alice', 'aIice', 'a capital i for an l'],
    ['strasse', 'Straße', 'a letter for its spelling'],
    ['νικος', 'νικοσ', 'the other small sigma'],
    ['izmir', 'İzmir', 'a dot on a letter that has one'],
    ['علي٤', 'علي4', 'the digit of that value'],
    ['力口', 'カ口', 'Han and Katakana of one shape'],
  ])('of %s is that of %s: %s', (one, other, _why) => {
    expect(skeletonOfText(one)).toBe(skeletonOfText(other))
    expect(parseUsername(one).username).not.toBe(parseUsername(other).username)
  })

  it.each([
    ['ada', 'ida'],
    ['john_wang', 'johnwang'],
    ['jose', 'josé'],
    ['王小明', '王大明'],
    ['علي', 'عمر'],
    ['हिन्दी', 'हिन्दु'],
    ['nan', 'van'],
    ['ανα', 'αλα'],
  ])('tells %s from %s', (one, other) => {
    expect(skeletonOfText(one)).not.toBe(skeletonOfText(other))
  })

  it('is its own skeleton, and the same for every spelling of a name', () => {
    const alphabets = [
      'abdilmnorvwIOM019',
      'абвгіјкмнорстухѕ',
      'αβεηικμνορστυχς',
      '王力口カニエロ一二ー',
      'علي٠١٤٥',
      'ßæøœłđħŋþ',
    ]
    const names = fc
      .oneof(...alphabets.map((alphabet) => fc.array(fc.constantFrom(...alphabet), { minLength: 2, maxLength: 11 })))
      .map((characters) => characters.join(''))
      .filter((text) => !/^[٠-٩]/.test(text))
    fc.assert(
      fc.property(names, (text) => {
        const { username, display } = parseUsername(text)
        const skeleton = skeletonOf(username)
        expect(skeletonOfText(display)).toBe(skeleton)
        // A skeleton is no username, but it has one: UTS #39 §4 makes the mapping idempotent.
        expect(skeletonOf(skeleton as typeof username)).toBe(skeleton)
      }),
      { numRuns: 500 },
    )
  })
})
