/** What the bank answers, changed on its way to the payment server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BankClient, bankClient } from '../../server/payment/bank-client.ts'
import { silentLog } from '../../server/runtime/log.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import type { BankOperation } from '../../shared/wire/bank-api.ts'
import { type BankWorld, openBankWorld, walletOrigin } from '../bank/bank-world.ts'
import { everyOperation, type OneOfEach, oneOfEach } from '../bank/every-operation.ts'
import {
  bankIssuer,
  type Line,
  openPaymentWorld,
  type PaymentWorld,
  undisturbed,
  unreachable,
} from '../payment/payment-world.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { everyByte, type Mutation, mutantCount } from './mutants.ts'
import { partChanged, twinOfMessage } from './signed-text.ts'

const everyPart = (message: string, bits?: number): Mutation[] => [
  ...everyByte(message.length, bits),
  ...partChanged(0, message),
  ...partChanged(1, message),
]

/** Those that say whether money was moved. Of the others, which are read by the same code, a bit of each byte will do. */
const decisions: readonly BankOperation[] = ['authorize', 'inquire', 'reverse']
const bitsOf = (operation: BankOperation): number | undefined => (decisions.includes(operation) ? undefined : 1)

const everyQuestion = (client: BankClient, asked: OneOfEach) =>
  ({
    enrol: () => client.enrol(asked.enrol),
    authorize: () => client.authorize(asked.authorize),
    inquire: () => client.inquire(asked.inquire.reference),
    reverse: () => client.reverse(asked.reverse.reference),
    capture: () => client.capture(asked.capture),
    refund: () => client.refund(asked.refund),
    void: () => client.void(asked.void.reference),
    limit: () => client.limit(asked.limit),
    allowance: () => client.allowance(asked.allowance),
    freeze: () => client.freeze(asked.freeze),
    unbind: () => client.unbind(asked.unbind),
    bind: () => client.bind(asked.bind),
    revoke: () => client.revoke(asked.revoke),
    recover: () => client.recover(asked.recover),
    undo: () => client.undo(asked.undo),
    standing: () => client.standing(asked.standing),
    reseal: () => client.reseal(asked.reseal),
    statement: () => client.statement(asked.statement),
  }) satisfies Record<BankOperation, () => Promise<{ signed: string } | null>>

describe('an answer is read', () => {
  let bank: BankWorld
  let asked: OneOfEach
  beforeAll(async () => {
    bank = await openBankWorld()
    asked = await oneOfEach(bank)
  })
  afterAll(() => bank.close())

  /** A payment server's client that asks everything under one message id, so that one answer fits all its questions. */
  async function repetitiveClient() {
    let answer: string | null = null
    const client = await bankClient({
      peer: async ({ url, body }) => {
        const path = new URL(url).pathname
        if (answer !== null) return new Response(answer)
        const headers = { 'content-type': 'application/jose' }
        return bank.http(path, { method: 'POST', headers, body: await new Response(body).text() })
      },
      issuer: walletOrigin,
      signing: bank.wallet.signing,
      bank: { issuer: bankIssuer, keys: [bank.keys.signing.publicJwk] },
      answerWithinMs: 60_000,
      tools: { clock: bank.clock, random: (length) => new Uint8Array(length).fill(7), log: silentLog },
    })
    return {
      client,
      /** From now on, whatever it asks. */
      hears: (text: string) => {
        answer = text
      },
    }
  }

  it.each(everyOperation)('with nothing of it changed: %s', async (operation) => {
    const { client, hears } = await repetitiveClient()
    const ask: () => Promise<{ signed: string } | null> = everyQuestion(client, asked)[operation]
    const original = (await ask())?.signed
    if (original === undefined) throw new Error('the bank answered nothing that could be read')
    const count = mutantCount(`a signed answer (${operation})`)
    for (const mutation of everyPart(original, bitsOf(operation))) {
      const mutant = mutation.apply(original)
      if (mutant === null) continue
      hears(Buffer.from(mutant).toString())
      count.note(mutation, (await ask()) !== null)
    }
    count.say()
    expect(count.accepted).toEqual([])
    for (const text of [original, twinOfMessage(original)]) {
      hears(text)
      expect(await ask()).toMatchObject({ signed: text })
    }
  })
})

describe('a bill is paid', () => {
  let world: PaymentWorld
  let payer: SoftwarePayer
  const price = eur(1)
  beforeAll(async () => {
    world = await openPaymentWorld()
    payer = await world.payer('ada')
  })
  afterAll(() => world.close())

  const answersBecome = (change: (answer: string) => string | Buffer): Line => {
    return async (ask, request) => {
      if (!request.url.endsWith('/authorizations')) return unreachable(ask, request)
      return new Response(change(await (await ask(request)).text()).toString())
    }
  }

  async function exampleAnswer(): Promise<string> {
    let example = ''
    world.withBank(answersBecome((answer) => (example = answer)))
    expect(outcomeOf(await payer.pays(await world.shop.asks(price)))).toBe('captured')
    return example
  }

  it('by no answer of which anything was changed, and at last by the original', async () => {
    const count = mutantCount('a signed answer, as a bill meets it')
    const example = await exampleAnswer()
    // Each is a whole payment, so not all that the client was tried with above.
    const someBytes = [...everyByte(example.length, 0)].filter((_, index) => index % 8 === 0)
    const bills: PaymentId[] = []
    for (const mutation of [...someBytes, ...partChanged(1, example)]) {
      if (mutation.apply(example) === null) continue
      const bill = await world.shop.asks(price)
      world.withBank(answersBecome((answer) => Buffer.from(mutation.apply(answer) ?? '')))
      count.note(mutation, outcomeOf(await payer.pays(bill)) !== 'unknown')
      bills.push(bill)
    }
    count.say()
    expect(count.accepted).toEqual([])
    world.withBank(undisturbed)
    world.clock.advance(60_000)
    for (let settled = 0; settled < bills.length; settled += 20) await world.tick() // so many a tick
    for (const bill of bills) {
      expect((await payer.sees(bill)).state).toBe('captured')
      expect(await world.bookedFor(bill)).toBe(price.minor)
    }
  })

  it('once, by the twin of the answer', async () => {
    const bill = await world.shop.asks(price)
    world.withBank(async (ask, request) => new Response(twinOfMessage(await (await ask(request)).text())))
    expect(outcomeOf(await payer.pays(bill))).toBe('captured')
    expect(await world.bookedFor(bill)).toBe(price.minor)
  })
})
