import type { Clock } from '../../server/runtime/room.ts'

/** A clock that moves when told, and only then. */
export type ManualClock = Clock & {
  advance(ms: number): void
  /** @param ms since the Unix epoch; may lie in the past, as after a clock is put right */
  set(ms: number): void
}

export function manualClock(startMs: number): ManualClock {
  let currentMs = startMs
  return {
    nowMs: () => currentMs,
    advance(ms) {
      currentMs += ms
    },
    set(ms) {
      currentMs = ms
    },
  }
}
