import { Problem } from '../../../shared/problem.ts'
import type { HandoffProgress } from '../../../shared/wire/handoff-api.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { HandingOff } from './hand-off.ts'

/** A tab that is loaded again may come before its old connection is seen to be gone. A payment has a few handles, so it is bounded, too. */
const mostOfHandle = 2
/** Each holds a socket, and asks the database once a second. */
const mostInAll = 500
/** Whoever is refused asks by single requests meanwhile. */
const retryAfterSeconds = 60
/** Proxies end what is silent for a minute, and a browser that hears nothing for longer than this no longer believes in the line. */
const heartbeatMs = 15_000
const stuckMs = 60_000

/** The line to one first screen. */
type Line = {
  /** Resolves once it is on its way: with a reader that reads nothing, never. */
  write(progress: HandoffProgress): Promise<void>
  end(): void
}
type Watch = {
  readonly handle: string
  readonly line: Line
  told: string
  toldAtMs: number
  isWriting: boolean
}

/**
 * First screens that wait for what a phone does. What they are told comes from the database, once a round, so that it does not matter which
 * process the phone speaks to. Times are the room's: its ticks are the rounds.
 */
export function handoffWatch({ handoffs, clock, log }: { handoffs: HandingOff; clock: Clock; log: Log }) {
  const watches = new Set<Watch>()

  function end(watch: Watch): void {
    watches.delete(watch)
    watch.line.end()
  }

  async function look(watch: Watch): Promise<void> {
    const nowMs = clock.nowMs()
    if (watch.isWriting) return nowMs - watch.toldAtMs > stuckMs ? end(watch) : undefined
    const progress = await handoffs.progress(watch.handle).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
      return null
    })
    if (progress === null) return end(watch)
    if (JSON.stringify(progress) !== watch.told || nowMs - watch.toldAtMs >= heartbeatMs) tell(watch, progress)
  }

  /** Nobody waits for it: one screen that reads slowly keeps no other one waiting. */
  function tell(watch: Watch, progress: HandoffProgress): void {
    Object.assign(watch, { told: JSON.stringify(progress), toldAtMs: clock.nowMs(), isWriting: true })
    void watch.line.write(progress).finally(() => {
      watch.isWriting = false
      // What is said last is heard, too: the line ends after it.
      if (isOver(progress)) end(watch)
    })
  }

  return {
    /** @throws {Problem} `handoff-over`, `too-many-requests` */
    async admit(handle: string): Promise<(line: Line) => () => void> {
      const progress = await handoffs.progress(handle)
      const ofHandle = [...watches].filter((watch) => watch.handle === handle).length
      if (ofHandle >= mostOfHandle || watches.size >= mostInAll) {
        throw new Problem('too-many-requests', { retryAfterSeconds })
      }
      return (line) => {
        const watch: Watch = { handle, line, told: '', toldAtMs: 0, isWriting: false }
        watches.add(watch)
        tell(watch, progress)
        return () => watches.delete(watch)
      }
    },

    /** Once a second. Where the process is about to end, so do they: else it would wait for them. */
    async round(stop: Stop): Promise<void> {
      if (stop.aborted) return this.endAll()
      for (const watch of watches) {
        await look(watch).catch((error: unknown) => log.warn('handoff-watch-failed', { error }))
      }
    },

    endAll(): void {
      for (const watch of watches) end(watch)
    },
  }
}
export type HandoffWatch = ReturnType<typeof handoffWatch>

/** Nothing more will be said: the screen shows another code, or the bill. */
const isOver = ({ state, payment }: HandoffProgress): boolean =>
  state === 'refused' || state === 'over' || (payment !== 'created' && payment !== 'declined')
