/** `npm run simulate -- --seed 17` lives through one seed again and prints each step; `--seeds 1..2000` through many. */
import { parseArgs } from 'node:util'
import { reportOf } from './report.ts'
import { openScratch, type Scratch } from './scratch.ts'
import { openTally } from './tally.ts'

const usage = 'simulate --seed N | --seeds FROM..TO'

const { values: wishes } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string' } } })
const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(wishes.seeds ?? `${wishes.seed}..${wishes.seed}`) ?? []
if (from === undefined || Number(to) < Number(from)) {
  process.stderr.write(`${usage}\n`)
  process.exit(2)
}
const scratch = await openScratch()
try {
  process.exitCode = await (from === to ? replay(scratch, Number(from)) : run(scratch, Number(from), Number(to)))
} finally {
  scratch.remove()
}

/** @returns the exit code */
async function replay({ run }: Scratch, seed: number): Promise<0 | 1> {
  const outcome = await run(seed)
  const tally = openTally()
  tally.add(outcome)
  const verdict =
    outcome.complaints.length === 0 ? 'money is where people agreed it should be' : 'this must not happen:'
  process.stdout.write(`${[...outcome.trace, `${tally}`, verdict, ...outcome.complaints].join('\n')}\n`)
  return outcome.complaints.length === 0 ? 0 : 1
}

/** @returns the exit code */
async function run({ run }: Scratch, from: number, to: number): Promise<0 | 1> {
  const tally = openTally()
  let failed = 0
  for (let seed = from; seed <= to; seed += 1) {
    const outcome = await run(seed)
    tally.add(outcome)
    if (outcome.complaints.length === 0) continue
    failed += 1
    process.stdout.write(`${reportOf(outcome)}\n\n`)
  }
  process.stdout.write(`${tally}\nseeds where money went astray: ${failed}\n`)
  return failed === 0 ? 0 : 1
}
