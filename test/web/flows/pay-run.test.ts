import { describe, expect, it } from 'vitest'
import { challengeOf, type PayIntent } from '../../../shared/intent.ts'
import { money } from '../../../shared/money.ts'
import type { Bill, Configuration } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'
import type { Ask, Assertion } from '../../../web/doors/passkey.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { payRun, type Tools } from '../../../web/flows/pay-run.ts'
import { ada, billOf, cardNumbered, declinedBill, paidBill } from './bill.ts'

const nothing = (): never => {
  throw new Error('not asked for in these tests')
}
const configuration: Configuration = {
  relyingParty: { id: 'pay.example', name: 'Moniker' },
  bank: { name: 'Bank', sealingKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'kid' } },
}
const response: Assertion = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
}

const intentOf = (bill: Bill, change: Partial<PayIntent> = {}): PayIntent => ({
  v: 1,
  purpose: 'pay',
  nonce: 'A'.repeat(43),
  notAfter: 1,
  payment: bill.id,
  payee: { id: 'merchant_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payee']['id'], ...bill.payee },
  amount: bill.amount,
  reference: bill.reference,
  card: cardNumbered(1),
  payer: 'pp_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payer'],
  ...change,
})

type Script = {
  names?: RememberedName[]
  intent?: Partial<PayIntent>
  /** What confirming answers, one after the other. */
  confirmations?: (Bill | DoorError)[]
  /** What reading the bill answers after the first time. */
  later?: Bill[]
  passkey?: DoorError
}

/** The doors of a page, each one scripted, and what came through them. */
function page({ names = [ada], intent = {}, confirmations = [paidBill()], later = [], passkey }: Script = {}) {
  const bill = billOf()
  const asked: Ask[] = []
  const confirmed: unknown[] = []
  const remembered: RememberedName[] = []
  let reads = 0
  const tools: Tools = {
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    device: {
      names: async () => names,
      remember: async (name) => {
        remembered.push(name)
      },
      forget: async () => undefined,
    },
    passkey: {
      confirm: async (ask) => {
        asked.push(ask)
        if (passkey) throw passkey
        return response
      },
      offer: () => new Promise(() => undefined),
      endOffer: () => undefined,
    },
    client: {
      configuration: nothing,
      username: nothing,
      enrolIntent: nothing,
      enrol: nothing,
      signInIntent: nothing,
      signIn: nothing,
      ask: nothing,
      session: () => Promise.reject(new DoorError('session-missing')),
      bill: async () => (reads++ === 0 ? bill : (later.shift() ?? bill)),
      payIntent: async () => ({ intent: intentOf(bill, intent) }),
      cancel: async () => billOf({ state: 'canceled' }),
      confirm: async (_payment, request) => {
        confirmed.push(request)
        const answer = confirmations.shift() ?? nothing()
        if (answer instanceof DoorError) throw answer
        return answer
      },
    },
  }
  return { run: payRun(tools, async () => configuration, bill.id), asked, confirmed, remembered }
}

async function opened(script?: Script) {
  const world = page(script)
  await world.run.read()
  await world.run.prepare()
  return world
}

describe('a tap on the button', () => {
  it('reaches the passkey before the tap is over, where a name is remembered', async () => {
    const { run, asked } = await opened()
    const paying = run.pay()
    expect(asked).toHaveLength(1)
    await paying
  })

  it('asks for a signature over the very intent it sends', async () => {
    const { run, asked, confirmed } = await opened()
    await run.pay()
    const intent = intentOf(billOf())
    expect(asked).toEqual([
      { challenge: await challengeOf(intent), relyingPartyId: 'pay.example', credentialIds: ['AAAA'] },
    ])
    expect(confirmed).toEqual([{ username: 'ada', intent, response }])
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
  })

  it('pays once, however often it is tapped', async () => {
    const { run, asked, confirmed } = await opened()
    await Promise.all([run.pay(), run.pay(), run.pay()])
    await run.pay()
    expect([asked.length, confirmed.length]).toEqual([1, 1])
  })

  it('keeps the button while the bill is read anew, and signs once', async () => {
    const { run, asked, confirmed } = await opened({ confirmations: [new DoorError('passkey-refused'), paidBill()] })
    // The refusal is told before the bill has been read again: whoever taps at once taps in between.
    const refused = Promise.withResolvers<void>()
    const steps: string[] = []
    run.flow.subscribe(() => {
      const state = run.flow.now()
      steps.push(state.step === 'open' ? (state.notice ?? state.doing) : state.step)
      if (steps.at(-1) === 'passkey-refused') refused.resolve()
    })
    const first = run.pay()
    await refused.promise
    await Promise.all([run.pay(), first])
    expect(steps).toEqual(['signing', 'sending', 'passkey-refused', 'preparing', 'signing', 'sending', 'settled'])
    expect([asked.length, confirmed.length]).toEqual([2, 2])
  })

  it('asks for a name where there is none', async () => {
    const { run, asked } = await opened({ names: [] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ notice: 'name-empty' })
    expect(asked).toEqual([])
  })

  it('names no passkey for a name that was typed, and remembers the name once it has paid', async () => {
    const { run, asked, remembered } = await opened({ names: [] })
    run.type('Ada')
    await run.pay()
    expect(asked).toMatchObject([{ credentialIds: [] }])
    expect(remembered).toMatchObject([{ username: 'ada', display: 'Ada', credentialIds: ['AAAA'] }])
  })
})

