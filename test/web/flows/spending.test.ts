import { describe, expect, it } from 'vitest'
import { type Currency, money } from '../../../shared/money.ts'
import { byDay, monthOfSpending, startOfMonthMs } from '../../../web/flows/spending.ts'

/** By this machine's own calendar, wherever it is. */
const at = (month: number, day: number, hour = 12) => new Date(2026, month - 1, day, hour).getTime()
const paid = (minor: number, atMs: number, currency: Currency = 'EUR') => ({ amount: money(minor, currency), atMs })
const november23 = at(11, 23)

describe('a month of spending', () => {
  it('has a day for each day of the month, and adds up what was spent on it', () => {
    const [month] = monthOfSpending(
      [paid(3_80, at(11, 23, 0)), paid(2_40, at(11, 23, 23)), paid(1_00, at(11, 1))],
      november23,
    )
    expect(month?.days).toHaveLength(30)
    expect(month?.days[22]).toBe(6_20)
    expect(month?.days[0]).toBe(1_00)
    expect(month).toMatchObject({ currency: 'EUR', totalMinor: 7_20, payments: 3 })
    expect(month?.days.reduce((sum, day) => sum + day, 0)).toBe(7_20)
  })

  it('leaves other months out', () => {
    expect(monthOfSpending([paid(1_00, at(10, 31, 23)), paid(1_00, at(12, 1, 0))], november23)).toEqual([])
  })

  it('knows February', () => {
    expect(monthOfSpending([paid(1_00, at(2, 28))], at(2, 3))[0]?.days).toHaveLength(28)
  })

  it('never adds up different currencies, and shows the one used most often first', () => {
    const months = monthOfSpending(
      [paid(9_00, at(11, 2), 'CNY'), paid(1_00, at(11, 2)), paid(1_00, at(11, 3))],
      november23,
    )
    expect(months.map(({ currency, totalMinor }) => [currency, totalMinor])).toEqual([
      ['EUR', 2_00],
      ['CNY', 9_00],
    ])
  })

  it('begins at midnight of its first day', () => {
    expect(startOfMonthMs(november23)).toBe(at(11, 1, 0))
  })
})

it('payments are listed by the day they were made on, in the order they came', () => {
  const entries = [at(11, 23, 20), at(11, 23, 0), at(11, 22, 23)].map((atMs) => ({ atMs }))
  expect(byDay(entries)).toEqual([
    { startsAtMs: at(11, 23, 0), entries: [entries[0], entries[1]] },
    { startsAtMs: at(11, 22, 0), entries: [entries[2]] },
  ])
})
