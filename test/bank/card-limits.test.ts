import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LimitRequest, limitsAt, raiseWaitsMs, startsOf } from '../../server/bank/card-limits.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'

const limits = (perPaymentMinor: number | null, more: Partial<CardLimits> = {}): CardLimits => ({
  currency: 'EUR',
  perPaymentMinor,
  perDayMinor: null,
  perMonthMinor: null,
  ...more,
})
const at = (setAtMs: number, asked: CardLimits): LimitRequest => ({ limits: asked, setAtMs })
const perPayment = (initial: CardLimits | null, requests: LimitRequest[], nowMs: number) =>
  limitsAt(initial, requests, nowMs)?.perPaymentMinor

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
