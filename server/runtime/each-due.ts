import type { Log, Stop } from './room.ts'

/** So many may wait for an answer at once: those after them are kept waiting only by as many that never come. */
const atOnce = 5

/**
 * Does what is due, a few at a time. What goes wrong with one of them must not stop the others.
 * @param stop before the next one is begun. Absent: all are done.
 * @param lanes how many are done at once
 */
export async function forEachDue<T>(
  due: readonly T[],
  log: Log,
  act: (item: T) => Promise<unknown>,
  stop?: Stop,
  lanes: number = atOnce,
): Promise<void> {
  const untaken = due.values() // one iterator for all: whoever is free takes the next
  async function work(): Promise<void> {
    for (const item of untaken) {
      if (stop?.aborted) return
      try {
        await act(item)
      } catch (error) {
        log.error('due-work-failed', { error })
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
}
