import { useEffect, useReducer } from 'preact/hooks'
import type { Flow } from '../flows/flow.ts'

/** The present state of a flow; draws again when it moves. */
export function useFlow<State, Event>(flow: Flow<State, Event>): State {
  const [, draw] = useReducer<number, undefined>((count) => count + 1, 0)
  const drawn = flow.now()
  useEffect(() => {
    const stop = flow.subscribe(() => draw(undefined))
    // It may have moved after it was drawn and before anybody listened.
    if (flow.now() !== drawn) draw(undefined)
    return stop
  }, [flow])
  return drawn
}
