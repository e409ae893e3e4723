/**
 * The bank does not remember which messages it has read. Whoever sends one again, within its lifetime, gets the answer that was given, and
 * changes nothing.
 */
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { messageLifetimeSeconds } from '../../server/runtime/signed-message.ts'
import { type BankWorld, engines, messageOf, openBankWorld, post } from './bank-world.ts'
import { everyOperation, type OneOfEach, oneOfEach } from './every-operation.ts'

const answerSchema = z.object({ body: z.record(z.string(), z.unknown()) })
const done = [
  'enrolled',
  'approved',
  'reversed',
  'captured',
  'refunded',
  'voided',
  'limited',
  'allowance',
  'changed',
  'unbound',
  'bound',
  'revoked',
  'recovery',
  'undone',
  'standing',
  'resealed',
]

describe.each(engines)('a message that is sent again, on %s', (engine) => {
  let world: BankWorld
  let requests: OneOfEach
  beforeAll(async () => {
    world = await openBankWorld(engine)
    requests = await oneOfEach(world)
  })
  afterAll(() => world.close())

  async function answerTo(operation: (typeof everyOperation)[number], text: string): Promise<Record<string, unknown>> {
    const response = await post(world, operation, text)
    expect(response.status).toBe(200)
    const { record, ...body } = answerSchema.parse(decodeJwt(await response.text())).body
    // Every sealing of a record is another text; what is in it is the same.
    return operation === 'reseal' ? body : { ...body, record }
  }
  const balances = async () =>
    Promise.all([world.simulator.check(), world.simulator.accountsBehind(requests.standing.card)])

  it.each(everyOperation)('is answered as the first time, and nothing moves: %s', async (operation) => {
    const id = `message-of-${operation}`.padEnd(16, '-')
    const text = await messageOf(world, world.wallet, operation, id, requests[operation])
    const first = await answerTo(operation, text)
    if (operation !== 'statement') expect(done).toContain(first.outcome)
    const after = await balances()
    expect(await answerTo(operation, text)).toEqual(first)
    expect(await balances()).toEqual(after)
  })

  it('is refused when its time is over', async () => {
    const { reference } = requests.inquire
    const text = await messageOf(world, world.wallet, 'inquire', 'message-of-long-ago', { reference })
    world.clock.advance((messageLifetimeSeconds + 30) * 1_000)
    expect((await post(world, 'inquire', text)).status).toBe(401)
  })
})
