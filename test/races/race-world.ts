import type { Engine } from '../../server/runtime/database.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { bankIssuer, coffee, openPaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { bankDriver } from '../support/bank.ts'
import { type Http, taken } from '../support/http.ts'
import { type Amount, softwareMerchant } from '../support/merchant.ts'
import { type SoftwarePayer, softwarePayer } from '../support/payer.ts'

/** As many as races are run over, and what each proves is proved on both. */
export const engines = ['sqlite', 'postgres'] as const satisfies readonly Engine[]

/**
 * How many of a race's rounds are run: `RACE_ROUNDS_PERCENT` of them, all by `npm run races`. How many run at once is never
 * less than was promised, since that is what makes it a race.
 */
export const roundsOf = (full: number): number => Math.max(1, Math.round((full * roundsPercent) / 100))
const roundsPercent = Number(process.env.RACE_ROUNDS_PERCENT ?? 3)

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/**
 * Payers and a shop in front of a payment server that on PostgreSQL has two instances, to which requests go in turn. Two on one SQLite
 * file would have to be two processes: one that waits for the other's lock keeps the whole process waiting.
 */
export async function openRaceWorld(engine: Engine) {
  const world = await openPaymentWorld({ engine, bankAnswersWithinMs: 60_000 })
  const rooms = engine === 'postgres' ? await Promise.all([world.open(), world.open()]) : [await world.open()]
  let requests = 0
  const http: Http = async (request) => {
    const room = rooms[requests++ % rooms.length]
    if (room === undefined) throw new RangeError('there is no room')
    return room.fetch(request)
  }
  const bank = bankDriver(world.bankReceives, bankIssuer)
  const shop = softwareMerchant({ http, origin: walletOrigin, apiKey: coffee.apiKey, shopOrigin: coffee.origin })

  return {
    bank,
    shop,
    instances: rooms.length,

    /** Somebody with a card, and this much money behind it. */
    async payer(username: string, balance: Amount): Promise<SoftwarePayer> {
      const { hostname } = new URL(walletOrigin)
      const payer = softwarePayer({ username, http, origin: walletOrigin, rpId: hostname, random: systemRandom })
      taken(await payer.takesName())
      taken(await payer.addsCard(await bank.issuesCard(balance)))
      return payer
    },

    bills: (count: number, amount: Amount): Promise<PaymentId[]> => Promise.all(times(count, () => shop.asks(amount))),

    async close(): Promise<void> {
      await Promise.all(rooms.map((room) => room.close()))
      await world.close()
    },
  }
}
export type RaceWorld = Awaited<ReturnType<typeof openRaceWorld>>

/** How often each outcome was met. */
export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
