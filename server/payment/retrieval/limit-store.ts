import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { LimitEvidence } from '../../../shared/evidence.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { standingLimits } from '../../../shared/wire/bank-api.ts'
import type { Database } from '../../runtime/database.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import { payerIdSchema } from '../identity/payer-id.ts'
import { addWish } from './bank-wish-store.ts'
import type { CardTables } from './card-schema.ts'

const standingSchema = z.strictObject(standingLimits)
/** How the limits of a card stand: as the bank said last, or as its payer asked since. */
export type KeptLimits = z.output<typeof standingSchema>

const limitsUse = 'card-limits'
export const closedLimits = {
  table: 'card',
  column: 'limits_closed',
  key: ['id'],
  context: [limitsUse, 'payer_id', 'id'],
} as const satisfies ClosedColumn<CardTables>

/** What this room knows of limits: its own copy, which the bank's word replaces. */
export function cardLimitStore(tools: { database: Database<CardTables>; atRest: AtRest; clock: Clock }) {
  const { database, atRest } = tools
  const { db } = database
  const contextOf = (payer: PayerId, card: CardId) => [limitsUse, payer, card]
  const close = (payer: PayerId, card: CardId, limits: KeptLimits) =>
    // What the bank says besides is not kept.
    atRest.close(contextOf(payer, card), JSON.stringify(z.object(standingLimits).parse(limits)))
  const open = (payer: PayerId, card: CardId, closed: string | null): KeptLimits | null =>
    closed === null ? null : standingSchema.parse(JSON.parse(atRest.open(contextOf(payer, card), closed)))

  const rowOf = (reader: Kysely<CardTables>, card: CardId) =>
    reader.selectFrom('card').select(['payer_id', 'changes', 'limits_closed']).where('id', '=', card).executeTakeFirst()

  return {
    /** @throws {Problem} `card-unknown` */
    async of(
      payer: PayerId,
      card: CardId,
    ): Promise<{ kept: KeptLimits | null; changes: number; isToldToBank: boolean }> {
      const row = await rowOf(db, card)
      if (row?.payer_id !== payer) throw new Problem('card-unknown')
      const untold = await db
        .selectFrom('bank_wish')
        .select('number')
        .where('card_id', '=', card)
        .where('kind', '=', 'limit')
        .where('next_asking_at_ms', 'is not', null)
        .executeTakeFirst()
      return { kept: open(payer, card, row.limits_closed), changes: row.changes, isToldToBank: untold === undefined }
    },

    /**
     * Writes down how limits stand by the bank's word. What it said before it heard of a change of ours is left out.
     * @param isLastWord the bank has refused that change
     */
    keep: (card: CardId, said: KeptLimits, isLastWord = false): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const row = await rowOf(transaction, card)
        if (row === undefined) return
        const payer = payerIdSchema.parse(row.payer_id)
        const kept = open(payer, card, row.limits_closed)
        if (kept !== null && kept.change > said.change && !isLastWord) return
        const closed = close(payer, card, said)
        await transaction.updateTable('card').set({ limits_closed: closed }).where('id', '=', card).execute()
      }),

    /**
     * Writes down what a payer signed, what holds here from now on, and that the bank must be told.
     * @param standing null where a second passkey signed what is waited for: whether that is enough, the bank says
     * @param changes how often the card was changed when this was asked for
     * @returns false where it was changed meanwhile
     */
    change: (
      payer: PayerId,
      card: CardId,
      { evidence, standing, changes }: { evidence: LimitEvidence; standing: KeptLimits | null; changes: number },
    ): Promise<boolean> =>
      database.inTransaction(async (transaction) => {
        const closed = standing === null ? {} : { limits_closed: close(payer, card, standing) }
        const changed = await transaction
          .updateTable('card')
          .set({ changes: sql<number>`changes + 1`, ...closed })
          .where('id', '=', card)
          .where('payer_id', '=', payer)
          .where('changes', '=', changes)
          .returning('changes')
          .executeTakeFirst()
        if (changed === undefined) return false
        await addWish(transaction, { card, number: changed.changes, kind: 'limit', evidence }, tools)
        return true
      }),
  }
}
export type CardLimitStore = ReturnType<typeof cardLimitStore>
