import { describe, expect, it } from 'vitest'
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { type EntryFlow, entryFlow } from '../../../web/console/flows/entry-run.ts'
import { paymentFlow, paymentRun } from '../../../web/console/flows/payment-run.ts'
import { firstPaymentsFlow, paymentsFlow, paymentsRun } from '../../../web/console/flows/payments-run.ts'
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
    const run = paymentsRun({ client, pause }, 'live', () => {})
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
    const run = paymentsRun({ client: { payments: sessionOver }, pause }, 'live', () => {
      isOut = true
    })
    await run.sift(run.flow.now().sieve)
    expect(isOut).toBe(true)
  })
})

describe('looking at one payment', () => {
  it('keeps what was seen where a second look fails', () => {
    const seen = { payment: named('1'), happenings: [] }
    const state = paymentFlow({ seen: null, notice: null }, { type: 'read', seen })
    expect(paymentFlow(state, { type: 'failed', notice: 'offline' })).toEqual({ seen, notice: 'offline' })
  })

  it('says where there is none', async () => {
    const unknown = async () => Promise.reject(new DoorError('payment-unknown'))
    const run = paymentRun({ payment: unknown }, 'pay_1', () => {})
    await run.read()
    expect(run.flow.now()).toEqual({ seen: null, notice: 'payment-unknown' })
  })
})
