import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyMode, MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { type Act, actsOn } from '../../../web/console/flows/act-flow.ts'
import { type EntryFlow, entryFlow } from '../../../web/console/flows/entry-run.ts'
import { keysFlow } from '../../../web/console/flows/keys-run.ts'
import { paymentFlow, paymentRun } from '../../../web/console/flows/payment-run.ts'
import { firstPaymentsFlow, paymentsFlow, paymentsRun } from '../../../web/console/flows/payments-run.ts'
import { dayStartsMs, takingsRun } from '../../../web/console/flows/takings-run.ts'
import type { DeviceStorage } from '../../../web/doors/device-storage.ts'
import { DoorError } from '../../../web/flows/notice.ts'

const named = (reference: string) => ({ id: reference, reference }) as unknown as MerchantPayment
const sessionOver = async () => Promise.reject(new DoorError('session-missing'))

describe('coming in', () => {
  const out: EntryFlow = { step: 'out', isTouching: false, notice: null }

  it('shows a refusal where it was met, and lets one try again', () => {
    const touching = entryFlow(out, { type: 'touching' })
    expect(entryFlow(touching, { type: 'failed', notice: 'passkey-dismissed' })).toEqual({
      ...out,
      notice: 'passkey-dismissed',
    })
  })

  it('asks for no touch before it is known who is there', () => {
    const looking: EntryFlow = { step: 'looking' }
    expect(entryFlow(looking, { type: 'touching' })).toBe(looking)
  })
})

describe('looking through payments', () => {
  const pause = async () => {}
  let storage: DeviceStorage
  beforeEach(() => {
    const kept = new Map<string, string>()
    storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
  })

  it('begins with the mode that was looked at last, where there can be such payments', async () => {
    const client = { payments: async () => ({ object: 'list' as const, payments: [], next: null }) }
    const begun = (...modes: KeyMode[]) => paymentsRun({ client, storage, pause }, modes, () => {})
    const run = begun('live', 'test')
    expect(run.flow.now().sieve.mode).toBe('live')
    await run.sift({ ...run.flow.now().sieve, mode: 'test' })
    expect(begun('live', 'test').flow.now().sieve.mode).toBe('test')
    expect(begun('live').flow.now().sieve.mode).toBe('live')
  })

  it('adds a page to those that are there, and drops them for another search', () => {
    const first = { ...firstPaymentsFlow('live'), payments: [named('1')], next: '2', doing: 'nothing' as const }
    const both = paymentsFlow(first, { type: 'read-more', payments: [named('2')], next: null })
    expect(both.payments.map(({ reference }) => reference)).toEqual(['1', '2'])
    expect(paymentsFlow(both, { type: 'read', payments: [named('3')], next: null }).payments).toEqual([named('3')])
  })

  it('shows the answer to the last question, whichever comes last', async () => {
    const answers = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() }
    const client = {
      async payments({ search }: Readonly<Record<string, string>>) {
        await answers[search === 'a' ? 'a' : 'b'].promise
        return { object: 'list' as const, payments: [named(search ?? '')], next: null }
      },
    }
    const run = paymentsRun({ client, storage, pause }, ['live', 'test'], () => {})
    const { sieve } = run.flow.now()
    const early = run.sift({ ...sieve, search: 'a' })
    const late = run.sift({ ...sieve, search: 'b' })
    answers.b.resolve()
    await late
    answers.a.resolve()
    await early
    expect(run.flow.now().payments).toEqual([named('b')])
  })

  it('signs out where the session is over', async () => {
    let isOut = false
    const run = paymentsRun({ client: { payments: sessionOver }, storage, pause }, ['live'], () => {
      isOut = true
    })
    await run.sift(run.flow.now().sieve)
    expect(isOut).toBe(true)
  })
})

describe('looking at one payment', () => {
  it('keeps what was seen where a second look fails', () => {
    const seen = { payment: named('1'), happenings: [] }
    const state = paymentFlow({ seen: null, isResent: false, notice: null }, { type: 'read', seen })
    expect(paymentFlow(state, { type: 'failed', notice: 'offline' })).toEqual({
      seen,
      isResent: false,
      notice: 'offline',
    })
  })

  it('says where there is none', async () => {
    const unknown = async () => Promise.reject(new DoorError('payment-unknown'))
    const run = paymentRun(
      { client: { payment: unknown, act: unknown, resend: unknown }, newKey: () => '' },
      'pay_1',
      () => {},
    )
    await run.read()
    expect(run.flow.now()).toEqual({ seen: null, isResent: false, notice: 'payment-unknown' })
  })
})

