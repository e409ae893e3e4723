import type { Disk } from './database.ts'

/** Milliseconds since the Unix epoch, UTC. */
export type Clock = { nowMs(): number }
/** Unpredictable bytes (or, in a simulation, bytes that a seed decides). */
export type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>

export const systemClock: Clock = { nowMs: () => Date.now() }
export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))

/** What every room is given instead of reaching for it. */
export type Tools = {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  /** Says one sentence to the operator at the terminal. Absent: nobody sits there. */
  readonly tell?: (sentence: string) => void
  /** Absent: a database is where its address says. A simulation brings a disk that fails. */
  readonly disk?: Disk
}

/** How a request came in. `remoteAddress` is who asks, which behind a trusted proxy is not who connected: the door finds out. */
export type Arrival = { readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } } }

/** Asked before anything new is begun: once it is aborted, what is in flight ends and nothing follows. An AbortSignal is one. */
export type Stop = { readonly aborted: boolean }

/** A part of the system that could be handed to another company: its only door is `fetch`. */
export type Room = {
  fetch(request: Request, arrival?: Arrival): Response | Promise<Response>
  /**
   * Does what has come due by the clock (asking the bank again, expiring). Called about once a second; safe to run in several processes.
   * @param stop for a process that is about to end. Absent: it goes on until the room closes.
   */
  tick(stop?: Stop): Promise<void>
  /** Like `tick`, for what waits for strangers: each in rounds of its own, so that who answers one of them slowly keeps nothing else waiting. */
  readonly ticksOutward?: readonly Room['tick'][]
  /** Begins nothing new, finishes what is in flight and closes the databases. */
  close(): Promise<void>
}

/** The only facts a log may hold: an allow-list, so that a card or a name cannot get in by accident. */
export type LogFacts = {
  readonly route?: string
  readonly method?: string
  readonly status?: number
  readonly durationMs?: number
  readonly code?: string
  readonly payment?: string
  readonly reference?: string
  readonly state?: string
  readonly count?: number
  readonly keyId?: string
  readonly error?: unknown
}
export type Log = {
  info(event: string, facts?: LogFacts): void
  warn(event: string, facts?: LogFacts): void
  error(event: string, facts?: LogFacts): void
}
