import { expect, it } from 'vitest'
import { manualClock } from './manual-clock.ts'

it('stands still until it is told', () => {
  const clock = manualClock(1_000)
  expect(clock.nowMs()).toBe(1_000)
  clock.advance(250)
  expect(clock.nowMs()).toBe(1_250)
  clock.set(10)
  expect(clock.nowMs()).toBe(10)
})