describe('doing something about a payment', () => {
  const held = {
    state: 'authorized',
    amount: { minor: 10_00, currency: 'EUR' },
    capturedMinor: 0,
    refundedMinor: 0,
    decline: null,
  } as unknown as MerchantPayment

  it.each<[string, Partial<MerchantPayment>, readonly Act[]]>([
    ['open', { state: 'created' }, ['cancel']],
    ['held', {}, ['capture', 'void']],
    ['held, and captured in part', { capturedMinor: 4_00 }, ['capture', 'void', 'refund']],
    ['being let go', { pending: { captureMinor: 0, refundMinor: 0, void: true } }, []],
    ['captured', { state: 'captured', capturedMinor: 10_00 }, ['refund']],
    ['given back', { state: 'refunded', capturedMinor: 10_00, refundedMinor: 10_00 }, []],
    ['declined for good', { state: 'declined', decline: { reason: 'too-many-failures', final: true } }, []],
    ['expired', { state: 'expired' }, []],
  ])('offers what can be done where it is %s', (_what, change, acts) => {
    expect(actsOn({ ...held, ...change })).toEqual(acts)
  })

  it('keeps the key where the answer got lost, and takes another one where it was answered', async () => {
    const errors = [new DoorError('offline'), new DoorError('capture-exceeds')]
    const sent: object[] = []
    let keys = 0
    const client = {
      payment: async () => ({ payment: held, happenings: [] }),
      resend: sessionOver,
      async act(_id: string, _act: string, request: object) {
        sent.push(request)
        const error = errors.shift()
        if (error !== undefined) throw error
        return held
      },
    }
    const run = paymentRun({ client, newKey: () => `key ${keys++}` }, 'pay_1', () => {})
    await run.read()
    run.choose('capture')
    run.act.send({ type: 'typed', typed: '4,5' })
    for (let tries = 0; tries < 3; tries += 1) await run.perform()
    const asked = (idempotencyKey: string) => ({ idempotencyKey, amountMinor: 4_50 })
    expect(sent).toEqual([asked('key 0'), asked('key 0'), asked('key 1')])
    expect(run.act.now()).toBeNull()
  })

  it('sends nothing that is no amount', async () => {
    const sent: object[] = []
    const client = {
      payment: async () => ({ payment: held, happenings: [] }),
      resend: sessionOver,
      async act(_id: string, _act: string, request: object) {
        sent.push(request)
        return held
      },
    }
    const run = paymentRun({ client, newKey: () => 'key' }, 'pay_1', () => {})
    await run.read()
    run.choose('refund')
    run.act.send({ type: 'typed', typed: 'much' })
    await run.perform()
    expect(sent).toEqual([])
    expect(run.act.now()).toMatchObject({ isMalformed: true })
  })
})

describe('an API key that was made', () => {
  it('is shown until the next thing is asked', () => {
    const before = { keys: [], secret: null, revoking: null, isBusy: true, notice: null }
    const made = keysFlow(before, { type: 'made', secret: 'mk_test_1' })
    expect(keysFlow(made, { type: 'read', keys: [] }).secret).toBe('mk_test_1')
    expect(keysFlow(made, { type: 'asking' }).secret).toBeNull()
  })
})

describe('the chart of the last days', () => {
  it('begins each day at midnight, also where one of them has 23 or 25 hours', () => {
    for (const month of [2, 3, 9, 10]) {
      const starts = dayStartsMs(new Date(2026, month, 31, 13, 5).getTime()).map((startMs) => new Date(startMs))
      expect(starts).toHaveLength(30)
      expect(new Set(starts.map((start) => start.toDateString())).size).toBe(30)
      for (const start of starts) expect([start.getHours(), start.getMinutes()]).toEqual([0, 0])
    }
  })

  it('shows the currency that is taken most often first, and nothing where it cannot be read', async () => {
    const takings = [
      { currency: 'EUR' as const, payments: 1, days: [9] },
      { currency: 'JPY' as const, payments: 2, days: [1] },
    ]
    const run = takingsRun({ takings: async () => ({ takings }) }, () => 0)
    await run.read('live')
    expect(run.flow.now().map(({ currency }) => currency)).toEqual(['JPY', 'EUR'])
    const blind = takingsRun({ takings: sessionOver }, () => 0)
    await blind.read('live')
    expect(blind.flow.now()).toEqual([])
  })

  it('shows those of the mode that was asked for last, whichever answer comes last, and of no other meanwhile', async () => {
    const answers = { live: Promise.withResolvers<void>(), test: Promise.withResolvers<void>() }
    const client = {
      async takings(mode: 'live' | 'test') {
        await answers[mode].promise
        return {
          takings: [{ currency: mode === 'live' ? ('EUR' as const) : ('JPY' as const), payments: 1, days: [9] }],
        }
      },
    }
    const run = takingsRun(client, () => 0)
    const shown = () => run.flow.now().map(({ currency }) => currency)
    const live = run.read('live')
    const test = run.read('test')
    answers.test.resolve()
    await test
    expect(shown()).toEqual(['JPY'])
    answers.live.resolve()
    await live
    expect(shown()).toEqual(['JPY'])
    const again = run.read('live')
    expect(shown()).toEqual([])
    await again
    expect(shown()).toEqual(['EUR'])
  })
})
