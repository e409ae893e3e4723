import {
  createCipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { base64url, utf8 } from '../../../shared/bytes.ts'
import type { SealedCard } from '../../../shared/card.ts'
import type { CardDetails } from '../../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../../shared/cardholder/card-number.ts'
import { openSeal } from '../../../shared/cardholder/open-seal.ts'
import { type SealContents, sealCard } from '../../../shared/cardholder/seal.ts'
import { currencies, money } from '../../../shared/money.ts'
import { passkeySetOf } from '../../../shared/passkey.ts'
import { sealedCardSchema } from '../../../shared/wire/bank-api.ts'
import { sealingKeySchema } from '../../../shared/wire/payment-api.ts'

const bank = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sealingKey = sealingKeySchema.parse({ ...bank.publicKey.export({ format: 'jwk' }), kid: 'seal-1' })
const details: CardDetails = {
  number: parseCardNumber('4111111111111111'),
  expiry: { month: 12, year: 2030 },
  name: 'Ada Lovelace',
  code: '123',
}
const refused = expect.objectContaining({ code: 'card-refused' })
const passkeys = ['B'.repeat(43), 'A'.repeat(43)]
const seal = (card: CardDetails) => sealCard(card, passkeys, sealingKey)
const open = (sealed: SealedCard, key: KeyObject = bank.privateKey) => openSeal(sealed, async () => key)

/** RFC 7516 §5.1 and RFC 7518 §4.6 by hand, for seals that no honest program makes. */
function sealByHand(header: (honest: string) => string, plaintext: Uint8Array): SealedCard {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' })
  const honest = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'seal-1', typ: 'moniker-card+jwe', epk: { kty, crv, x, y } }
  const protectedHeader = base64url(utf8(header(JSON.stringify(honest))))
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: bank.publicKey })
  const number = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
  const enc = utf8('A256GCM')
  const key = [number(1), secret, number(enc.length), enc, number(0), number(0), number(256)]
    .reduce((hash, part) => hash.update(part), createHash('sha256'))
    .digest()
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(protectedHeader))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const parts = [protectedHeader, '', ...[nonce, ciphertext, cipher.getAuthTag()].map(base64url)]
  return sealedCardSchema.parse(parts.join('.'))
}

const padded = (text: string, bytes = 512) => utf8(text.padEnd(bytes - (utf8(text).length - text.length)))
const asItIs = (text: string) => text

describe('a sealed card', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((text) => `A${text}`.normalize('NFC').replace(/\s+/gu, ' ').trim())
    .filter((text) => !/\p{Cc}/u.test(text) && [...text].length <= 48)
  const anyDetails = fc.record(
    {
      number: fc.constantFrom('4111111111111111', '5555555555554444', '6200000000000005').map(parseCardNumber),
      expiry: fc.record({ month: fc.integer({ min: 1, max: 12 }), year: fc.integer({ min: 2000, max: 2099 }) }),
      name,
      gender: fc.constantFrom('female', 'männlich', '女'),
      code: fc.stringMatching(/^[0-9]{3}$/),
      limit: fc
        .tuple(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.constantFrom(...currencies))
        .map(([minor, currency]) => money(minor, currency)),
    },
    { requiredKeys: ['number', 'expiry', 'name', 'code'] },
  )

  it('is read by the bank as it was typed, and has one size', async () => {
    await fc.assert(
      fc.asyncProperty(anyDetails, async (typed) => {
        const sealed = await seal(typed)
        expect(await open(sealed)).toEqual({ card: typed, passkeys: await passkeySetOf(passkeys) })
        expect(sealedCardSchema.parse(sealed)).toBe(sealed)
        expect(
          sealed
            .split('.')
            .map((part) => part.length)
            .slice(1),
        ).toEqual([0, 16, 683, 22])
      }),
      { numRuns: 50 },
    )
  })

  it('has room for the longest names there can be', async () => {
    const longest: CardDetails = {
      ...details,
      number: parseCardNumber('6200000000000000000'),
      name: '𠮷'.repeat(48),
      gender: '𠮷'.repeat(16),
      limit: money(Number.MAX_SAFE_INTEGER, 'EUR'),
    }
    expect((await open(await seal(longest))).card).toEqual(longest)
    await expect(seal({ ...longest, name: '𠮷'.repeat(128) })).rejects.toThrow(RangeError)
  })

  it('names the passkeys that it may be bound to, in whichever order', async () => {
    const [first, second] = await Promise.all(
      [passkeys, passkeys.toReversed()].map(
        async (set) => (await open(await sealCard(details, set, sealingKey))).passkeys,
      ),
    )
    expect(first).toBe(second)
    const other = await sealCard(details, passkeys.slice(1), sealingKey)
    expect((await open(other)).passkeys).not.toBe(first)
  })

  it('is never sealed twice alike', async () => {
    expect(await seal(details)).not.toBe(await seal(details))
  })

  it('names the key it was sealed to', async () => {
    const asked: string[] = []
    await openSeal(await seal(details), async (kid) => {
      asked.push(kid)
      return bank.privateKey
    })
    expect(asked).toEqual(['seal-1'])
  })

  it('stays closed without that key', async () => {
    const sealed = await seal(details)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await expect(open(sealed, stranger.privateKey)).rejects.toThrow(refused)
    await expect(openSeal(sealed, async () => null)).rejects.toThrow(refused)
  })

  it('leaves a fault of the key store what it is', async () => {
    const fault = new Error('the key store is away')
    await expect(openSeal(await seal(details), () => Promise.reject(fault))).rejects.toBe(fault)
  })
})

