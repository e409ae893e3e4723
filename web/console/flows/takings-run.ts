/** What a merchant's payments brought in the last days, for a chart. */
import type { ConsoleTakings } from '../../../shared/wire/console-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'

const daysShown = 30

export type Takings = ConsoleTakings['takings'][number] & { readonly startsMs: readonly number[] }
type TakingsEvent = { type: 'read'; takings: readonly Takings[] }

/** Midnights of this device, oldest first: the last one is today's. Not every day has 24 hours. */
export function dayStartsMs(nowMs: number): number[] {
  const today = new Date(nowMs)
  return Array.from({ length: daysShown }, (_, index) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - (daysShown - 1 - index)).getTime(),
  )
}

export type TakingsRun = {
  /** The currency that is taken most often comes first. */
  readonly flow: Flow<readonly Takings[], TakingsEvent>
  read(mode: KeyMode): Promise<void>
}

export function takingsRun(client: Pick<ConsoleClient, 'takings'>, nowMs: () => number): TakingsRun {
  const run = flow<readonly Takings[], TakingsEvent>((_, { takings }) => takings, [])
  /** Counts what was asked: an answer to an earlier question is for nobody. */
  let asked = 0
  return {
    flow: run,
    async read(mode) {
      asked += 1
      const turn = asked
      run.send({ type: 'read', takings: [] })
      const startsMs = dayStartsMs(nowMs())
      // A chart that does not come is missed by nobody who came for a payment; what else went wrong, the payments say.
      const { takings } = await client.takings(mode, startsMs).catch(() => ({ takings: [] }))
      const sorted = takings.toSorted((one, other) => other.payments - one.payments)
      if (turn === asked) run.send({ type: 'read', takings: sorted.map((one) => ({ ...one, startsMs })) })
    },
  }
}
