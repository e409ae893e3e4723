import { Problem } from '../../shared/problem.ts'
import type { Clock } from '../runtime/room.ts'

type Failures = { readonly count: number; readonly endAtMs: number }

/**
 * So many failures, then a pause: they are forgotten `forgottenAfterMs` after the first of them. Kept in this process, like the limits of
 * requests: a restart forgives.
 */
export function failureLimit(clock: Clock, options: { failuresMax: number; forgottenAfterMs: number }) {
  const { failuresMax, forgottenAfterMs } = options
  const failures = new Map<string, Failures>()
  const callersMax = 100_000

  function failuresOf(caller: string): Failures {
    const known = failures.get(caller)
    const nowMs = clock.nowMs()
    return known !== undefined && nowMs < known.endAtMs ? known : { count: 0, endAtMs: nowMs + forgottenAfterMs }
  }

  function write(caller: string, { count, endAtMs }: Failures): void {
    // Re-inserted last, so that the first key of the map is the caller who has not failed for longest.
    failures.delete(caller)
    if (failures.size >= callersMax) failures.delete(failures.keys().next().value ?? '')
    if (count > 0) failures.set(caller, { count, endAtMs })
  }

  function change(caller: string, by: 1 | -1): void {
    const known = failuresOf(caller)
    write(caller, { ...known, count: Math.max(0, known.count + by) })
  }

  return {
    /** @throws {Problem} `too-many-requests`, with the seconds to wait */
    assertNotPaused(caller: string): void {
      const { count, endAtMs } = failuresOf(caller)
      if (count < failuresMax) return
      throw new Problem('too-many-requests', { retryAfterSeconds: Math.ceil((endAtMs - clock.nowMs()) / 1000) })
    },
    count: (caller: string): void => change(caller, 1),
    /** What was counted beforehand was no failure. */
    takeBack: (caller: string): void => change(caller, -1),
  }
}
