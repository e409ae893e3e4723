import { setImmediate } from 'node:timers'
import type { Clock } from '../../server/runtime/room.ts'
import { takeTurns } from './cryptography-in-turn.ts'
import type { Dice } from './dice.ts'

type Event = { readonly atMs: number; readonly place: number; readonly label: string | null; act: (() => void) | null }

/**
 * Time and order. Nothing in a run happens but by an event of this queue; between two events everything that an event set in motion
 * comes to rest, so that the seed alone decides what is next.
 */
export type Scheduler = {
  readonly clock: Clock
  /** One line an event: the replay of a seed reads it. */
  readonly trace: string[]
  /** @param label null for what is not worth a line in the trace */
  after(delayMs: number, label: string | null, act: () => void): Event
  sleep(ms: number): Promise<void>
  note(line: string): void
  /** Time passes, and nothing happens meanwhile: as on a machine that was asleep. */
  leap(ms: number): void
  /** Lets everything happen that is due until then, by the scheduler's clock. */
  runUntil(atMs: number): Promise<void>
  /** Gives the machine's own timers and cryptography back. */
  stop(): void
}

export function startScheduler(startMs: number, dice: Dice): Scheduler {
  const cryptography = takeTurns()
  const events: Event[] = []
  const trace: string[] = []
  let nowMs = startMs

  const note = (line: string): void => {
    trace.push(`${String(nowMs - startMs).padStart(9)} ${line}`)
  }

  function after(delayMs: number, label: string | null, act: () => void): Event {
    // Of one moment, the dice decide what comes first.
    const event = { atMs: nowMs + Math.max(0, delayMs), place: dice.below(2 ** 30), label, act }
    events.push(event)
    return event
  }

  function takeNext(untilMs: number): Event | null {
    let found = -1
    for (const [index, event] of events.entries()) if (isBefore(event, events[found])) found = index
    const next = events[found]
    if (next === undefined || next.atMs > untilMs) return null
    const last = events.pop()
    if (last !== undefined && last !== next) events[found] = last
    return next
  }

  async function comeToRest(): Promise<void> {
    do await allMicrotasks()
    while (await cryptography.deliverNext())
  }

  const giveTimersBack = takeTimers((delayMs, act) => after(delayMs, null, act))
  return {
    clock: { nowMs: () => nowMs },
    trace,
    after,
    note,
    leap(ms) {
      nowMs += ms
      note(`${ms} ms pass at once`)
    },
    sleep: (ms) => new Promise((resolve) => after(ms, null, resolve)),
    async runUntil(atMs) {
      await comeToRest()
      for (let next = takeNext(atMs); next !== null; next = takeNext(atMs)) {
        if (next.act === null) continue
        nowMs = Math.max(nowMs, next.atMs)
        if (next.label !== null) note(next.label)
        next.act()
        await comeToRest()
      }
      nowMs = Math.max(nowMs, atMs)
    },
    stop() {
      giveTimersBack()
      cryptography.stop()
    },
  }
}

const isBefore = (event: Event, other: Event | undefined): boolean =>
  other === undefined || event.atMs < other.atMs || (event.atMs === other.atMs && event.place < other.place)

const allMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What waits for a real timer would wait for real seconds: inside a run, timers are events. */
function takeTimers(after: (delayMs: number, act: () => void) => Event): () => void {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout }
  const simulated = {
    setTimeout: (act: () => void, delayMs = 0) => after(delayMs, act),
    clearTimeout: (event: Event | undefined) => {
      if (event !== undefined) event.act = null
    },
  }
  Object.assign(globalThis, simulated)
  return () => Object.assign(globalThis, real)
}
