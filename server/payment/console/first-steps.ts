import type { Kysely } from 'kysely'
import type { MerchantId } from '../../../shared/identifiers.ts'
import { type ConsoleFirstSteps, consoleFirstStepsSchema } from '../../../shared/wire/console-api.ts'
import { keyModes } from '../../../shared/wire/merchant-api.ts'
import type { PaymentTables } from '../schema.ts'

/** How far a new merchant has come, by what is there and not by what anybody ticked. */
export function firstStepsReader(db: Kysely<PaymentTables>) {
  return async function firstSteps(id: MerchantId): Promise<ConsoleFirstSteps> {
    const key = await db
      .selectFrom('api_key')
      .select('id')
      .where('merchant_id', '=', id)
      .where('revoked_at_ms', 'is', null)
      .limit(1)
      .executeTakeFirst()
    const endpoints = await db
      .selectFrom('webhook_endpoint')
      .select(({ exists, selectFrom }) =>
        exists(
          selectFrom('delivery_attempt')
            .select('number')
            .whereRef('delivery_attempt.endpoint_id', '=', 'webhook_endpoint.id')
            .where('status', '>=', 200)
            .where('status', '<', 300),
        ).as('hears'),
      )
      .where('merchant_id', '=', id)
      .execute()
    const paid = await db
      .selectFrom('payment')
      .select('id')
      .where('merchant_id', '=', id)
      .where('mode', 'in', keyModes)
      .where('state', 'in', ['authorized', 'captured', 'refunded', 'voided'])
      .orderBy('created_at_ms')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    const webhook = endpoints.some(({ hears }) => Boolean(hears)) ? 'hears' : endpoints.length > 0 ? 'silent' : 'none'
    return consoleFirstStepsSchema.parse({ hasKey: key !== undefined, webhook, paid: paid?.id ?? null })
  }
}
export type FirstStepsReader = ReturnType<typeof firstStepsReader>
