import { describe, expect, it } from 'vitest'
import type { CardId, PayerPseudonym } from '../../../shared/identifiers.ts'
import type { SetLimitIntent } from '../../../shared/intent.ts'
import type { CardLimits } from '../../../shared/wire/intent-schema.ts'
import type { Allowance, Payer } from '../../../shared/wire/payment-api.ts'
import type { Assertion } from '../../../web/doors/passkey.ts'
import { effectOf, firstLimitsFlow, limitsFlow, type OpenLimits } from '../../../web/flows/limits-flow.ts'
import { limitsRun } from '../../../web/flows/limits-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { thumbprintNumbered } from './passkey-world.ts'

const card = 'card_AAAAAAAAAAAAAAAAAAAAAA' as CardId
const [phone, tablet] = [thumbprintNumbered(1), thumbprintNumbered(2)]
const payer: Payer = {
  username: 'ada',
  display: 'ada',
  passkeys: [
    { credentialId: 'cGhvbmU', thumbprint: phone },
    { credentialId: 'dGFibGV0', thumbprint: tablet },
  ],
  cards: [],
}
const euros = (perPaymentMinor: number | null, more: Partial<CardLimits> = {}): CardLimits => ({
  currency: 'EUR',
  perPaymentMinor,
  perDayMinor: null,
  perMonthMinor: null,
  ...more,
})
const standing = (change: Partial<Allowance> = {}): Allowance => ({
  change: 1,
  limits: euros(4_00),
  pending: null,
  spent: [{ currency: 'EUR', dayMinor: 0, monthMinor: 0 }],
  longBound: [phone, tablet],
  heldUntilMs: null,
  isToldToBank: true,
  nowMs: 1_000,
  ...change,
})
const waiting = { limits: euros(9_00), fullFromMs: 2_000, signedBy: phone }

type More = {
  /** Until when the server does not say what is to be signed. */
  readonly offered?: Promise<void>
  readonly set?: () => Promise<Allowance>
  /** How it stands, each time after the first that somebody asks. */
  readonly later?: () => Promise<Allowance>
}

/** A server that answers so, and a device that signs whatever it is asked to. */
async function opened(
  allowance: Allowance,
  change: Partial<SetLimitIntent> = {},
  failure: DoorError | null = null,
  more: More = {},
) {
  const asked: { limits: CardLimits; isSecond: boolean }[] = []
  const passkeys: (readonly string[])[] = []
  let sent = 0
  let reads = 0
  let isSignedOut = false
  const run = limitsRun(
    {
      limits: {
        of: async () => (reads++ > 0 && more.later ? more.later() : allowance),
        intent: async (_card, request) => {
          asked.push(request)
          await more.offered
          if (failure !== null) throw failure
          const stamp = { v: 1, nonce: 'A'.repeat(43), notAfter: 1, payer: 'pp_A' as PayerPseudonym } as const
          const intent = { ...stamp, purpose: 'set-limit', card, change: 2, limits: request.limits } as const
          return { intent: { ...intent, ...change } }
        },
        set: async () => {
          sent += 1
          return more.set ? more.set() : standing({ change: 2 })
        },
      },
      passkey: {
        confirm: async ({ credentialIds }) => {
          passkeys.push(credentialIds)
          return {} as Assertion
        },
        offer: async () => Promise.reject(new DoorError('passkey-unsupported')),
        endOffer: () => undefined,
      },
    },
    async () => 'pay.example',
    payer,
    card,
    async () => {
      isSignedOut = true
    },
  )
  await run.read()
  const open = (): OpenLimits => {
    const state = run.flow.now()
    if (state.step !== 'open') throw new Error('the limits could not be read')
    return state
  }
  return { run, open, asked, passkeys, sent: () => sent, isSignedOut: () => isSignedOut }
}

