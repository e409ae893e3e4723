/** On the way out of a tunnel the first requests fail: so long is waited before each further one. */
const pausesMs = [300, 1000, 3000]

export const pause = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs))

/**
 * Fetches something once, and tries again a few times before it gives up. What failed in the end is not kept: whoever asks later, asks anew.
 * @param pause resolves after that many milliseconds
 */
export function persistent<T>(load: () => Promise<T>, pause: (durationMs: number) => Promise<void>): () => Promise<T> {
  let loading: Promise<T> | undefined

  async function tried(): Promise<T> {
    for (const durationMs of pausesMs) {
      try {
        return await load()
      } catch {
        await pause(durationMs)
      }
    }
    return load()
  }

  return () => {
    loading ??= tried().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
