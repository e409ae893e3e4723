import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LimitRequest, limitsAt, pendingOf } from '../../server/bank/card-limits.ts'
import { raiseWaitsMs, startsOf } from '../../shared/card-limits.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'

const limits = (perPaymentMinor: number | null, more: Partial<CardLimits> = {}): CardLimits => ({
  currency: 'EUR',
  perPaymentMinor,
  perDayMinor: null,
  perMonthMinor: null,
  ...more,
})
const at = (setAtMs: number, asked: CardLimits, more: Partial<LimitRequest> = {}): LimitRequest => ({
  limits: asked,
  setAtMs,
  secondedAtMs: null,
  mayRaise: true,
  ...more,
})
const perPayment = (initial: CardLimits | null, requests: LimitRequest[], nowMs: number) =>
  limitsAt(initial, requests, nowMs)?.perPaymentMinor ?? null

describe('limits', () => {
  it('are none where none were set', () => {
    expect(limitsAt(null, [], 0)).toBeNull()
  })

  it('are lowered at once', () => {
    expect(perPayment(limits(100), [at(0, limits(50))], 0)).toBe(50)
    expect(perPayment(null, [at(0, limits(50))], 0)).toBe(50)
    expect(perPayment(limits(null), [at(0, limits(50))], 0)).toBe(50)
  })

  it('are raised, or lifted, a day later', () => {
    const raised = [at(0, limits(200))]
    expect(perPayment(limits(100), raised, raiseWaitsMs - 1)).toBe(100)
    expect(perPayment(limits(100), raised, raiseWaitsMs)).toBe(200)
    const lifted = [at(0, limits(null))]
    expect(perPayment(limits(100), lifted, raiseWaitsMs - 1)).toBe(100)
    expect(perPayment(limits(100), lifted, raiseWaitsMs)).toBeNull()
  })

  it('are not raised by what was taken back within the day', () => {
    const requests = [at(0, limits(200)), at(1_000, limits(90))]
    expect(perPayment(limits(100), requests, 1_000)).toBe(90)
    expect(perPayment(limits(100), requests, 10 * raiseWaitsMs)).toBe(90)
  })

  it('gain nothing by being asked for again and again', () => {
    const requests = [at(0, limits(200)), at(raiseWaitsMs / 2, limits(200))]
    expect(perPayment(limits(100), requests, raiseWaitsMs)).toBe(100)
    expect(perPayment(limits(100), requests, raiseWaitsMs * 1.5)).toBe(200)
  })

  it('are raised at once where a second passkey has signed it, and only from then on', () => {
    const requests = [at(0, limits(200), { secondedAtMs: 1_000 })]
    expect(perPayment(limits(100), requests, 999)).toBe(100)
    expect(perPayment(limits(100), requests, 1_000)).toBe(200)
    const lowered = [...requests, at(2_000, limits(50))]
    expect(perPayment(limits(100), lowered, 2_000)).toBe(50)
  })

  it('are only lowered by what was heard of too late', () => {
    const late = { mayRaise: false }
    expect(perPayment(limits(100), [at(0, limits(50), late)], 0)).toBe(50)
    expect(perPayment(limits(100), [at(0, limits(200), late)], 10 * raiseWaitsMs)).toBe(100)
  })

  it('change part by part: what is lowered holds at once, what is raised a day later', () => {
    const before = limits(null, { perDayMinor: 100, perMonthMinor: 1_000 })
    const mixed = [at(0, limits(null, { perDayMinor: 50, perMonthMinor: 2_000 }))]
    expect(limitsAt(before, mixed, 0)).toEqual(limits(null, { perDayMinor: 50, perMonthMinor: 1_000 }))
    expect(limitsAt(before, mixed, raiseWaitsMs)).toEqual(limits(null, { perDayMinor: 50, perMonthMinor: 2_000 }))
  })

  it('that limit nothing are none, so that another currency can be limited at once', () => {
    expect(limitsAt(limits(100), [at(0, limits(null))], raiseWaitsMs)).toBeNull()
    const dollars = at(raiseWaitsMs, limits(5, { currency: 'USD' }))
    expect(limitsAt(limits(100), [at(0, limits(null)), dollars], raiseWaitsMs)).toEqual(limits(5, { currency: 'USD' }))
  })

  it('say what is waited for, until it holds or was taken back', () => {
    const began = null
    const raised = at(0, limits(200))
    expect(pendingOf(limits(100), { began, requests: [raised] }, 0)).toEqual({
      limits: limits(200),
      fullFromMs: raiseWaitsMs,
    })
    expect(pendingOf(limits(100), { began, requests: [raised] }, raiseWaitsMs)).toBeNull()
    expect(pendingOf(limits(100), { began, requests: [raised, at(1, limits(100))] }, 1)).toBeNull()
    expect(pendingOf(limits(100), { began, requests: [at(0, limits(50))] }, 0)).toBeNull()
  })

  it('keep the old currency until the day is over', () => {
    const requests = [at(0, limits(1, { currency: 'USD' }))]
    expect(limitsAt(limits(100), requests, raiseWaitsMs - 1)).toEqual(limits(100))
    expect(limitsAt(limits(100), requests, raiseWaitsMs)).toEqual(limits(1, { currency: 'USD' }))
  })

  it('never rise within a day of any request, whatever is asked for', () => {
    const asked = fc.array(fc.record({ gapMs: fc.nat(3 * raiseWaitsMs), minor: fc.integer({ min: 1, max: 1_000 }) }))
    fc.assert(
      fc.property(asked, fc.nat(raiseWaitsMs - 1), (steps, laterMs) => {
        let nowMs = 0
        const requests = steps.map(({ gapMs, minor }) => {
          nowMs += gapMs
          return at(nowMs, limits(minor))
        })
        const last = requests.at(-1)
        if (last === undefined) return
        const before = perPayment(limits(500), requests.slice(0, -1), last.setAtMs) ?? 0
        expect(perPayment(limits(500), requests, last.setAtMs + laterMs)).toBeLessThanOrEqual(before)
      }),
    )
  })

  it('count days and months from midnight UTC', () => {
    expect(startsOf(Date.UTC(2028, 1, 29, 23, 59, 59))).toEqual({
      dayMs: Date.UTC(2028, 1, 29),
      monthMs: Date.UTC(2028, 1, 1),
    })
  })
})
