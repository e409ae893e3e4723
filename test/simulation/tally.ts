import type { Outcome } from './simulate.ts'

/** What can go wrong in a run, and the line of a trace that tells of it. */
const faultKinds = {
  'the bank dies before an operation': /^bank#\d+ dies: before/,
  'the bank dies after one': /^bank#\d+ dies: after/,
  'a payment server dies before an operation': /^payment\S*#\d+ dies: before/,
  'a payment server dies after one': /^payment\S*#\d+ dies: after/,
  'one dies after a commit': /dies: after \S+ commit/,
  'one dies after asking the bank': /dies: after asks bank/,
  'a disk of the bank fails': /^bank#\d+ disk of \S+ fails at/,
  'a disk of a payment server fails': /^payment\S*#\d+ disk of \S+ fails at/,
  'a disk does not say that it committed': /does not say that it did commit/,
  'a message is lost': /(?<! answer \d+) is lost$/,
  'an answer is lost': / answer \d+ is lost$/,
  'a connection breaks': / breaks$/,
  'a message arrives again': / arrives again$/,
  'something takes seconds': /^something is slow/,
  'an answer is altered': /answer is not the one that was sent/,
  'a clock is wrong': /has its clock at/,
  'a machine sleeps': /pass at once$/,
} as const
export type FaultKind = keyof typeof faultKinds
const kinds = Object.entries(faultKinds) as [FaultKind, RegExp][]

/** How a payment can end. */
const ends = ['authorized', 'captured', 'refunded', 'voided', 'expired', 'canceled', 'declined'] as const

/** Adds up what runs have met: a simulation that meets nothing shows nothing. */
export function openTally() {
  const met = new Map<string, number>([...kinds.map(([kind]) => kind), ...ends].map((what) => [what, 0]))
  let seeds = 0
  const add = (what: string, count: number) => met.set(what, (met.get(what) ?? 0) + count)
  return {
    add({ trace, states }: Pick<Outcome, 'trace' | 'states'>): void {
      seeds += 1
      for (const [what, count] of faultsIn(trace)) add(what, count)
      for (const [state, count] of Object.entries(states)) add(state, count)
    },
    neverMet: (): string[] => [...met].flatMap(([what, count]) => (count === 0 ? [what] : [])),
    /** One line for people. */
    toString: (): string => `${seeds} seeds met: ${[...met].map(([what, count]) => `${what} ${count}`).join(', ')}`,
  }
}

function faultsIn(trace: readonly string[]): Map<FaultKind, number> {
  const found = new Map<FaultKind, number>()
  for (const line of trace) {
    const event = line.slice(stampCharacters)
    if (!mayBeFault.test(event)) continue
    for (const [kind, pattern] of kinds) if (pattern.test(event)) found.set(kind, (found.get(kind) ?? 0) + 1)
  }
  return found
}

/** Most lines tell of nothing wrong, and there are very many. */
const mayBeFault = /dies|disk|lost$|breaks$|again$|slow|not the one|clock at|at once$/

/** Milliseconds since the run began, and a space. */
const stampCharacters = 10
