/** What the bank is asked besides an authorization, changed on its way by a stranger, or by a payment server that signs whatever it likes. */
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BankOperation, bankOperations } from '../../shared/wire/bank-api.ts'
import { type BankWorld, messageOf, openBankWorld } from '../bank/bank-world.ts'
import { everyOperation, type OneOfEach, oneOfEach } from '../bank/every-operation.ts'
import { everyByte, everyMember, type Mutation, mutantCount } from './mutants.ts'
import { partChanged, signedAround, twinOfMessage } from './signed-text.ts'

/** An authorization is asked with more of them, in `authorization.test.ts`. */
const bits = 1
const others = everyOperation.filter((operation) => operation !== 'authorize')

let world: BankWorld
let asked: OneOfEach
beforeAll(async () => {
  world = await openBankWorld()
  asked = await oneOfEach(world)
})
afterAll(() => world.close())

const messageWith = (operation: BankOperation, body: unknown): Promise<string> =>
  messageOf(world, world.wallet, operation, `message-id-of-${operation}`, body)

async function send(operation: BankOperation, text: string | Uint8Array): Promise<Response> {
  const headers = { 'content-type': 'application/jose' }
  return world.http(bankOperations[operation].path, { method: 'POST', headers, body: Buffer.from(text) })
}

describe('a signed request is read', () => {
  it.each(others)('with nothing of it changed on its way: %s', async (operation) => {
    const message = await messageWith(operation, asked[operation])
    const before = await world.simulator.check()
    const count = mutantCount(`a signed request (${operation})`)
    for (const mutation of [
      ...everyByte(message.length, bits),
      ...partChanged(0, message),
      ...partChanged(1, message),
    ]) {
      const mutant = mutation.apply(message)
      if (mutant !== null) count.note(mutation, (await send(operation, mutant)).ok)
    }
    count.say()
    expect(count.accepted).toEqual([])
    expect(await world.simulator.check()).toEqual(before)
    for (const text of [message, twinOfMessage(message)]) expect((await send(operation, text)).status).toBe(200)
  })
})

const answerSchema = z.object({ body: z.object({ outcome: z.string(), reason: z.string().optional() }) })
/** Under a request that cannot be read, evidence that does not hold, and a record that the bank never made. */
const refusals = ['message-refused', 'evidence-refused', 'invalid-card']

describe('what the payment server itself signs is done', () => {
  const vouched: readonly (readonly [BankOperation, outcome: string])[] = [
    ['enrol', 'enrolled'],
    ['limit', 'limited'],
    ['freeze', 'changed'],
  ]
  let fresh: OneOfEach
  beforeAll(async () => {
    fresh = await oneOfEach(world)
  })

  const mutantsOf = (example: string): Mutation[] => [
    ...everyByte(Buffer.byteLength(example), bits),
    ...everyMember(example),
  ]

  it.each(vouched)('with nothing changed that the payer signed: %s', async (operation, done) => {
    const envelope = await messageWith(operation, 'BODY')
    /** @returns the outcome, or the refusal */
    async function says(body: Uint8Array): Promise<string> {
      const response = await send(operation, await signedAround(envelope, body, world.wallet.signing))
      if (!response.ok) return z.object({ code: z.string() }).parse(await response.json()).code
      const { outcome, reason } = answerSchema.parse(decodeJwt(await response.text())).body
      return reason ?? outcome
    }
    const original = JSON.stringify(fresh[operation])
    const count = mutantCount(`a request signed anew (${operation})`)
    for (const mutation of mutantsOf(original)) {
      const mutant = mutation.apply(original)
      if (mutant === null) continue
      const outcome = await says(mutant)
      count.note(mutation, !refusals.includes(outcome), outcome)
    }
    count.say()
    expect(count.accepted).toEqual([])
    expect(await says(Buffer.from(original))).toBe(done)
  })
})