describe('an intent that is not the bill on the screen', () => {
  it.each([
    ['another amount', { amount: money(99_999, 'EUR') }],
    ['another currency', { amount: money(12_50, 'USD') }],
    ['another payment', { payment: 'pay_BBBBBBBBBBBBBBBBBBBBBA' as PayIntent['payment'] }],
    ['another payee', { payee: { ...intentOf(billOf()).payee, name: 'Blackbird Coffee' } }],
    ['another shop', { payee: { ...intentOf(billOf()).payee, origin: 'https://blackbird.example' } }],
    ['another order', { reference: '1043' }],
    ['a card that nobody sealed here', { seal: 'A'.repeat(43) }],
  ])('never reaches the passkey: %s', async (_what, intent) => {
    const { run, asked } = await opened({ intent })
    await run.pay()
    expect(asked).toEqual([])
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'intent-mismatch' })
  })

  it('never reaches the passkey with another card than the one that is shown', async () => {
    const { run, asked } = await opened({ intent: { card: cardNumbered(9) } })
    await run.pay()
    expect(asked).toEqual([])
    expect(run.flow.now()).toMatchObject({ notice: 'card-unknown', card: null })
  })
})

describe('a payment that does not come off', () => {
  it('is sent nowhere when the passkey is not used', async () => {
    const { run, confirmed } = await opened({ passkey: new DoorError('passkey-dismissed') })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', doing: 'nothing', notice: 'passkey-dismissed' })
    expect(confirmed).toEqual([])
  })

  it('is asked for with a new intent after a decline', async () => {
    const { run, confirmed } = await opened({ confirmations: [declinedBill(), paidBill()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', bill: { state: 'declined' } })
    await run.pay()
    expect(confirmed).toHaveLength(2)
    expect(run.flow.now()).toMatchObject({ step: 'settled' })
  })

  it('is read, never guessed, when the answer gets lost', async () => {
    const { run, confirmed } = await opened({
      confirmations: [new DoorError('offline')],
      later: [billOf({ state: 'approving' }), billOf({ state: 'unknown' }), paidBill()],
    })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
    expect(confirmed).toHaveLength(1)
  })

  it.each(['internal-error', 'unavailable'])(
    'is read, never guessed, when the answer is a %s: the bank may have booked before it',
    async (code) => {
      const { run, confirmed } = await opened({
        confirmations: [new DoorError(code)],
        later: [billOf({ state: 'approving' }), paidBill()],
      })
      await run.pay()
      expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
      expect(confirmed).toHaveLength(1)
    },
  )

  it('may be tried again when the request never arrived', async () => {
    const { run } = await opened({ confirmations: [new DoorError('offline')], later: [billOf()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'answer-lost' })
  })

  it('shows how it ended when it was settled elsewhere meanwhile', async () => {
    const { run } = await opened({ confirmations: [new DoorError('payment-settled')], later: [paidBill()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: false })
  })

  it('asks for the card, and only for that, when the name has none', async () => {
    const { run } = await opened({ confirmations: [new DoorError('card-missing')] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'enrolling', from: { at: 'sign-in' } })
  })
})

it('cancels the bill when the payer says so', async () => {
  const { run } = await opened()
  await run.cancel()
  expect(run.flow.now()).toMatchObject({ step: 'settled', bill: { state: 'canceled' } })
})
