import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plants } from './plants.ts'
import { openScratch, type Scratch } from './scratch.ts'

/** What a simulation that cannot fail would say of each bug: nothing. */
const complaintAbout = {
  noCompareAndSet: / moved from | is .* without a move to it|was told that/,
  noWorker: /is still (unknown|approving)/,
  forgetfulDisk: / moved \d+, and should have | was told that | is gone/,
  noReservation: /is overdrawn/,
  noMemoryOfSpending: /may spend \d+ in 2026-\d+(-\d+)?, and spent/,
  secondBooking: / moved \d+, and should have \d+/,
  lostPosting: /does not sum to zero/,
  unsignedApproval: /nobody signed for/,
} as const satisfies Record<keyof typeof plants, RegExp>

/** A change anywhere shifts what each seed meets, so there are more of them than were ever needed. Most tests stop long before. */
const seedsMax = 400

describe('the simulation', () => {
  let scratch: Scratch
  beforeAll(async () => {
    scratch = await openScratch()
  })
  afterAll(() => scratch.remove())

  it.each(Object.keys(plants) as (keyof typeof plants)[])('finds a planted bug: %s', async (name) => {
    expect(await complaintOf(name)).toMatch(complaintAbout[name])
  })

  it('lives through a seed the same way every time', async () => {
    const once = await everyTrace()
    const again = await everyTrace()
    expect(again).toEqual(once)
  })

  async function complaintOf(name: keyof typeof plants): Promise<string> {
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { complaints } = await scratch.run(seed, plants[name]())
      const complaint = complaints.find((text) => complaintAbout[name].test(text))
      if (complaint !== undefined) return complaint
    }
    return `nothing in ${seedsMax} seeds`
  }

  async function everyTrace(): Promise<(readonly string[])[]> {
    const traces = []
    for (let seed = 1; seed <= 20; seed += 1) traces.push((await scratch.run(seed)).trace)
    return traces
  }
})
