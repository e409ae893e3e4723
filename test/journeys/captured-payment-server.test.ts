/**
 * Somebody has taken over the payment server: its keys, its databases, its place on the wire to the bank. The bank still pays
 * nothing that no payer signed.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type PinnedKeys, pinKeys, readMessage, signMessage } from '../../server/runtime/signed-message.ts'
import { base64url, bytesOfBase64url, textOfUtf8 } from '../../shared/bytes.ts'
import type { CardId, CredentialId } from '../../shared/identifiers.ts'
import { challengeOf } from '../../shared/intent.ts'
import {
  answerType,
  type BankAnswer,
  type BankBody,
  bankOperations,
  joseContentType,
} from '../../shared/wire/bank-api.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { bankOrigin, openWorld, payOrigin, type World } from '../support/world.ts'

type Authorization = BankBody<'authorize'>

let world: World
let bankSignature: PinnedKeys
let ada: SoftwarePayer
let mallory: SoftwarePayer
beforeEach(async () => {
  world = await openWorld()
  bankSignature = await pinKeys([world.bankKeys.signing.publicJwk])
  ada = await world.payer('ada', { balance: eur(100_00) })
  mallory = await world.payer('mallory', { balance: eur(100_00) })
})
afterEach(() => world.close())

/** What the payment server is about to send for a payment this payer has signed; held back, so that the bank never saw it. */
async function heldBack(payer: SoftwarePayer, amount = eur(12_50), card?: CardId): Promise<Authorization> {
  let held: Authorization | undefined
  const hold = async (_ask: unknown, request: Request): Promise<Response> => {
    const [, payload = ''] = (await request.text()).split('.')
    const { body } = z.object({ body: z.unknown() }).parse(JSON.parse(textOfUtf8(bytesOfBase64url(payload))))
    const authorization = bankOperations.authorize.body.safeParse(body)
    if (authorization.success) held = authorization.data
    throw new TypeError('held back')
  }
  world.faults.push(hold, hold)
  const bill = await world.merchant('Bluebird Coffee').asks(amount)
  const signed = await payer.signs(bill, card === undefined ? {} : { card })
  expect(outcomeOf(await payer.confirms(bill, signed))).toBe('unknown')
  if (held === undefined) throw new Error('the payment server asked for nothing')
  return held
}

/** Asks the bank with the payment server's own key. */
async function ask(body: Authorization): Promise<BankAnswer<'authorize'>> {
  const { path, type, answer } = bankOperations.authorize
  const question = { issuer: payOrigin, audience: bankOrigin, type }
  const id = base64url(crypto.getRandomValues(new Uint8Array(16)))
  const text = await signMessage(question, world.paymentKeys.signing, world.clock.nowMs(), { id, body })
  const request = new Request(new URL(path, bankOrigin), {
    method: 'POST',
    headers: { 'content-type': joseContentType },
    body: text,
  })
  const response = await world.bank.receives(request)
  const reply = { issuer: bankOrigin, audience: payOrigin, type: answerType('authorize') }
  const message = await readMessage(reply, bankSignature, world.clock.nowMs(), answer, await response.text())
  expect(message.inResponseTo).toBe(id)
  return message.body
}

const refused = { outcome: 'declined', reason: 'evidence-refused' }
const withIntent = (body: Authorization, change: Partial<Authorization['evidence']['intent']>): Authorization => ({
  ...body,
  evidence: { ...body.evidence, intent: { ...body.evidence.intent, ...change } },
})

