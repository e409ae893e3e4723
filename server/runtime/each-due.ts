import type { Log } from './room.ts'

/** Does what is due, one after another. What goes wrong with one of them must not keep the others waiting. */
export async function forEachDue<T>(due: readonly T[], log: Log, act: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of due) {
    try {
      await act(item)
    } catch (error) {
      log.error('due-work-failed', { error })
    }
  }
}
