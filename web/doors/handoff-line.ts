import type { HandoffProgress } from '../../shared/wire/handoff-api.ts'

/** A line by which the server tells how a handoff stands. */
export type HandoffLine = (handle: string, hear: (progress: HandoffProgress) => void) => HandoffCall
export type HandoffCall = {
  /** Once it was hung up, is broken, or was never there. */
  readonly over: Promise<void>
  hangUp(): void
}

/** The server speaks at once and then every fifteen seconds. Something in between may hold back what it says. */
const silenceMs = { first: 5_000, later: 40_000 }

/** By server-sent events. It does not call again by itself: whoever is cut off asks instead, which goes through every proxy. */
export const handoffLine: HandoffLine = (handle, hear) => {
  let ended = () => {}
  const over = new Promise<void>((resolve) => {
    ended = resolve
  })
  const source = new EventSource(`/api/handoffs/${encodeURIComponent(handle)}/events`)
  const hangUp = () => {
    clearTimeout(patience)
    source.close()
    ended()
  }
  let patience = setTimeout(hangUp, silenceMs.first)
  source.addEventListener('error', hangUp)
  source.addEventListener('message', ({ data }) => {
    clearTimeout(patience)
    patience = setTimeout(hangUp, silenceMs.later)
    hear(JSON.parse(data))
  })
  return { over, hangUp }
}