describe('a seal that was tampered with', () => {
  let sealed: SealedCard
  beforeAll(async () => {
    sealed = await seal(details)
  })
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const tampered = (text: string) => text as SealedCard

  it('is refused whichever character changed', async () => {
    for (let at = 0; at < sealed.length; at += 1) {
      // One bit of the six, another one at every place; a dot becomes a letter.
      const other = alphabet.charAt((alphabet.indexOf(sealed.charAt(at)) ^ (1 << (at % 6))) & 63)
      const changed = tampered(sealed.slice(0, at) + other + sealed.slice(at + 1))
      await expect(open(changed), `character ${at}`).rejects.toThrow(refused)
    }
  })

  it('is refused shortened, lengthened, or in another spelling', async () => {
    const parts = sealed.split('.')
    const spellings = [
      '',
      '....',
      sealed.slice(0, -1),
      `${sealed}A`,
      `${sealed}=`,
      `${sealed}\n`,
      ` ${sealed}`,
      `${sealed}.`,
      parts.slice(0, 4).join('.'),
      parts.with(1, 'AAAA').join('.'),
    ]
    for (const text of spellings) await expect(open(tampered(text)), JSON.stringify(text)).rejects.toThrow(refused)
  })
})

describe('a seal made by another program', () => {
  const contents: SealContents = { card: details, passkeys: 'A'.repeat(43) }
  const text = JSON.stringify(contents)

  it('is opened where it is what ours would be', async () => {
    expect(await open(sealByHand(asItIs, padded(text)))).toEqual(contents)
  })

  it.each<[string, (honest: string) => string]>([
    ['compression', (header) => header.replace('{', '{"zip":"DEF",')],
    ['critical members', (header) => header.replace('{', '{"crit":["exp"],"exp":1,')],
    ['a key of its own', (header) => header.replace('{', '{"jwk":{},')],
    ['agreement info', (header) => header.replace('{', '{"apu":"",')],
    ['a member twice', (header) => header.replace('{', '{"typ":"moniker-card+jwe",')],
    ['a member twice inside', (header) => header.replace('"crv"', '"crv":"P-256","crv"')],
    ['white space', (header) => `${header} `],
    ['an escaped letter', (header) => header.replace('"typ"', '"t\\u0079p"')],
    ['another type', (header) => header.replace('moniker-card+jwe', 'moniker-record+jwe')],
    ['no type', (header) => header.replace(',"typ":"moniker-card+jwe"', '')],
    ['another algorithm', (header) => header.replace('ECDH-ES', 'ECDH-ES+A256KW')],
    ['another encryption', (header) => header.replace('A256GCM', 'A128GCM')],
    ['a private key in it', (header) => header.replace('"crv"', '"d":"AA","crv"')],
    ['a member we do not know inside', (header) => header.replace('"crv"', '"use":"enc","crv"')],
    ['no key id', (header) => header.replace('"kid":"seal-1",', '')],
    ['no JSON', () => 'header'],
    ['a list', (header) => `[${header}]`],
  ])('is refused with a header of %s', async (_fault, header) => {
    await expect(open(sealByHand(header, padded(text)))).rejects.toThrow(refused)
  })

  it('is refused with a point that is not on the curve', async () => {
    const offCurve = (header: string) => header.replace(/"y":"[^"]+"/, `"y":"${base64url(new Uint8Array(32))}"`)
    await expect(open(sealByHand(offCurve, padded(text)))).rejects.toThrow(refused)
  })

  it.each<[string, unknown]>([
    ['a wrong check digit', { ...details, number: '4111111111111112' }],
    ['a number with spaces', { ...details, number: '4111 1111 1111 1111' }],
    ['a number that is none', { ...details, number: 4_111_111_111_111_111 }],
    ['a month too many', { ...details, expiry: { month: 13, year: 2030 } }],
    ['no name', { ...details, name: '' }],
    ['a name with a line feed', { ...details, name: 'Ada\nLovelace' }],
    ['a code of four digits', { ...details, code: '1234' }],
    ['a code of letters', { ...details, code: 'abc' }],
    ['a gender of control characters', { ...details, gender: '\u0000' }],
    ['a limit of nothing', { ...details, limit: { minor: 0, currency: 'EUR' } }],
    ['a limit of broken cents', { ...details, limit: { minor: 0.5, currency: 'EUR' } }],
    ['a member we do not know', { ...details, pin: '1234' }],
    ['another shape', [details]],
    ['nothing', null],
  ])('is refused with %s, and the error says nothing of the card', async (_fault, value) => {
    const whole = JSON.stringify({ ...contents, card: value })
    const error: unknown = await open(sealByHand(asItIs, padded(whole))).catch((thrown) => thrown)
    expect(error).toEqual(refused)
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(/4111|Lovelace/)
  })

  it.each<[string, unknown]>([
    ['no word of the passkeys', { card: details }],
    ['a word that is no hash', { ...contents, passkeys: 'all of them' }],
    ['a member we do not know', { ...contents, pin: '1234' }],
  ])('is refused with %s around the card', async (_fault, value) => {
    await expect(open(sealByHand(asItIs, padded(JSON.stringify(value))))).rejects.toThrow(refused)
  })

  it.each<[string, Uint8Array]>([
    ['less padding', padded(text, 511)],
    ['more padding', padded(text, 513)],
    ['tabs as padding', utf8(text.padEnd(512, '\t'))],
    ['padding in front', utf8(text.padStart(512))],
    ['a member twice', padded(text.replace('"code"', '"code":"999","code"'))],
    ['bytes that are no text', new Uint8Array(512).fill(0xff)],
    ['text that is no JSON', padded('4111111111111111, Ada Lovelace')],
  ])('is refused with %s', async (_fault, plaintext) => {
    const error: unknown = await open(sealByHand(asItIs, plaintext)).catch((thrown) => thrown)
    expect(error).toEqual(refused)
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(/4111|Lovelace/)
  })
})
