import { expect, it } from 'vitest'
import { type Passkey, toAssertion, verifyAssertion, verifyRegistration } from '../../server/runtime/passkey.ts'
import type { AuthenticationResponse, RegistrationResponse } from '../../shared/evidence.ts'
import { paymentDialogOf, paymentDialogsOf } from '../../shared/payment-dialog.ts'
import {
  type Algorithm,
  type CreateRequest,
  type GetRequest,
  type SoftwareAuthenticator,
  softwareAuthenticator,
  twinOf,
} from './authenticator.ts'
import { eur } from './merchant.ts'
import { inDialog, shownByBrowser } from './payment-dialog.ts'
import { seededRandom } from './seeded-random.ts'

const relyingParty = { id: 'pay.localhost', origins: ['http://pay.localhost:4800'] }
const origin = 'http://pay.localhost:4800'
const user = { id: 'AAECAwQFBgcICQoLDA0ODw', name: 'ada' }
const challenge = seededRandom('challenge')(32)

const device = (options: { synced?: boolean; seed?: string } = {}): SoftwareAuthenticator =>
  softwareAuthenticator({ random: seededRandom(options.seed ?? 'device'), origin, rpId: relyingParty.id, ...options })

const register = (response: RegistrationResponse) => verifyRegistration({ response, challenge, relyingParty })
const enrol = async (authenticator: SoftwareAuthenticator, algorithm: Algorithm = -7) =>
  register(await authenticator.create({ challenge, user, algorithm }))

function use(passkey: Passkey, response: AuthenticationResponse) {
  const userHandle = user.id
  return verifyAssertion({
    assertion: toAssertion(response),
    challenge,
    relyingParty,
    passkey,
    userHandle,
  })
}

/** A promise for the problem's `cause`, so that a refusal for the wrong reason is not taken for the right one. */
const whyRefused = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'not refused',
    (problem) => String(problem.cause),
  )

it.each([-7, -257] as const)('makes and uses a passkey that verifies (COSE algorithm %i)', async (algorithm) => {
  const authenticator = device()
  const passkey = await enrol(authenticator, algorithm)
  expect(passkey).toMatchObject({ signatureCounter: 0, isBackupEligible: false, transports: ['internal'] })
  expect(await use(passkey, authenticator.get({ challenge }))).toEqual({ signatureCounter: 1, isBackedUp: false })
  expect(await use(passkey, authenticator.get({ challenge }))).toEqual({ signatureCounter: 2, isBackedUp: false })
})

it('makes passkeys that are synced: backed up, without a counter', async () => {
  const authenticator = device({ synced: true })
  const passkey = await enrol(authenticator)
  expect(passkey).toMatchObject({ signatureCounter: 0, isBackupEligible: true, isBackedUp: true })
  expect(await use(passkey, authenticator.get({ challenge }))).toEqual({ signatureCounter: 0, isBackedUp: true })
})

it('signs with the passkey it is asked for, with the one made last where it is not asked, and never with a stranger’s', async () => {
  const authenticator = device()
  const first = await enrol(authenticator)
  const last = await enrol(authenticator, -257)
  const asked = authenticator.get({ challenge, allowCredentials: [first.credentialId] })
  expect(asked).toMatchObject({ id: first.credentialId, response: { userHandle: user.id } })
  expect(authenticator.get({ challenge }).id).toBe(last.credentialId)
  await expect(use(first, asked)).resolves.toBeDefined()
  expect(() => authenticator.get({ challenge, allowCredentials: ['AAAA'] })).toThrow(
    expect.objectContaining({ name: 'NotAllowedError' }),
  )
})

it.each<[string, Partial<CreateRequest>, RegExp]>([
  ['of another origin', { origin: 'http://evil.localhost' }, /origin/i],
  ['for another relying party', { rpId: 'evil.localhost' }, /RP ID/i],
  ['of another ceremony', { type: 'webauthn.get' }, /response type/i],
  ['in a frame', { crossOrigin: true, topOrigin: 'http://shop.localhost' }, /frame/],
  ['with nobody there', { userPresent: false }, /present/i],
  ['with nobody recognized', { userVerified: false }, /verified/i],
  ['for another challenge', { challenge: seededRandom('other')(32) }, /challenge/i],
])('can make a passkey %s, which is refused for that', async (_what, deviation, reason) => {
  const response = await device().create({ challenge, user, ...deviation })
  expect(await whyRefused(register(response))).toMatch(reason)
})

it.each<[string, Partial<GetRequest>, RegExp]>([
  ['of another origin', { origin: 'http://evil.localhost' }, /origin/i],
  ['for another relying party', { rpId: 'evil.localhost' }, /RP ID/i],
  ['of a payment, which is not asked for', { type: 'payment.get', payment: { rpId: 'pay.localhost' } }, /ceremony/],
  ['in a frame', { crossOrigin: true, topOrigin: 'http://shop.localhost' }, /frame/],
  ['with nobody there', { userPresent: false }, /present/i],
  ['with nobody recognized', { userVerified: false }, /verif/i],
  ['for another challenge', { challenge: seededRandom('other')(32) }, /challenge/i],
  ['over something else', { bogusSignature: true }, /signature does not verify/],
  ['of a clone, which counts from zero', { counter: 0 }, /counter/],
  ['of a passkey that has become a synced one', { backupEligible: true, backedUp: true }, /backup eligibility/],
  ['of another user', { userHandle: 'AAAA' }, /another user/],
  ['under the id of another passkey', { reportedCredentialId: 'AAAA' }, /another passkey/],
])('can sign %s, which is refused for that', async (_what, deviation, reason) => {
  const authenticator = device()
  const passkey = { ...(await enrol(authenticator)), signatureCounter: 1 }
  const response = authenticator.get({ challenge, counter: 2, ...deviation })
  expect(await whyRefused((async () => use(passkey, response))())).toMatch(reason)
})

it('lets a payment confirmation carry what it names', async () => {
  const authenticator = device()
  const passkey = await enrol(authenticator)
  const agreed = { payee: { name: 'Bluebird Coffee', origin: 'https://coffee.example' }, amount: eur(12_50) }
  const face = { brand: 'visa', last4: '1111' } as const
  const payment = shownByBrowser(paymentDialogOf(agreed, face), { rpId: relyingParty.id, origin })
  const dialogs = paymentDialogsOf(agreed, face)
  const response = authenticator.get({ challenge, ...inDialog(payment) })
  const assertion = toAssertion(response)
  await expect(verifyAssertion({ assertion, challenge, relyingParty, passkey, dialogs })).resolves.toBeDefined()
  expect(JSON.parse(Buffer.from(assertion.clientDataJSON, 'base64url').toString())).toMatchObject({ payment })
})

it('signs so that each signature has one twin, which is as valid', async () => {
  const authenticator = device({ synced: true })
  const passkey = await enrol(authenticator)
  // Often enough to meet short integers and both signs of the first bit, where DER is easily got wrong.
  for (let run = 0; run < 50; run += 1) {
    const response = authenticator.get({ challenge })
    const { signature } = response.response
    const twin = { ...response, response: { ...response.response, signature: twinOf(signature) } }
    expect(twin.response.signature).not.toBe(signature)
    expect(twinOf(twin.response.signature)).toBe(signature)
    await use(passkey, twin)
  }
})
