import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOf } from './report.ts'
import { openScratch, type Scratch } from './scratch.ts'
import { openTally } from './tally.ts'

/** How many seeds `npm test` lives through; `MONIKER_SEEDS` sets another number. */
const seedsByDefault = 2_000
const seedCount = Number(process.env.MONIKER_SEEDS ?? seedsByDefault)
/** The first seed; another one gives other runs. */
const firstSeed = Number(process.env.MONIKER_FIRST_SEED ?? 1)
const seedsATest = 50
/** So many meet everything that can go wrong, many times over. */
const enoughSeeds = 500

/** One of several test files that share the seeds, so that each core has some. @param share counts from zero */
export function describeSeeds(share: number, shares: number): void {
  const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index).filter(
    (seed) => seed % shares === share,
  )
  const tally = openTally()
  let scratch: Scratch
  let beganAtMs = 0
  beforeAll(async () => {
    beganAtMs = performance.now()
    scratch = await openScratch()
  })
  afterAll(() => scratch.remove())

  describe('whatever goes wrong, money is where people agreed it should be', () => {
    for (let start = 0; start < seeds.length; start += seedsATest) {
      const some = seeds.slice(start, start + seedsATest)
      it(`seeds ${some[0]} to ${some.at(-1)}`, async () => {
        for (const seed of some) {
          const outcome = await scratch.run(seed)
          tally.add(outcome)
          if (outcome.complaints.length > 0) throw new Error(reportOf(outcome))
        }
      })
    }

    it.runIf(seeds.length >= enoughSeeds)(
      'and everything has gone wrong that can, and payments ended in every way',
      () => {
        const seconds = ((performance.now() - beganAtMs) / 1000).toFixed(1)
        console.log(`simulation, share ${share + 1} of ${shares}, in ${seconds} s: ${tally}`)
        expect(tally.neverMet()).toEqual([])
      },
    )
  })
}
