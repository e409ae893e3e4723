/** Looks for something in a list that comes page by page: in the wallet, and in a merchant's console. */

type Sifting<Sieve, Page> = {
  readonly now: () => { readonly sieve: Sieve; readonly next: string | null; readonly doing: string }
  /** @param after where the page begins; null for the first one */
  readonly ask: (sieve: Sieve, after: string | null) => Promise<Page>
  readonly pause: (durationMs: number) => Promise<void>
  readonly sifting: (sieve: Sieve) => void
  readonly sifted: (page: Page) => void
  readonly readingMore: () => void
  readonly readMore: (page: Page) => void
  readonly failed: (error: unknown) => void
}
export type Sifter<Sieve> = {
  /** Looks for others; while somebody types, once they rest. */
  sift(sieve: Sieve): Promise<void>
  readMore(): Promise<void>
}

const pauseWhileTypingMs = 350

export function sifter<Sieve extends { readonly search: string }, Page>(list: Sifting<Sieve, Page>): Sifter<Sieve> {
  /** Counts what was looked for: an answer to an earlier question is for nobody. */
  let asked = 0

  async function answered(asking: Promise<Page>, tell: (page: Page) => void): Promise<void> {
    const turn = asked
    try {
      const page = await asking
      if (turn === asked) tell(page)
    } catch (error) {
      if (turn === asked) list.failed(error)
    }
  }

  return {
    async sift(sieve) {
      const isTyping = sieve.search !== list.now().sieve.search
      asked += 1
      const turn = asked
      list.sifting(sieve)
      if (isTyping) await list.pause(pauseWhileTypingMs)
      if (turn === asked) await answered(list.ask(sieve, null), list.sifted)
    },
    async readMore() {
      const { next, doing, sieve } = list.now()
      if (next === null || doing !== 'nothing') return
      list.readingMore()
      await answered(list.ask(sieve, next), list.readMore)
    },
  }
}
