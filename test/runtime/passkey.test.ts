import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type NewPasskey, toAssertion, verifyAssertion, verifyRegistration } from '../../server/runtime/passkey.ts'
import { base64url, bytesOfBase64url } from '../../shared/bytes.ts'
import type { Assertion } from '../../shared/evidence.ts'
import {
  type Algorithm,
  type CreateRequest,
  type GetRequest,
  type SoftwareAuthenticator,
  softwareAuthenticator,
  twinOf,
} from '../support/authenticator.ts'
import { type Respelling, respelledPair } from '../support/der.ts'

const random = (length: number) => new Uint8Array(randomBytes(length))
const device = { random, origin: 'https://pay.example', rpId: 'pay.example' }
const relyingParty = { id: 'pay.example', origins: ['https://pay.example'] }
const userHandle = base64url(random(16))
const refused = expect.objectContaining({ code: 'passkey-refused' })

async function register(authenticator: SoftwareAuthenticator, deviation: Partial<CreateRequest> = {}) {
  const challenge = random(32)
  const response = await authenticator.create({ challenge, user: { id: userHandle, name: 'ada' }, ...deviation })
  return verifyRegistration({ response, challenge, relyingParty })
}

const algorithms: Algorithm[] = [-7, -257]

describe('a new passkey', () => {
  it.each(algorithms)('of algorithm %i is taken in with what is needed to check its next use', async (algorithm) => {
    expect(await register(softwareAuthenticator({ ...device, synced: true }), { algorithm })).toMatchObject({
      signatureCounter: 0,
      isBackupEligible: true,
      transports: ['internal'],
    })
  })

  const deviations: [string, Partial<CreateRequest>][] = [
    ['made without a person', { userPresent: false }],
    ['made without verifying the person', { userVerified: false }],
    ['made on another page', { origin: 'https://evil.example' }],
    ['made for another site', { rpId: 'evil.example' }],
    ['made inside a frame', { crossOrigin: true }],
    ['made under a hostile top page', { topOrigin: 'https://evil.example' }],
    ['made by another ceremony', { type: 'webauthn.get' }],
    ['whose key says more than a passkey’s does', { keyId: random(4) }],
  ]
  it.each(deviations)('%s is refused', async (_what, deviation) => {
    await expect(register(softwareAuthenticator(device), deviation)).rejects.toEqual(refused)
  })
})

describe('the use of a passkey', () => {
  let authenticator: SoftwareAuthenticator
  let passkey: NewPasskey
  const challenge = random(32)
  beforeEach(async () => {
    authenticator = softwareAuthenticator(device)
    passkey = await register(authenticator)
  })

  const use = (deviation: Partial<GetRequest> = {}) => toAssertion(authenticator.get({ challenge, ...deviation }))
  const verify = (assertion: Assertion) => verifyAssertion({ assertion, challenge, relyingParty, passkey, userHandle })

  it('proves that its owner agreed, and tells the counter to remember', async () => {
    expect(await verify(use())).toEqual({ signatureCounter: 1, isBackedUp: false })
  })

  const deviations: [string, Partial<GetRequest>][] = [
    ['without a person', { userPresent: false }],
    ['without verifying the person', { userVerified: false }],
    ['on another page', { origin: 'https://evil.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['inside a frame', { crossOrigin: true }],
    ['inside a frame that names its top', { crossOrigin: true, topOrigin: 'https://pay.example' }],
    ['by another user', { userHandle: base64url(random(16)) }],
    ['under another passkey’s id', { reportedCredentialId: base64url(random(16)) }],
    ['in a browser’s payment dialog where none was asked for', { type: 'payment.get' }],
    ['with a signature over something else', { bogusSignature: true }],
    ['over another challenge', { challenge: random(32) }],
    ['with backup eligibility that came later', { backupEligible: true }],
  ]
  it.each(deviations)('%s is refused', async (_what, deviation) => {
    const attempt = async () => verify(use(deviation))
    await expect(attempt()).rejects.toEqual(refused)
  })

  it('as something that is no ceremony is refused before anything is checked', () => {
    expect(() => use({ type: 'webauthn.create' })).toThrow(refused)
  })

  it('is refused where the counter of a device-bound passkey does not rise: there may be a clone', async () => {
    passkey = { ...passkey, signatureCounter: 5 }
    await expect(verify(use({ counter: 5 }))).rejects.toEqual(refused)
    await expect(verify(use({ counter: 6 }))).resolves.toMatchObject({ signatureCounter: 6 })
  })

  it('is fine without a counter where the passkey is synced', async () => {
    authenticator = softwareAuthenticator({ ...device, synced: true })
    passkey = { ...(await register(authenticator)), signatureCounter: 5 }
    await expect(verify(use())).resolves.toMatchObject({ signatureCounter: 0, isBackedUp: true })
  })

  it('has a twin signature that verifies too, so signatures are never keys', async () => {
    const assertion = use()
    await expect(verify({ ...assertion, signature: twinOf(assertion.signature) })).resolves.toBeDefined()
  })

  it.each(algorithms)(
    'is refused with any one byte of what was signed, or of the signature, changed, added or taken away: %i',
    async (algorithm) => {
      passkey = await register(authenticator, { algorithm })
      const assertion = use()
      const members = ['authenticatorData', 'clientDataJSON', 'signature', 'credentialId'] as const
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...members),
          fc.nat(400),
          fc.uint8Array({ maxLength: 2 }),
          async (member, position, replacement) => {
            const bytes = bytesOfBase64url(assertion[member])
            const index = position % bytes.length
            const mutant = new Uint8Array([...bytes.subarray(0, index), ...replacement, ...bytes.subarray(index + 1)])
            fc.pre(base64url(mutant) !== assertion[member])
            await expect(verify({ ...assertion, [member]: base64url(mutant) })).rejects.toEqual(refused)
          },
        ),
        { numRuns: 500 },
      )
    },
  )

  describe('by ES256 has one spelling, however long another one is', () => {
    const respelled = (respelling: Respelling): Assertion => {
      const assertion = use()
      return { ...assertion, signature: base64url(respelledPair(bytesOfBase64url(assertion.signature), respelling)) }
    }

    it('and is taken in it', async () => {
      await expect(verify(respelled({}))).resolves.toBeDefined()
    })

    it.each<[string, Respelling]>([
      ['with a byte after it', { after: 1 }],
      ['with many bytes after it', { after: 200 }],
      ['with a third member', { thirdMember: true }],
      ['with its length in the long form', { lengthBytes: 1 }],
      ['with its length in eight bytes', { lengthBytes: 8 }],
      ['with the lengths of its integers in the long form', { integerLengthBytes: 1 }],
      ['with an indefinite length', { indefinite: true }],
      ['with zeros in front of its integers', { zeros: 40 }],
    ])('and is refused %s', async (_how, respelling) => {
      const attempt = async () => verify(respelled(respelling))
      await expect(attempt()).rejects.toEqual(refused)
    })

    it('and is refused in every mixture of these', async () => {
      const respelling = fc.record<Respelling>({
        after: fc.nat(300),
        thirdMember: fc.boolean(),
        lengthBytes: fc.nat(8),
        integerLengthBytes: fc.nat(8),
        indefinite: fc.boolean(),
        zeros: fc.nat(80),
      })
      await fc.assert(
        fc.asyncProperty(respelling, async (how) => {
          fc.pre(Object.values(how).some((change) => change !== 0 && change !== false))
          const attempt = async () => verify(respelled(how))
          await expect(attempt()).rejects.toEqual(refused)
        }),
        { numRuns: 500 },
      )
    })
  })
})
