import type { Outcome } from './simulate.ts'

const traceLinesShown = 60

/** What went wrong in a run, what led to it, and how to live through it again. */
export function reportOf({ seed, complaints, trace }: Outcome): string {
  const firstComplaint = trace.findIndex((line) => line.includes('!!'))
  const before = trace.slice(Math.max(0, firstComplaint - traceLinesShown), firstComplaint + 1)
  return [
    `seed ${seed}:`,
    ...complaints,
    '',
    'What led to the first of them:',
    ...before,
    '',
    `The whole run: npm run simulate -- --seed ${seed}`,
  ].join('\n')
}
