import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayed } from './every-seed.ts'
import { plants } from './plants.ts'
import { openScratch, type Scratch } from './scratch.ts'

/** What a simulation that cannot fail would say of each bug: nothing. */
const complaintAbout = {
  noCompareAndSet: / moved from | is .* without a move to it|was told that/,
  noWorker: /is still (unknown|approving)/,
  forgetfulDisk: / moved \d+, and should have | was told that | is gone/,
  noReservation: /is overdrawn/,
  secondBooking: / moved \d+, and should have \d+/,
  lostPosting: /does not sum to zero/,
  unsignedApproval: /nobody signed for/,
} as const satisfies Record<keyof typeof plants, RegExp>

/** A change anywhere shifts what each seed meets, so there are more of them than were ever needed. Most tests stop long before. */
const seedsMax = 400

describe.skipIf(replayed !== undefined)('the simulation', () => {
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

  it('meets faults of every kind, and payments with every end', async () => {
    const faultsLeft = new Set(faultsInTrace)
    const endsLeft = new Set(['authorized', 'captured', 'refunded', 'voided', 'expired', 'canceled'])
    for (let seed = 1; seed <= seedsMax && faultsLeft.size + endsLeft.size > 0; seed += 1) {
      const { trace, states } = await scratch.run(seed)
      const lines = trace.join('\n')
      for (const fault of faultsLeft) if (fault.test(lines)) faultsLeft.delete(fault)
      for (const end of Object.keys(states)) endsLeft.delete(end)
    }
    expect([...faultsLeft, ...endsLeft]).toEqual([])
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

const faultsInTrace = [
  /bank#\d+ dies: before/,
  /bank#\d+ dies: after/,
  /payment\S*#\d+ dies: before/,
  /payment\S*#\d+ dies: after/,
  /dies: after commit|dies: after payment.db commit/,
  /dies: after asks bank/,
  /disk of payment.db fails at/,
  /disk of bank.db fails at/,
  /does not say that it did commit/,
  /is lost/,
  /answer 200 is lost/,
  /breaks/,
  /arrives again/,
  /is not the one that was sent/,
  /has its clock at/,
  /pass at once/,
]
