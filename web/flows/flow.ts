/** A state that events move by a pure function, and that tells who listens. */
export interface Flow<State, Event> {
  now(): State
  send(event: Event): void
  /** @returns how to stop listening */
  subscribe(listener: () => void): () => void
}

export function flow<State, Event>(reduce: (state: State, event: Event) => State, first: State): Flow<State, Event> {
  const listeners = new Set<() => void>()
  let state = first
  return {
    now: () => state,
    send(event) {
      const next = reduce(state, event)
      if (next === state) return
      state = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
