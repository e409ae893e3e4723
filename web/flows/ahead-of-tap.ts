import { isFresh } from './prepare.ts'

/** What a tap will sign, asked for before the tap: where it is here and fresh, nothing has to be waited for. */
export function aheadOfTap<From extends readonly unknown[], Made>(
  ask: (...from: From) => Promise<Made>,
  nowMs: () => number,
) {
  let kept: { readonly made: Made; readonly madeAtMs: number } | null = null
  return {
    /** @returns null where it has to be asked for */
    here: (): Made | null => (kept !== null && isFresh(kept, nowMs()) ? kept.made : null),
    async ask(...from: From): Promise<Made> {
      const madeAtMs = nowMs()
      const made = await ask(...from)
      kept = { made, madeAtMs }
      return made
    },
    /** It was signed, or is not wanted any more. */
    drop(): void {
      kept = null
    },
  }
}
