import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let bill: string
beforeAll(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
  await world.newcomer('cardless').takesName()
  bill = await world.shop.asks(eur(12_50))
})
afterAll(() => world.close())

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return world.http(new Request(new URL(path, walletOrigin), { method: 'POST', headers, body: JSON.stringify(body) }))
}
const intentFor = (username: string, card?: string) =>
  post(`/api/payments/${bill}/intent`, card === undefined ? { username } : { username, card })

async function looksOf(response: Response) {
  const body = await response.text()
  return {
    status: response.status,
    headers: [...response.headers],
    length: body.length,
    shape: shapeOf(JSON.parse(body)),
  }
}

/** Every member’s name and the length of its text: all but the random letters. */
const shapeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([key, member]) => [key, shapeOf(member)])
    : String(value).length

async function saidOf(username: string, card?: string) {
  const { intent } = payIntentAnswer.parse(await (await intentFor(username, card)).json())
  return { card: intent.card, payer: intent.payer }
}

describe('to a stranger who tries names', () => {
  it('a name nobody has answers like one somebody has: status, headers, shape and size', async () => {
    const ofAda = await looksOf(await intentFor('ada'))
    expect(ofAda.status).toBe(200)
    const names = fc.oneof(
      fc.constantFrom(
        'cardless',
        'ADA',
        'Ada ',
        '张伟',
        'محمد',
        'a',
        '',
        '4111111111111111',
        'x'.repeat(200),
        '\u202eada',
      ),
      fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }).filter((name) => !name.includes('\0')),
    )
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        fc.pre(name.length > 0 && name.length <= 256)
        expect(await looksOf(await intentFor(name))).toEqual(ofAda)
      }),
      { numRuns: 150 },
    )
  })

  it('answers alike however often it is asked, and for a card it was told of', async () => {
    for (const name of ['ada', 'cardless', 'nobody', 'Nobody']) {
      const first = await saidOf(name)
      expect(await saidOf(name)).toEqual(first)
      expect(await saidOf(name, first.card)).toEqual(first)
    }
    expect(await saidOf('NOBODY')).toEqual(await saidOf('nobody'))
    expect(await saidOf('nobody')).not.toEqual(await saidOf('nobody-else'))
  })

  it('answers another card with one nobody has, the same each time', async () => {
    const other = (await saidOf('eve')).card
    for (const name of ['ada', 'cardless', 'nobody']) {
      const usual = await saidOf(name)
      const decoy = await saidOf(name, other)
      expect(decoy.payer).toBe(usual.payer)
      expect(decoy.card).not.toBe(usual.card)
      expect(decoy.card).not.toBe(other)
      expect(await saidOf(name, other)).toEqual(decoy)
    }
  })

  it('refuses a confirmation alike, and counts it alike', async () => {
    const eve = world.newcomer('eve-without-a-name')
    await eve.takesName()
    const refusals = []
    for (const username of ['ada', 'cardless', 'nobody', 'not a name!']) {
      const payment = await world.shop.asks(eur(12_50))
      const { intent } = payIntentAnswer.parse(
        await (await post(`/api/payments/${payment}/intent`, { username })).json(),
      )
      const response = await eve.sign(intent)
      refusals.push(await looksOf(await post(`/api/payments/${payment}/confirmation`, { username, intent, response })))
      expect((await ada.sees(payment)).triesLeft).toBe(4)
    }
    expect(refusals[0]?.status).toBe(403)
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0])
  })

  it('writes nothing, whoever they ask for', async () => {
    const rows = () =>
      world.database('payment', (sqlite) =>
        ['consumed_intent', 'payment_transition', 'authorization', 'payer'].map((table) =>
          sqlite.prepare(`select count(*) from ${table}`).pluck().get(),
        ),
      )
    const before = rows()
    for (const name of ['ada', 'nobody', '']) await intentFor(name)
    expect(rows()).toEqual(before)
  })
})
