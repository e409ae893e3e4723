import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScratch, type Scratch } from './scratch.ts'
import type { Outcome } from './simulate.ts'

/** How many seeds `npm test` lives through; `MONIKER_SEEDS` sets another number. */
const seedsByDefault = 2_000
const seedCount = Number(process.env.MONIKER_SEEDS ?? seedsByDefault)
/** The first seed; another one gives other runs. */
const firstSeed = Number(process.env.MONIKER_FIRST_SEED ?? 1)
/** One seed, to be lived through again, with its trace. */
export const replayed = process.env.MONIKER_SEED
const seedsATest = 50
const traceLinesShown = 60

/** One of several test files that share the seeds, so that each core has some. @param share counts from zero */
export function describeSeeds(share: number, shares: number): void {
  const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index).filter(
    (seed) => seed % shares === share,
  )
  let scratch: Scratch
  beforeAll(async () => {
    scratch = await openScratch()
  })
  afterAll(() => scratch.remove())

  describe.runIf(replayed !== undefined && share === 0)('one seed', () => {
    it(`seed ${replayed}`, async () => {
      const outcome = await scratch.run(Number(replayed))
      console.log(outcome.trace.join('\n'))
      expect(outcome.complaints).toEqual([])
    })
  })

  describe.skipIf(replayed !== undefined)('whatever goes wrong, money is where people agreed it should be', () => {
    for (let start = 0; start < seeds.length; start += seedsATest) {
      const some = seeds.slice(start, start + seedsATest)
      it(`seeds ${some[0]} to ${some.at(-1)}`, async () => {
        for (const seed of some) {
          const outcome = await scratch.run(seed)
          if (outcome.complaints.length > 0) throw new Error(reportOf(outcome))
        }
      })
    }
  })
}

function reportOf({ seed, complaints, trace }: Outcome): string {
  const command = `MONIKER_SEED=${seed} npx vitest run --config test/vitest.config.ts --project simulation`
  const firstComplaint = trace.findIndex((line) => line.includes('!!'))
  const before = trace.slice(Math.max(0, firstComplaint - traceLinesShown), firstComplaint + 1)
  return [
    `seed ${seed}:`,
    ...complaints,
    '',
    'What led to the first of them:',
    ...before,
    '',
    `The whole run: ${command}`,
  ].join('\n')
}
