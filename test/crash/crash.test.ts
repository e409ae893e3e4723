import { expect, it } from 'vitest'
import { crashCycles, summaryOf } from './cycles.ts'

/** `npm run crash -- --cycles 1000` for more. */
const cycles = Number(process.env.CRASH_CYCLES ?? 20)

it.concurrent.each(['sqlite', 'postgres'] as const)(
  'loses, doubles and invents no money and no order when it is killed, on %s',
  async (engine) => {
    const report = await crashCycles(engine, cycles)
    console.log(summaryOf(report))
    expect(report.differences).toEqual([])
    expect(report.paid).toBeGreaterThan(0)
    expect(report.shop.tickets).toBeGreaterThan(0)
    expect(report.shop.heard).toBeGreaterThanOrEqual(report.shop.events)
  },
)
