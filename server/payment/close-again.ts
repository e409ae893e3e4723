import type { AtRest } from './at-rest.ts'
import type { ClosedColumnStore, ClosedText } from './closed-column-store.ts'

/** How far somebody has got, for whoever is waiting. */
export type Progress = (done: number) => void

type CloseAgain = {
  readonly progress?: Progress
  /** What is to be kept of a text: by default all of it. */
  readonly kept?: (plain: string) => string
}

const textsAtOnce = 100

/**
 * Closes every text of a column by the current key that was closed by an older one. Those who use the column meanwhile are not disturbed, and
 * whoever is stopped begins again where they were: what is closed by the current key is not looked at.
 * @returns how many could not be opened: no key that is here closed them
 */
export async function closeAgain(
  column: ClosedColumnStore,
  atRest: AtRest,
  { progress = () => {}, kept = (plain) => plain }: CloseAgain = {},
): Promise<{ closed: number; unreadable: number }> {
  const done = { closed: 0, unreadable: 0 }
  let after: ClosedText | null = null
  for (;;) {
    const page: ClosedText[] = await column.closedByOthers(atRest.keyId, { after, limit: textsAtOnce })
    for (const text of page) {
      const plain = openOrNull(atRest, text)
      if (plain === null) done.unreadable += 1
      // Whoever changed it meanwhile has closed it by the current key.
      else if (await column.replace(text, atRest.close(text.context, kept(plain)))) done.closed += 1
    }
    progress(done.closed + done.unreadable)
    after = page.at(-1) ?? null
    if (after === null) return done
  }
}

export function openOrNull(atRest: AtRest, { context, closed }: ClosedText): string | null {
  try {
    return atRest.open(context, closed)
  } catch {
    return null
  }
}
