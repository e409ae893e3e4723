import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importKeyPair, makePrivateKey } from '../../server/runtime/keys.ts'
import { type BankKey, MonikerDecisionRefused, moniker, readDecision } from '../../shared/sdk/index.ts'
import { books, cardThat, coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'

let world: PaymentWorld
beforeEach(async () => {
  world = await openPaymentWorld()
})
afterEach(() => world.close())

const shopOf = ({ apiKey }: { apiKey: string } = coffee) =>
  moniker({ apiKey, origin: walletOrigin, fetch: world.http, sleep: async () => {} })
const bill = (shop: { origin: string } = coffee) => ({
  amount: { minor: 12_50, currency: 'EUR' } as const,
  reference: 'order-1',
  successUrl: `${shop.origin}/orders/1`,
  cancelUrl: `${shop.origin}/orders/1`,
})
/** As anybody gets them from the bank: those that it signs with, and those that cards are sealed to. */
async function bankKeys(): Promise<BankKey[]> {
  const response = await world.bankReceives(new Request('https://bank.example/.well-known/bank-keys'))
  return ((await response.json()) as { keys: BankKey[] }).keys
}
const read = async (decision: string | null) => readDecision(decision ?? '', await bankKeys())
/** What anybody can read in it. */
const saidIn = (decision: string | null) =>
  JSON.parse(atob((decision ?? '').split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))

describe('what the bank decided, as its payee is shown it', () => {
  it('says whom it pays how much for which payment', async () => {
    const { payments } = shopOf()
    const { id, decision: before } = await payments.create(bill())
    expect(before).toBeNull()
    taken(await (await world.payer('ada')).pays(id as never))
    const { decision } = await payments.retrieve(id)
    const [{ id: merchant } = { id: '' }] = await merchants()
    expect(await read(decision)).toEqual({
      outcome: 'approved',
      payment: id,
      payee: merchant,
      amount: { minor: 12_50, currency: 'EUR' },
      capturedMinor: 12_50,
      decidedAtMs: world.clock.nowMs(),
    })
  })

  it('follows what is captured, given back and let go of, and each event has the one of then', async () => {
    const { payments, events } = shopOf()
    const { id } = await payments.create({ ...bill(), capture: 'manual' })
    const ada = await world.payer('ada')
    const steps = [
      () => ada.pays(id as never),
      () => payments.capture(id, { amountMinor: 10_00 }),
      () => payments.refund(id, { amountMinor: 4_00 }),
      () => payments.void(id),
    ]
    for (const step of steps) {
      world.clock.advance(1_000)
      await step()
    }
    const told = (await events.list({ payment: id })).events.toReversed().map(({ payment }) => payment.decision)
    const decisions = await Promise.all(told.filter((decision) => decision !== null).map(read))
    expect(told[0]).toBeNull()
    expect(decisions).toMatchObject([
      { outcome: 'approved', capturedMinor: 0 },
      { outcome: 'captured', amount: { minor: 10_00 }, capturedMinor: 10_00, refundedMinor: 0 },
      { outcome: 'refunded', amount: { minor: 4_00 }, capturedMinor: 10_00, refundedMinor: 4_00 },
      { outcome: 'voided', capturedMinor: 10_00 },
    ])
    expect((await payments.retrieve(id)).decision).toBe(told.at(-1))
  })

  it('says no, and why', async () => {
    const { payments } = shopOf()
    const { id } = await payments.create(bill())
    await (await world.payer('ada', cardThat.hasNoMoney)).pays(id as never)
    expect(await read((await payments.retrieve(id)).decision)).toMatchObject({
      outcome: 'declined',
      payment: id,
      reason: 'insufficient-funds',
    })
  })

  it('is none where no bank was asked', async () => {
    const { payments } = shopOf()
    const ada = await world.payer('ada')
    const [card] = await ada.cards()
    taken(
      await ada.limits(card?.id as never, {
        currency: 'EUR',
        perPaymentMinor: 1_00,
        perDayMinor: null,
        perMonthMinor: null,
      }),
    )
    const { id } = await payments.create(bill())
    await ada.pays(id as never)
    expect(await payments.retrieve(id)).toMatchObject({ decision: null, decline: { reason: 'limit-exceeded' } })
  })

  it('does not tell two merchants that they have the same customer', async () => {
    const ada = await world.payer('ada')
    const decisions: Record<string, unknown>[] = []
    for (const shop of [coffee, books]) {
      const { payments } = shopOf(shop)
      const { id } = await payments.create(bill(shop))
      taken(await ada.pays(id as never))
      decisions.push(saidIn((await payments.retrieve(id)).decision).body)
    }
    const [one = {}, other = {}] = decisions
    const same = Object.keys(one).filter((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]))
    expect(same.sort()).toEqual([
      'amount',
      'bookedAtMs',
      'capturedMinor',
      'ceremony',
      'face',
      'outcome',
      'responseCode',
    ])
    const [passkey] = await ada.passkeys()
    expect(JSON.stringify(decisions)).not.toContain(passkey?.thumbprint)
  })
})

describe('a decision is refused', () => {
  let decision: string
  beforeEach(async () => {
    const { payments } = shopOf()
    const { id } = await payments.create(bill())
    taken(await (await world.payer('ada')).pays(id as never))
    decision = (await payments.retrieve(id)).decision ?? ''
  })
  const refused = expect.objectContaining({ name: 'MonikerDecisionRefused' })

  it('with any character of it changed, taken away or doubled', async () => {
    let accepted = 0
    for (let at = 0; at < decision.length; at += 1) {
      const [before, character = '', after] = [decision.slice(0, at), decision[at], decision.slice(at + 1)]
      const others = [character === 'A' ? 'B' : 'A', '', character + character].map((it) => before + it + after)
      for (const other of others) {
        const outcome = await read(other).catch((error: unknown) => error)
        if (!(outcome instanceof MonikerDecisionRefused)) accepted += 1
      }
    }
    expect(accepted).toBe(0)
  })

  it('where another bank has signed it, also under this one’s name for its key', async () => {
    const stranger = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
    await expect(readDecision(decision, [stranger.publicJwk])).rejects.toEqual(refused)
    const renamed = { ...stranger.publicJwk, kid: world.bankSigning.kid }
    await expect(readDecision(decision, [renamed])).rejects.toEqual(refused)
    await expect(readDecision(decision, [])).rejects.toEqual(refused)
  })

  it('where the key is one that cards are sealed to', async () => {
    const keys = (await bankKeys()).map((key) => ({ ...key, use: 'enc' }))
    await expect(readDecision(decision, keys)).rejects.toEqual(refused)
  })

  it.each(['', 'decision', '..', 'a.b.c', 'é.é.é'])('where it is none: %s', async (text) => {
    await expect(read(text)).rejects.toEqual(refused)
  })
})

async function merchants() {
  const desk = await world.merchantDesk()
  try {
    return (await desk.merchants.list()).filter(({ origin }) => origin === coffee.origin)
  } finally {
    await desk.close()
  }
}
