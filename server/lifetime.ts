import { setTimeout } from 'node:timers/promises'
import type { Log, Room, Stop } from './runtime/room.ts'
import type { Door } from './runtime/serve.ts'

/**
 * What a process has opened so far, and how to put it away in the right order: doors first, so that what is in flight still
 * finds its room; then the ticks; then the rooms, the last one opened first, because it may be asking those before it. While the doors
 * close, time still passes in the rooms, but their ticks begin nothing new.
 */
export function lifetime() {
  const doors: Door[] = []
  const ticking: { stop(): Promise<void> }[] = []
  const rooms: Room[] = []
  const ending = new AbortController()
  return {
    keepDoor(door: Door): Door {
      doors.push(door)
      return door
    },
    keepRoom(room: Room, log: Log): Room {
      rooms.push(room)
      ticking.push(tickEverySecond((stop) => room.tick(stop), log, ending.signal))
      for (const tick of room.ticksOutward ?? []) ticking.push(tickEverySecond(tick, log, ending.signal))
      return room
    },
    async end(): Promise<void> {
      ending.abort()
      await Promise.all(doors.map((door) => door.close()))
      await Promise.all(ticking.map((ticks) => ticks.stop()))
      for (const room of rooms.toReversed()) await room.close()
    },
  }
}

const restMs = 1_000

/** The next tick is a second after the last one ended, so that two never overlap. One that fails does not end the others. */
function tickEverySecond(tick: Room['tick'], log: Log, ending: Stop): { stop(): Promise<void> } {
  const stopping = new AbortController()
  async function run(): Promise<void> {
    while (await isRested(stopping.signal)) {
      await tick(ending).catch((error: unknown) => log.error('tick-failed', { error }))
    }
  }
  const ended = run()
  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}

/** @returns false, at once, when the signal says stop */
const isRested = (signal: AbortSignal): Promise<boolean> => setTimeout(restMs, true, { signal }).catch(() => false)
