import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CardRecord } from '../../shared/card.ts'
import { type Authorization, type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, balanced, engines, eur, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord

describe.each(engines)('asking what became of it, and undoing it, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ada = await bankPayer(world)
    record = await ada.enrols()
  })
  afterEach(async () => {
    expect(await world.simulator.check()).toMatchObject(balanced)
  })

  const standing = async () => {
    const [account] = await world.simulator.accountsBehind(ada.card)
    return { balance: account?.balanceMinor, available: account?.availableMinor }
  }
  const untouched = { balance: 1_000_00, available: 1_000_00 }
  const named = ({ reference }: Authorization) => ({ reference })

  it('knows nothing of what it never saw', async () => {
    const body = await ada.authorization(record)
    expect(await world.asks.inquire(named(body))).toEqual({ outcome: 'absent', ...named(body) })
  })

  it('tells an approval as it was answered', async () => {
    const body = await ada.authorization(record)
    const answer = await world.asks.authorize(body)
    expect(await world.asks.inquire(named(body))).toEqual(answer)
  })

  it('tells a decline as it was answered', async () => {
    const body = await ada.authorization(record, ada.bill(eur(5_000_00)))
    const answer = await world.asks.authorize(body)
    expect(answer).toMatchObject({ outcome: 'declined', reason: 'insufficient-funds' })
    expect(await world.asks.inquire(named(body))).toEqual(answer)
    expect(await world.asks.reverse(named(body))).toEqual(answer) // nothing to undo
  })

  it.each(['automatic', 'manual'] as const)('undoes what was captured %s, once', async (capture) => {
    const body = await ada.authorization(record, ada.bill(), { capture })
    await world.asks.authorize(body)
    const reversed = { outcome: 'reversed', ...named(body) }
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.asks.reverse(named(body))))
    expect(answers).toEqual(Array.from({ length: 5 }, () => reversed))
    expect(await standing()).toEqual(untouched)
    expect(await world.asks.inquire(named(body))).toEqual(reversed)
    expect(await world.asks.authorize(body)).toMatchObject({ outcome: 'declined', reason: 'reversed' })
    expect(await standing()).toEqual(untouched)
  })

  it('lets a payment be tried again after its approval was undone', async () => {
    const bill = ada.bill()
    const body = await ada.authorization(record, bill)
    await world.asks.authorize(body)
    await world.asks.reverse(named(body))
    const again = await ada.authorization(record, ada.bill(bill.amount, { payment: bill.payment }), { number: 2 })
    expect(await world.asks.authorize(again)).toMatchObject({ outcome: 'approved' })
  })

  it('leaves a tombstone for what it never saw: a late original comes too late', async () => {
    const body = await ada.authorization(record)
    const reversed = { outcome: 'reversed', ...named(body) }
    expect(await world.asks.reverse(named(body))).toEqual(reversed)
    expect(await world.asks.reverse(named(body))).toEqual(reversed)
    expect(await world.asks.authorize(body)).toMatchObject({ outcome: 'declined', reason: 'reversed' })
    expect(await world.asks.inquire(named(body))).toEqual(reversed)
    expect(await world.simulator.journalOf(body.payment)).toEqual([])
  })

  it('never both pays and promises not to, however close the two come', async () => {
    for (let round = 0; round < 15; round += 1) {
      const body = await ada.authorization(record)
      const [answer] = await Promise.all([world.asks.authorize(body), world.asks.reverse(named(body))])
      expect(['approved', 'declined']).toContain(answer.outcome)
      expect(await world.asks.inquire(named(body))).toEqual({ outcome: 'reversed', ...named(body) })
    }
    const accounts = await world.simulator.accountsBehind(ada.card)
    expect(accounts.every(({ balanceMinor }) => balanceMinor === 1_000_00)).toBe(true)
  })

  it('tells and undoes for the payment server that asked for it, and no other', async () => {
    const body = await ada.authorization(record)
    const answer = await world.asks.authorize(body)
    expect(await world.otherAsks.inquire(named(body))).toEqual({ outcome: 'absent', ...named(body) })
    await world.otherAsks.reverse(named(body))
    expect(await world.asks.inquire(named(body))).toEqual(answer)
  })
})
