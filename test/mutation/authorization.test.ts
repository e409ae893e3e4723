/** What the bank is asked, changed on its way by a stranger, or by a payment server that signs whatever it likes. */
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CardRecord } from '../../shared/card.ts'
import { bankOperations } from '../../shared/wire/bank-api.ts'
import { type Authorization, type BankPayer, bankPayer } from '../bank/bank-payer.ts'
import { type BankWorld, eur, messageOf, openBankWorld } from '../bank/bank-world.ts'
import { twinOf } from '../support/authenticator.ts'
import { everyByte, everyMember, type Mutation, mutantCount } from './mutants.ts'
import { partChanged, signedAround, twinOfMessage } from './signed-text.ts'

const price = eur(12_50)
const controlEvery = 250
const brace = 0x7b

let world: BankWorld
let ada: BankPayer
let record: CardRecord
beforeAll(async () => {
  world = await openBankWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  ada = await bankPayer(world)
  const { number, expiry, code } = await world.simulator.issue(1_000_000_00)
  record = await ada.enrols({ number, expiry, code, name: 'ADA LOVELACE' })
})

const takenMinor = async (): Promise<number> => {
  const accounts = await world.simulator.accountsOfPayee(ada.payee.id)
  return accounts.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)
}
const asked = (body: unknown, id = 'message-id-of-one') => messageOf(world, world.wallet, 'authorize', id, body)
/** Who asked the payer to sign: the wallet's page, or the browser in a dialog of its own. */
const askers: [string, () => Promise<Authorization>][] = [
  ['on the wallet’s page', () => ada.authorization(record, ada.bill(price))],
  ['in the browser’s own dialog', () => ada.dialogAuthorization(record, undefined, ada.bill(price))],
]

async function send(text: string | Uint8Array): Promise<Response> {
  const headers = { 'content-type': 'application/jose' }
  return world.http(bankOperations.authorize.path, { method: 'POST', headers, body: Buffer.from(text) })
}

describe.each(askers)('an authorization signed %s moves money', (asker, authorization) => {
  it.each<[string, (message: string) => Iterable<Mutation>]>([
    ['byte', (message) => everyByte(message.length)],
    ['member', (message) => [...partChanged(0, message), ...partChanged(1, message)]],
  ])('with no %s of it changed on its way', async (part, mutationsOf) => {
    const message = await asked(await authorization())
    const count = mutantCount(`an authorization signed ${asker}, ${part} by ${part}`)
    for (const mutation of mutationsOf(message)) {
      const mutant = mutation.apply(message)
      if (mutant !== null) count.note(mutation, (await send(mutant)).ok)
    }
    count.say()
    expect(count.accepted).toEqual([])
    expect(await takenMinor()).toBe(0)
    expect((await send(message)).status).toBe(200)
    expect(await takenMinor()).toBe(price.minor)
  })

  it('once, however often it comes, also as its twin', async () => {
    const message = await asked(await authorization())
    for (const text of [message, twinOfMessage(message), message]) expect((await send(text)).status).toBe(200)
    expect(await takenMinor()).toBe(price.minor)
  })
})

/** What the payer's passkey and the bank have vouched for; which try it is and when the money is taken is the payment server's to say. */
async function vouched(authorization: () => Promise<Authorization>) {
  const { reference, capture, ...rest } = await authorization()
  return { own: { reference, capture }, text: JSON.stringify(rest) }
}

/** Signs it as it stands, whatever it is. @returns the outcome, or the refusal */
async function says(own: object, vouchedText: Uint8Array): Promise<string> {
  const body = Buffer.concat([Buffer.from(JSON.stringify(own).replace('}', ',')), vouchedText.subarray(1)])
  const response = await send(await signedAround(await asked('BODY'), body, world.wallet.signing))
  if (!response.ok) return z.object({ code: z.string() }).parse(await response.json()).code
  const { outcome, reason } = answerSchema.parse(decodeJwt(await response.text())).body
  return reason ?? outcome
}
const answerSchema = z.object({ body: z.object({ outcome: z.string(), reason: z.string().optional() }) })

describe.each(askers)(
  'what the payment server itself signs, signed by the payer %s, moves money',
  (asker, authorization) => {
    it.each<[string, (example: string) => Iterable<Mutation>]>([
      ['byte', (example) => everyByte(Buffer.byteLength(example) + 4)],
      ['member', everyMember],
    ])('with no %s of the evidence or the card record changed', async (part, mutationsOf) => {
      const count = mutantCount(`an authorization signed ${asker} and anew, ${part} by ${part}`)
      let original = await vouched(authorization)
      let controls = 0
      async function control(): Promise<void> {
        expect(await says(original.own, Buffer.from(original.text))).toBe('approved')
        controls += 1
        expect(await takenMinor()).toBe((controls + count.accepted.length) * price.minor)
        original = await vouched(authorization)
      }
      for (const mutation of mutationsOf(original.text)) {
        const mutant = mutation.apply(original.text)
        if (mutant?.at(0) !== brace) continue // before it stands what is the payment server's own
        const outcome = await says(original.own, mutant)
        count.note(mutation, outcome !== 'message-refused' && outcome !== 'evidence-refused', outcome)
        // What was decided is decided: another mutant under its reference would be refused for that alone.
        if (outcome !== 'message-refused') original = await vouched(authorization)
        if (count.tried() % controlEvery === 0) await control()
      }
      await control()
      count.say()
      expect(count.accepted).toEqual([])
    })

    it.each(['first', 'last'])('once, with the twin of the passkey’s signature %s', async (place) => {
      const original = await authorization()
      const { evidence } = original
      const signature = twinOf(evidence.assertion.signature)
      const twin = { ...original, evidence: { ...evidence, assertion: { ...evidence.assertion, signature } } }
      const [first, second] = place === 'first' ? [twin, original] : [original, twin]
      expect(await world.asks.authorize(first)).toMatchObject({ outcome: 'approved' })
      await expect(world.asks.authorize(second)).rejects.toMatchObject({ code: 'reference-reused' })
      expect(await world.asks.authorize({ ...second, reference: `${second.payment}.2` })).toMatchObject({
        outcome: 'declined',
        reason: 'evidence-refused',
      })
      expect(await takenMinor()).toBe(price.minor)
    })
  },
)