describe('the limits of a card', () => {
  it('say what a change would do before it is signed', async () => {
    const { run, open } = await opened(standing({ limits: euros(4_00, { perDayMinor: 9_00 }) }))
    const types = (kind: 'payment' | 'day' | 'month', text: string) => run.flow.send({ type: 'typed', kind, text })
    expect(effectOf(open())).toEqual({ lowers: false, raises: false })
    types('payment', '3')
    expect(effectOf(open())).toEqual({ lowers: true, raises: false })
    types('day', '')
    expect(effectOf(open())).toEqual({ lowers: true, raises: true })
    types('payment', '4,00')
    expect(effectOf(open())).toEqual({ lowers: false, raises: true })
    types('month', 'much')
    expect(effectOf(open())).toEqual({ lowers: false, raises: false })
  })

  it('are not signed once the session is over: whoever is there signs in again', async () => {
    const { run, isSignedOut, passkeys } = await opened(standing(), {}, new DoorError('session-missing'))
    run.flow.send({ type: 'typed', kind: 'payment', text: '4' })
    await run.save()
    expect([isSignedOut(), passkeys]).toEqual([true, []])
  })

  it('are as they are now for who comes back, but for what they were changing', () => {
    const lower = standing({ change: 2, limits: euros(2_00) })
    const open = limitsFlow(firstLimitsFlow, { type: 'read', allowance: standing() })
    expect(limitsFlow(open, { type: 'read', allowance: lower })).toMatchObject({ draft: { payment: '2' } })
    const typed = limitsFlow(open, { type: 'typed', kind: 'payment', text: '3' })
    for (const event of [
      { type: 'read', allowance: lower } as const,
      { type: 'unreadable', notice: 'offline' } as const,
    ])
      expect(limitsFlow(typed, event)).toBe(typed)
  })

  it('are signed as they are shown, by any passkey', async () => {
    const { run, open, asked, passkeys } = await opened(standing())
    run.flow.send({ type: 'typed', kind: 'day', text: '20' })
    await run.save()
    expect(asked).toEqual([{ limits: euros(4_00, { perDayMinor: 20_00 }), isSecond: false }])
    expect(passkeys).toEqual([['cGhvbmU', 'dGFibGV0']])
    expect(open()).toMatchObject({ isSaved: true, doing: null })
  })

  it.each<[string, Partial<SetLimitIntent>]>([
    ['other limits', { limits: euros(400_00) }],
    ['another card', { card: 'card_QQQQQQQQQQQQQQQQQQQQQQ' as CardId }],
  ])('are not signed where the server names %s', async (_what, change) => {
    const { run, open, passkeys, sent } = await opened(standing(), change)
    run.flow.send({ type: 'typed', kind: 'payment', text: '3' })
    await run.save()
    expect(passkeys).toEqual([])
    expect(sent()).toBe(0)
    expect(open()).toMatchObject({ notice: 'intent-mismatch', draft: { payment: '3' } })
  })

  it('are raised by the passkey that has not signed yet', async () => {
    const { run, asked, passkeys } = await opened(standing({ pending: waiting }))
    await run.second()
    expect(asked).toEqual([{ limits: euros(9_00), isSecond: true }])
    expect(passkeys).toEqual([['dGFibGV0']])
  })

  it('stay as they are where a raise is taken back', async () => {
    const { run, asked } = await opened(standing({ pending: waiting }))
    await run.cancelRaise()
    expect(asked).toEqual([{ limits: euros(4_00), isSecond: false }])
  })

  it('are signed by nobody any more once nobody looks at them', async () => {
    const { promise: offered, resolve } = Promise.withResolvers<void>()
    const { run, passkeys, sent } = await opened(standing(), {}, null, { offered })
    run.flow.send({ type: 'typed', kind: 'payment', text: '3' })
    const saving = run.save()
    run.stop()
    resolve()
    await saving
    expect([passkeys, sent()]).toEqual([[], 0])
  })

  it('are as they were changed, though an answer of before comes late', async () => {
    const { promise, resolve } = Promise.withResolvers<Allowance>()
    const { run, open } = await opened(standing(), {}, null, { later: () => promise })
    const reading = run.read()
    run.flow.send({ type: 'typed', kind: 'payment', text: '3' })
    await run.save()
    resolve(standing())
    await reading
    expect(open()).toMatchObject({ allowance: { change: 2 }, isSaved: true })
  })
})

describe('a change of limits whose answer got lost', () => {
  const lost = () => Promise.reject(new DoorError('offline'))
  const signs = async (text: string, after: Allowance) => {
    const change = await opened(standing(), {}, null, { set: lost, later: async () => after })
    change.run.flow.send({ type: 'typed', kind: 'payment', text })
    await change.run.save()
    return change.open()
  }

  it('has come about where the limits are so now, or will be', async () => {
    const lowered = standing({ change: 2, limits: euros(3_00) })
    expect(await signs('3', lowered)).toMatchObject({ allowance: lowered, isSaved: true, notice: null })
    const raised = standing({ change: 2, pending: waiting })
    expect(await signs('9', raised)).toMatchObject({ allowance: raised, isSaved: true, notice: null })
    const none = standing({ change: 2, pending: { ...waiting, limits: null } })
    expect(await signs('', none)).toMatchObject({ allowance: none, isSaved: true, notice: null })
  })

  it.each([
    ['they are as before', standing()],
    ['another device was quicker', standing({ change: 2, limits: euros(2_00) })],
    ['they were like that by another change', standing({ change: 9, limits: euros(3_00) })],
  ])('has not where %s', async (_what, after) => {
    expect(await signs('3', after)).toMatchObject({ isSaved: false, notice: 'offline', draft: { payment: '3' } })
  })

  it('and that a second passkey signed, has come about where nothing is waited for any more', async () => {
    const raised = standing({ change: 2, limits: euros(9_00) })
    for (const [after, isSaved] of [
      [raised, true],
      [standing({ change: 2, pending: waiting }), false],
    ] as const) {
      const pending = standing({ change: 2, pending: waiting })
      const { run, open } = await opened(pending, {}, null, { set: lost, later: async () => after })
      await run.second()
      expect(open()).toMatchObject({ isSaved, notice: isSaved ? null : 'offline' })
    }
  })
})
