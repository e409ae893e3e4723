import { type Kysely, sql } from 'kysely'
import type { MerchantId } from '../../../shared/identifiers.ts'
import { type ConsoleTakings, consoleTakingsSchema, quarterHourMs } from '../../../shared/wire/console-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import type { PaymentTables } from '../schema.ts'

/** What a merchant's payments brought, day by day. */
export function takingsReader(db: Kysely<PaymentTables>) {
  /** @param startsMs of the days, as their reader's calendar has them, oldest first; the last one has no end */
  return async function takings(
    { id, mode }: { readonly id: MerchantId; readonly mode: KeyMode },
    startsMs: readonly number[],
  ): Promise<ConsoleTakings> {
    const quarter = sql<number>`${sql.ref('created_at_ms')} / ${sql.lit(quarterHourMs)}`
    const rows = await db
      .selectFrom('payment')
      .select(['currency', quarter.as('quarter')])
      .select(sql<number>`cast(sum(captured_minor - refunded_minor) as bigint)`.as('minor'))
      .select(({ fn }) => fn.countAll<number>().as('payments'))
      .where('merchant_id', '=', id)
      .where('mode', '=', mode)
      .where('created_at_ms', '>=', startsMs[0] ?? 0)
      .where('captured_minor', '>', 0)
      .groupBy(['currency', quarter])
      .execute()
    const takings = [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, its]) => {
      const days = startsMs.map(() => 0)
      for (const { quarter, minor } of its) {
        const day = startsMs.findLastIndex((startMs) => startMs <= quarter * quarterHourMs)
        days[day] = (days[day] ?? 0) + minor
      }
      return { currency, payments: its.reduce((sum, { payments }) => sum + payments, 0), days }
    })
    return consoleTakingsSchema.parse({ takings })
  }
}
export type TakingsReader = ReturnType<typeof takingsReader>
