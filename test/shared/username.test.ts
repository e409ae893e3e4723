import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../shared/problem.ts'
import { passesLuhn } from '../../shared/script/luhn.ts'
import { parseUsername } from '../../shared/username.ts'

const usernameOf = (text: string) => parseUsername(text).username
const refusalOf = (text: string) => {
  try {
    return `accepted as ${usernameOf(text)}`
  } catch (error) {
    return error instanceof Problem ? error.code : error
  }
}

describe('a username', () => {
  it.each([
    ['ada', 'ada'],
    ['John_Wang', 'john_wang'],
    ['j.o-h_n2', 'j.o-h_n2'],
    ['_x-', '_x-'],
    ['Straße', 'straße'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['Владимир', 'владимир'],
    ['中文', '中文'],
    ['王小明1984', '王小明1984'],
    ['二〇二六', '二〇二六'],
    ['العربية', 'العربية'],
    ['محمد٤٥', 'محمد٤٥'],
    ['فرید۷', 'فرید۷'],
    ['ג׳ורג׳', 'ג׳ורג׳'],
    ['हिन्दी', 'हिन्दी'],
    ['कमल२', 'कमल२'],
    ['ไทย', 'ไทย'],
    ['བཀྲ་ཤིས', 'བཀྲ་ཤིས'],
    ['한국어', '한국어'],
    ['東京タワー', '東京タワー'],
    ['レオナルド・ダ・ヴィンチ', 'レオナルド・ダ・ヴィンチ'],
    ['山田Taro', '山田taro'],
    ['김Minsu', '김minsu'],
    ['col·la', 'col·la'],
    ['Ａｄａ', 'ada'],
    ['ｶﾞｷﾞ', 'ガギ'],
    ['Rene\u0301', 'ren\u00e9'],
    ['\u212bngstr\u00f6m', '\u00e5ngstr\u00f6m'],
    ['\u1112\u1161\u11ab국', '한국'],
    ['ab', 'ab'],
    ['a'.repeat(32), 'a'.repeat(32)],
    ['𠮷'.repeat(32), '𠮷'.repeat(32)],
  ])('%j is %j', (text, username) => {
    expect(usernameOf(text)).toBe(username)
  })

  it('is shown as it was typed, without the space around it', () => {
    expect(parseUsername('  John_Wang\n').display).toBe('John_Wang')
    expect(parseUsername('Ａｄａ').display).toBe('Ａｄａ')
    expect(parseUsername('Rene\u0301').display).toBe('Ren\u00e9')
  })
})

describe('no username', () => {
  it.each([
    ['username-too-short', ''],
    ['username-too-short', '  '],
    ['username-too-short', 'x'],
    ['username-too-short', '王'],
    ['username-too-long', 'a'.repeat(33)],
    ['username-too-long', '𠮷'.repeat(33)],
    ['username-too-long', 'a'.repeat(100_000)],
    ['username-malformed', 'ada@example.com'],
    ['username-malformed', 'ada lovelace'],
    ['username-malformed', 'ada\u3000lovelace'],
    ['username-malformed', 'ada/../root'],
    ['username-malformed', "o'hara"],
    ['username-malformed', '__'],
    ['username-malformed', '..'],
    ['username-malformed', 'ada😀'],
    ['username-malformed', 'ad\ud800a'],
    ['username-malformed', 'a\u0378b'],
    ['username-malformed', 'ﬁn'],
    ['username-malformed', '𝐚𝐝𝐚'],
    ['username-malformed', 'ªda'],
    ['username-malformed', 'm²'],
    ['username-malformed', 'محـمد'],
    ['username-malformed', '\u1100\u1100'],
    ['username-malformed', 'ᏣᎳᎩ'],
    ['username-has-control', 'a\u0000b'],
    ['username-has-control', 'a\u202eb'],
    ['username-has-control', 'a\u2066b\u2069'],
    ['username-has-control', 'a\u200fb'],
    ['username-has-control', 'a\u200bb'],
    ['username-has-control', 'नम\u200dस'],
    ['username-has-control', 'می\u200cخ'],
    ['username-has-control', 'a\u00adb'],
    ['username-has-control', 'a\ufe0fb'],
    ['username-has-control', 'a\u3164b'],
    ['username-has-control', 'a\uffa0b'],
    ['username-has-control', 'a\u{e0041}b'],
    ['username-has-control', 'a\u2028b'],
    ['username-mixes-scripts', 'аdа'],
    ['username-mixes-scripts', 'paypаl'],
    ['username-mixes-scripts', 'αda'],
    ['username-mixes-scripts', '中文кофе'],
    ['username-mixes-scripts', '한국タワー'],
    ['username-mixes-scripts', 'हिन्दीabc'],
    ['username-mixes-scripts', 'adaعلي'],
    ['username-mixes-scripts', 'ada٢'],
    ['username-mixes-scripts', 'कमल2२'],
  ])('%s: %j', (code, text) => {
    expect(refusalOf(text)).toBe(code)
  })

  it.each([
    ['starts with a mark', '\u0301ada'],
    ['has a mark on a hyphen', 'a-\u0301da'],
    ['has a mark on a digit', 'ada1\u0338'],
    ['has a mark twice', 'a\u0323\u0323da'],
    ['hides a mark twice in a letter', '\u00e1\u0301da'],
    ['piles up marks', 'e\u0300\u0302\u0303\u0306\u0308da'],
    ['has a middle dot anywhere but in l·l', 'co·la'],
    ['has a middle dot at its end', 'col·'],
    ['has a geresh behind nothing Hebrew', '׳ג'],
    ['has a numeral sign before nothing Greek', 'αβ͵'],
    ['has a katakana dot between Latin letters', 'a・b'],
  ])('%s', (_fault, text) => {
    expect(refusalOf(text)).toBe('username-malformed')
  })

  // RFC 5893 §2: else the hyphen or digit would be drawn on the other side of what stands beside the name.
  it.each(['1محمد', '٤محمد', '-محمد', 'محمد-', 'محمد_', 'אבג.', '٠١٢', '_שלום'])(
    'trades places with its surroundings: %j',
    (text) => {
      expect(refusalOf(text)).toBe('username-malformed')
    },
  )
})

describe('a name that reads as a card number', () => {
  it.each([
    '4111111111111111',
    '4111-1111-1111-1111',
    '4111 1111 1111 1111',
    '4111.1111_1111.1111',
    '4111/1111/1111/1111',
    '4111·1111·1111·1111',
    '4111ー1111ー1111ー1111',
    '4\u0301111111111111111',
    '4111\u200b111111111111',
    '４１１１１１１１１１１１１１１１',
    '٤١١١١١١١١١١١١١١١',
    '۴۱۱۱-۱۱۱۱-۱۱۱۱-۱۱۱۱',
    '४१११११११११११११११',
    '四一一一一一一一一一一一一一一一',
    '4111一一一一1111一一一一',
    '零零零零零零零零零零零零',
    '378282246310005',
    '000000000000',
    'ada4111111111111111',
    'a.4111-1111-1111-1111',
    '4111111111111111_1984',
    '84111111111111111',
    '4111a1111b1111c1111',
    '王４１１１１１１１１１１１１１１１小明',
    'محمد٤١١١١١١١١١١١١١١١',
    '④①①①①①①①①①①①①①①①',
  ])('is refused: %j', (text) => {
    expect(refusalOf(text)).toBe('username-reads-as-card')
  })

  it.each(['18', 'ada1984', '4111-1111-111', 'ada_13800138000', '444444444443'])('is not %j', (name) => {
    expect(usernameOf(name)).toBe(name)
  })

  const withCheckDigit = (digits: string): string =>
    digits + ([...'0123456789'].find((digit) => passesLuhn(digits + digit)) ?? '')

  it('is found in any script, among letters and other digits, and whatever is between its digits', () => {
    const zeros = ['0', '٠', '۰', '०', '০', '๐', '០', '０', '𝟎'].map((zero) => zero.codePointAt(0) ?? 0)
    const between = ['', '', '', '-', '_', '.', ' ', '·', '・', 'ー', '\u0301', '\u200d', '–', 'x', 'ж', '王']
    const around = fc.stringMatching(/^[a-z0-9._-]{0,9}$/)
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9]{11,18}$/).map(withCheckDigit),
        fc.constantFrom(...zeros),
        fc.infiniteStream(fc.constantFrom(...between)),
        around,
        around,
        (digits, zero, gaps, before, after) => {
          const spelled = [...digits].map((digit) => String.fromCodePoint(zero + Number(digit)) + gaps.next().value)
          expect(refusalOf(before + spelled.join('') + after)).toBe('username-reads-as-card')
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('whatever is accepted', () => {
  const alphabets = [
    'abclmistzABCIMZ019-_.·',
    'ÅÉéßñøőİıſ\u0301\u0308\u0327',
    'абвгАБВІіё',
    'αβςσΣΑΩώ͵',
    '王小明〇一二三四五ひらカター・ｶﾞＡ１１',
    '한국어\u1112\u1161\u11ab',
    'محمدعليء٠١٢۰۱\u064b\u0651-_',
    'אבגד׳״\u05b7',
    'हिन्दीकमल०१२\u094d',
  ]
  const characters = fc.oneof(
    ...alphabets.map((alphabet) => fc.array(fc.constantFrom(...alphabet), { minLength: 2, maxLength: 24 })),
    fc.array(fc.constantFrom(...alphabets.join('')), { minLength: 2, maxLength: 6 }),
    fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), { minLength: 2, maxLength: 4 }),
  )
  const accepted = characters
    .map((typed) => typed.join(''))
    .filter((text) => String(refusalOf(text)).startsWith('accepted'))

  it('is its own canonical form, and its display parses to the same', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        const { username, display } = parseUsername(text)
        expect(parseUsername(username)).toEqual({ username, display: username })
        expect(parseUsername(display)).toEqual({ username, display })
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same name in upper case, in full width and decomposed', () => {
    const wide = (text: string) =>
      text.replace(/[!-~]/g, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0))
    fc.assert(
      fc.property(accepted, (text) => {
        const { username } = parseUsername(text)
        expect(usernameOf(wide(text))).toBe(username)
        expect(usernameOf(text.normalize('NFD'))).toBe(username)
        // Upper case has no sharp s, no final sigma and no dotless i to come back from.
        if (/^[a-z0-9._-]*$/.test(username)) expect(usernameOf(username.toUpperCase())).toBe(username)
      }),
      { numRuns: 1000 },
    )
  })

  it('has 2 to 32 characters, NFC, and nothing that hides', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        const username: string = usernameOf(text)
        expect([...username].length).toBeGreaterThanOrEqual(2)
        expect([...username].length).toBeLessThanOrEqual(32)
        expect(username).toBe(username.normalize('NFC'))
        expect(username).not.toMatch(/[\p{C}\p{Z}\p{Lu}\p{Lt}@\p{Default_Ignorable_Code_Point}]|^\p{M}/u)
      }),
      { numRuns: 1000 },
    )
  })

  it('never reads as a card number, and is refused for it only where it does', () => {
    const texts = fc
      .array(fc.constantFrom(...'0123456789-_.ab'), { minLength: 12, maxLength: 22 })
      .map((typed) => typed.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const bare = text.replace(/[^0-9]/g, '')
        const pieces = [...bare].flatMap((_, start) =>
          [12, 13, 14, 15, 16, 17, 18, 19].map((length) => bare.slice(start, start + length)),
        )
        const isCard = pieces.some((piece) => piece.length >= 12 && passesLuhn(piece))
        expect(refusalOf(text)).toBe(
          isCard ? 'username-reads-as-card' : /[0-9ab]/.test(text) ? `accepted as ${text}` : 'username-malformed',
        )
      }),
      { numRuns: 1000 },
    )
  })
})
