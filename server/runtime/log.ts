import { type DestinationStream, pino } from 'pino'
import type { Log, LogFacts } from './room.ts'

const allowed = [
  'route',
  'method',
  'status',
  'durationMs',
  'code',
  'payment',
  'reference',
  'state',
  'count',
  'keyId',
] as const satisfies readonly (keyof LogFacts)[]

/**
 * One JSON line an event. Only the facts of the allow-list are written: never a body, a header, a name or a message of an
 * error, since any of them may quote what somebody typed.
 */
export function jsonLog(room: string, destination?: DestinationStream): Log {
  const base = { base: { room }, timestamp: pino.stdTimeFunctions.isoTime }
  const writer = destination === undefined ? pino(base) : pino(base, destination)
  return {
    info: (event, facts) => writer.info(written(facts), event),
    warn: (event, facts) => writer.warn(written(facts), event),
    error: (event, facts) => writer.error(written(facts), event),
  }
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

function written(facts: LogFacts = {}): object {
  const kept = Object.fromEntries(allowed.flatMap((key) => (facts[key] === undefined ? [] : [[key, facts[key]]])))
  return facts.error === undefined ? kept : { ...kept, ...whereFrom(facts.error) }
}

/** The kind of an error and the places it passed; its message stays out, because messages quote input. */
function whereFrom(error: unknown): { error: string; frames?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
    .map((line) => line.trim())
  return { error: 'code' in error ? `${error.name} ${String(error.code)}` : error.name, frames }
}
