import fc from 'fast-check'
import { CompactSign } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { importKeyPair, type KeyPair, makePrivateKey } from '../../server/runtime/keys.ts'
import {
  type Channel,
  type PinnedKeys,
  pinKeys,
  readMessage,
  signMessage,
} from '../../server/runtime/signed-message.ts'
import { utf8 } from '../../shared/bytes.ts'

const nowMs = Date.UTC(2026, 0, 15, 12)
const channel: Channel = { issuer: 'https://pay.example', audience: 'https://bank.example', type: 'moniker-test+jws' }
const body = z.strictObject({ amount: z.int() })
const message = { id: 'a-message-id-of-its-own', body: { amount: 1250 } }

let key: KeyPair
let stranger: KeyPair
let pinned: PinnedKeys
beforeAll(async () => {
  key = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
  stranger = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
  pinned = await pinKeys([key.publicJwk])
})

const read = (text: string, on: Channel = channel, atMs = nowMs) => readMessage(on, pinned, atMs, body, text)
const refused = expect.objectContaining({ code: 'message-refused' })

describe('a signed message', () => {
  it('arrives as it was sent, with its id, what it answers and the key that signed it', async () => {
    const text = await signMessage(channel, key, nowMs, { ...message, inResponseTo: 'the-question' })
    expect(await read(text)).toEqual({
      id: message.id,
      inResponseTo: 'the-question',
      body: { amount: 1250 },
      keyId: key.kid,
    })
  })

  it('is for one operation, one sender and one reader', async () => {
    const text = await signMessage(channel, key, nowMs, message)
    await expect(read(text, { ...channel, type: 'moniker-other+jws' })).rejects.toEqual(refused)
    await expect(read(text, { ...channel, issuer: 'https://somebody.example' })).rejects.toEqual(refused)
    await expect(read(text, { ...channel, audience: 'https://somebody.example' })).rejects.toEqual(refused)
  })

  it('is worth nothing two minutes later, or before it was written', async () => {
    const text = await signMessage(channel, key, nowMs, message)
    await expect(read(text, channel, nowMs + 149_000)).resolves.toBeDefined() // 120 s and the 30 s clocks may differ
    await expect(read(text, channel, nowMs + 150_000)).rejects.toEqual(refused)
    await expect(read(text, channel, nowMs - 31_000)).rejects.toEqual(refused)
  })

  it('is refused when signed by a key that is not pinned, whatever name it gives', async () => {
    const named = { ...stranger, kid: key.kid }
    await expect(read(await signMessage(channel, stranger, nowMs, message))).rejects.toEqual(refused)
    await expect(read(await signMessage(channel, named, nowMs, message))).rejects.toEqual(refused)
  })

  it.each([
    ['a critical extension', { alg: 'ES256', kid: '', typ: channel.type, crit: ['b64'], b64: true }],
    ['a key of its own', { alg: 'ES256', kid: '', typ: channel.type, jwk: { kty: 'EC' } }],
    ['an address to fetch keys from', { alg: 'ES256', kid: '', typ: channel.type, jku: 'https://keys.example' }],
    ['members in another order', { typ: channel.type, alg: 'ES256', kid: '' }],
  ])('is refused with %s in its header', async (_what, header) => {
    const claims = { iss: channel.issuer, aud: channel.audience, iat: nowMs / 1000, exp: nowMs / 1000 + 60 }
    const text = await new CompactSign(utf8(JSON.stringify({ ...claims, jti: message.id, body: message.body })))
      .setProtectedHeader({ ...header, kid: key.kid })
      .sign(key.privateKey)
    await expect(read(text)).rejects.toEqual(refused)
  })

  it('is refused with any one character changed, taken away or added', async () => {
    const text = await signMessage(channel, key, nowMs, message)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=. \n'
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...alphabet, ''),
        fc.boolean(),
        async (index, character, isInsertion) => {
          const mutant = text.slice(0, index) + character + text.slice(isInsertion ? index : index + 1)
          fc.pre(mutant !== text)
          await expect(read(mutant)).rejects.toEqual(refused)
        },
      ),
      { numRuns: 500 },
    )
  })
})
