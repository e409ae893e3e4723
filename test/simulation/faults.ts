import type { Dice } from './dice.ts'

/** How likely each fault is, every time that it could happen. */
export type Faults = {
  /** At any operation on a database and any call of a peer: the machine dies there, before or after the operation. */
  crash: number
  /** An operation on a database fails, and nothing was done. */
  disk: number
  /** What was committed is reported as failed. */
  commitUnknown: number
  /** A message, or an answer, is lost. */
  drop: number
  /** The connection breaks: the caller knows, and does not know how far it came. */
  reset: number
  /** A message arrives again, soon or much later. */
  duplicate: number
  /** A message or answer takes seconds. */
  slow: number
  /** An answer comes with a wrong byte, or the answer to another question comes in its place. */
  corrupt: number
  /** A clock is put forward or back. */
  clock: number
}

const worst: Faults = {
  crash: 0.015,
  disk: 0.01,
  commitUnknown: 0.05,
  drop: 0.12,
  reset: 0.08,
  duplicate: 0.25,
  slow: 0.15,
  corrupt: 0.08,
  clock: 0.1,
}

export const noFaults = (): Faults => everyFault(() => 0)

/** Each run has some faults, often or seldom, and is spared others: what all of them at once would hide comes out alone. */
export const someFaults = (dice: Dice): Faults => everyFault((most) => dice.pick([0, 0, most / 5, most]))

function everyFault(likelihood: (most: number) => number): Faults {
  return {
    crash: likelihood(worst.crash),
    disk: likelihood(worst.disk),
    commitUnknown: likelihood(worst.commitUnknown),
    drop: likelihood(worst.drop),
    reset: likelihood(worst.reset),
    duplicate: likelihood(worst.duplicate),
    slow: likelihood(worst.slow),
    corrupt: likelihood(worst.corrupt),
    clock: likelihood(worst.clock),
  }
}
