/** `npm run crash -- --cycles 1000 --engine postgres`: kills real processes under load, and compares the books. */
import { parseArgs } from 'node:util'
import { crashCycles, summaryOf } from './cycles.ts'

const { values: wishes } = parseArgs({
  options: { cycles: { type: 'string', default: '20' }, engine: { type: 'string', default: 'sqlite' } },
})
const cycles = Number(wishes.cycles)
const isKnown = wishes.engine === 'sqlite' || wishes.engine === 'postgres'
if (!isKnown || !Number.isSafeInteger(cycles) || cycles < 1) {
  process.stderr.write('crash [--cycles N] [--engine sqlite|postgres]\n')
  process.exit(2)
}
const report = await crashCycles(wishes.engine === 'postgres' ? 'postgres' : 'sqlite', cycles)
process.stdout.write(`${summaryOf(report)}\n`)
if (report.differences.length > 0) {
  process.stdout.write(`${report.differences.join('\n')}\nThe data is kept in ${report.directory}\n`)
}
process.exit(report.differences.length > 0 ? 1 : 0)
