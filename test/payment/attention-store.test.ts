import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentId } from '../../shared/identifiers.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import {
  openPaymentWorld,
  operatorToken,
  type PaymentWorld,
  undisturbed,
  unreachable,
  walletOrigin,
} from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
const minuteMs = 60_000
const weekMs = 7 * 24 * 60 * minuteMs

const ask = (path: string, authorization?: string): Promise<Response> =>
  world.http(new Request(`${walletOrigin}${path}`, authorization === undefined ? {} : { headers: { authorization } }))
const asOperator = (path: string) => ask(path, `Bearer ${operatorToken}`)

/** @returns each sample by its name and labels */
async function metrics(): Promise<Record<string, number>> {
  const lines = (await (await asOperator('/metrics')).text()).split('\n').filter((line) => /^[^#]/.test(line))
  return Object.fromEntries(
    lines.map((line) => {
      const [, sample = '', value = ''] = /^(\S+) (\S+)$/.exec(line) ?? []
      return [sample.replace(/^moniker_/, ''), Number(value)]
    }),
  )
}
async function needing(): Promise<unknown> {
  return (await (await asOperator('/healthz')).json()).attention
}

describe.each(['sqlite', 'postgres'] as const)('an operator, on %s', { timeout: 20_000 }, (engine) => {
  beforeEach(async () => {
    world = await openPaymentWorld({ engine, config: { operatorToken } })
    ada = await world.payer('ada')
  })
  afterEach(() => world.close())

  const held = async (): Promise<PaymentId> => {
    const bill = await world.shop.asks(eur(10_00), { capture: 'manual' })
    taken(await ada.pays(bill))
    return bill
  }

  it('sees payments by state and what the bank answered', async () => {
    await world.shop.asks(eur(1))
    const bill = await held()
    taken(await world.shop.captures(bill))
    expect(await metrics()).toMatchObject({
      'payments{state="created"}': 1,
      'payments{state="captured"}': 1,
      'payments{state="unknown"}': 0,
      oldest_unanswered_seconds: 0,
      'bank_answers_total{operation="authorize",outcome="approved"}': 1,
      'bank_answers_total{operation="capture",outcome="captured"}': 1,
    })
    expect(await needing()).toEqual([])
  })

  it('is told of an answer that the bank owes for ten minutes, until it comes', async () => {
    const bill = await world.shop.asks(eur(10_00))
    const other = await held()
    const startMs = world.clock.nowMs()
    world.withBank(unreachable)
    taken(await ada.pays(bill))
    world.clock.advance(minuteMs)
    taken(await world.shop.captures(other))
    world.clock.advance(9 * minuteMs - 1)
    expect(await needing()).toEqual([])
    expect(await metrics()).toMatchObject({ oldest_unanswered_seconds: 599.999 })

    world.clock.advance(1)
    const unanswered = [
      { payment: bill, reason: 'authorization-unanswered', sinceMs: startMs },
      { payment: other, reason: 'operation-unanswered', sinceMs: startMs + minuteMs },
    ]
    expect(await needing()).toEqual(unanswered.slice(0, 1))
    world.clock.advance(minuteMs)
    expect(await needing()).toEqual(unanswered)
    expect(await metrics()).toMatchObject({
      'payments_needing_attention{reason="authorization-unanswered"}': 1,
      'payments_needing_attention{reason="operation-unanswered"}': 1,
      'payments_needing_attention{reason="hold-overdue"}': 0,
      'payments_needing_attention{reason="ledgers-differ"}': 0,
      'bank_answers_total{operation="capture",outcome="silent"}': 2,
    })

    world.withBank(undisturbed)
    await world.tick()
    expect(await needing()).toEqual([])
  })

  it('is told of a hold that nobody lets go of', async () => {
    const bill = await held()
    world.clock.advance(weekMs + 10 * minuteMs)
    expect(await needing()).toMatchObject([{ payment: bill, reason: 'hold-overdue' }])
    await world.tick()
    expect(await needing()).toEqual([])
  })

  it.each([undefined, 'Bearer ', 'Bearer wrong', `bearer ${operatorToken}x`])(
    'is nobody who shows %s',
    async (shown) => {
      const refused = await ask('/metrics', shown)
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({ code: 'api-key-refused' })
      expect(await (await ask('/healthz', shown)).json()).toEqual({ status: 'ok' })
    },
  )

  it('is nobody where no token was set', async () => {
    const another = await world.open({ operatorToken: null })
    const answer = await another.fetch(
      new Request(`${walletOrigin}/metrics`, { headers: { authorization: 'Bearer ' } }),
    )
    expect(answer.status).toBe(401)
    await another.close()
  })
})