const anotherPayment = (id: Authorization['payment']): Authorization['payment'] =>
  paymentIdSchema.parse(id.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')))

describe('with the payment server’s keys in hand', () => {
  it('what the payer signed is paid: the forger’s tools work', async () => {
    expect(await ask(await heldBack(ada))).toMatchObject({ outcome: 'approved', capturedMinor: 12_50 })
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it.each<[string, (body: Authorization) => Authorization]>([
    ['another amount', (body) => withIntent(body, { amount: { ...body.evidence.intent.amount, minor: 99_00 } })],
    [
      'another payee',
      (body) => withIntent(body, { payee: { ...body.evidence.intent.payee, name: 'Mallory’s Coffee' } }),
    ],
    ['another order', (body) => withIntent(body, { reference: 'order-2' })],
    // Little enough later that the bank, whose clock may be behind, would take it if it were signed.
    ['a later end', (body) => withIntent(body, { notAfter: body.evidence.intent.notAfter + 10_000 })],
    [
      'another payment',
      (body) => ({
        ...withIntent(body, { payment: anotherPayment(body.payment) }),
        payment: anotherPayment(body.payment),
        reference: `${anotherPayment(body.payment)}.1`,
      }),
    ],
  ])('%s is refused', async (_what, change) => {
    expect(await ask(change(await heldBack(ada)))).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })

  it('evidence that was used is refused under another reference', async () => {
    const body = await heldBack(ada)
    await ask(body)
    expect(await ask({ ...body, reference: `${body.payment}.2` })).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('evidence that was used in vain is refused under another reference, though there would be money for it by then', async () => {
    const shop = world.merchant('Bluebird Coffee')
    const setAside = await shop.asks(eur(90_00), { capture: 'manual' })
    expect(outcomeOf(await ada.pays(setAside))).toBe('authorized')
    const body = await heldBack(ada, eur(50_00))
    expect(await ask(body)).toMatchObject({ outcome: 'declined', reason: 'insufficient-funds' })
    taken(await shop.voids(setAside))
    expect(await ask({ ...body, reference: `${body.payment}.2` })).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
    // Signed once more, the same payment is paid.
    expect(outcomeOf(await ada.pays(await shop.asks(eur(50_00))))).toBe('captured')
  })

  it.each<[string, (mallorys: Authorization, adas: Authorization) => Authorization]>([
    ['her record', (mallorys, { record }) => ({ ...mallorys, record })],
    ['her record and her name', (mallorys, { record, payer }) => ({ ...mallorys, record, payer })],
    [
      'her record, her name and her card’s id',
      (mallorys, { record, payer, evidence }) =>
        withIntent({ ...mallorys, record, payer }, { card: evidence.intent.card, payer }),
    ],
  ])('one payer’s evidence does not open another payer’s card: %s', async (_what, change) => {
    expect(await ask(change(await heldBack(mallory), await heldBack(ada)))).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
    expect(await world.bank.balanceOf(mallory)).toBe(100_00)
  })

  it('a payer’s evidence for one card does not open another card of theirs', async () => {
    taken(await ada.addsCard(await world.bank.issuesCard(eur(100_00))))
    const [first, second] = await ada.cards()
    if (first === undefined || second === undefined) throw new Error('ada has two cards')
    const signed = await heldBack(ada, eur(12_50), first.id)
    const { record } = await heldBack(ada, eur(1_00), second.id)
    expect(await ask({ ...signed, record })).toMatchObject(refused)
    expect(await world.bank.takenBy(signed.payment)).toBe(0)
  })

  it.each([
    ['under its own id', (own: CredentialId) => own],
    ['under the id of the pinned one', (_own: CredentialId, pinned: CredentialId) => pinned],
  ])('a passkey that the bank did not pin pays nothing, %s', async (_how, idOf) => {
    const body = await heldBack(ada)
    const { intent } = body.evidence
    const { id, response } = mallory.device.get({ challenge: await challengeOf(intent) })
    const { authenticatorData, clientDataJSON, signature } = response
    const credentialId = idOf(id, body.evidence.assertion.credentialId)
    const assertion = { ceremony: 'webauthn.get' as const, credentialId, authenticatorData, clientDataJSON, signature }
    expect(await ask({ ...body, evidence: { intent, assertion } })).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })

  it('a passkey that was added pays, and pays nothing once its payer took it away, however early it signed', async () => {
    const tablet = world.stranger('ada')
    world.clock.advance(1_000)
    const [, added] = taken(await ada.addsPasskey(tablet.device)).passkeys
    expect(await ask(await heldBack(tablet))).toMatchObject({ outcome: 'approved' })
    const body = await heldBack(tablet)
    taken(await ada.removesPasskey(added?.thumbprint ?? ''))
    expect(await ask(body)).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(87_50)
  })

  it('a signature made to sign in pays nothing', async () => {
    const body = await heldBack(ada)
    const nonce = base64url(crypto.getRandomValues(new Uint8Array(32)))
    const signIn = { v: 1 as const, purpose: 'sign-in' as const, nonce, notAfter: world.clock.nowMs() + 60_000 }
    const { authenticatorData, clientDataJSON, signature } = (await ada.sign(signIn)).response
    const assertion = { ...body.evidence.assertion, authenticatorData, clientDataJSON, signature }
    expect(await ask({ ...body, evidence: { ...body.evidence, assertion } })).toMatchObject(refused)
    expect(await world.bank.balanceOf(ada)).toBe(100_00)
  })
})
