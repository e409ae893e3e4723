import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { limitEvidenceSchema, unfreezeEvidenceSchema } from '../../../shared/evidence.ts'
import type { CardId } from '../../../shared/identifiers.ts'
import { cardIdSchema } from '../../../shared/wire/intent-schema.ts'
import { compiledQuery } from '../../runtime/compiled-query.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import type { CardTables } from './card-schema.ts'

const rowSchema = z.object({
  card_id: cardIdSchema,
  number: z.int(),
  kind: z.string(),
  askings: z.int(),
  evidence_closed: z.string().nullable(),
})
/** What is wished for, and what the payer signed for it where it takes a signature. */
const wishedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['freeze', 'unbind']), evidence: z.null() }),
  z.object({ kind: z.literal('unfreeze'), evidence: unfreezeEvidenceSchema }),
  z.object({ kind: z.literal('limit'), evidence: limitEvidenceSchema }),
])
type Wished = z.output<typeof wishedSchema>

export type BankWish = Wished & { readonly card: CardId; readonly number: number; readonly askings: number }

const evidenceUse = 'bank-wish-evidence'
const contextOf = (card: CardId, number: number) => [evidenceUse, card, `${number}`]
export const closedWishEvidence = {
  table: 'bank_wish',
  column: 'evidence_closed',
  key: ['card_id', 'number'],
  context: [evidenceUse, 'card_id', 'number'],
} as const satisfies ClosedColumn<CardTables>

/** Writes down what the bank must be told, in the transaction that makes it so here. */
export async function addWish(
  transaction: Transaction<CardTables>,
  wish: Wished & Pick<BankWish, 'card' | 'number'>,
  { atRest, clock }: { atRest: AtRest; clock: Clock },
): Promise<void> {
  const { card, number, kind, evidence } = wish
  const closed = evidence === null ? null : atRest.close(contextOf(card, number), JSON.stringify(evidence))
  await transaction
    .insertInto('bank_wish')
    .values({ card_id: card, number, kind, askings: 0, evidence_closed: closed, next_asking_at_ms: clock.nowMs() })
    .execute()
}

/** What the bank must still be told of cards. */
export function bankWishStore(db: Kysely<CardTables>, atRest: AtRest, clock: Clock) {
  const unanswered = () =>
    db
      .selectFrom('bank_wish')
      .select(['card_id', 'number', 'kind', 'askings', 'evidence_closed'])
      .where('next_asking_at_ms', 'is not', null)
  const overdue = compiledQuery(db, (nowMs: number, limit: number) =>
    unanswered().where('next_asking_at_ms', '<=', nowMs).orderBy('next_asking_at_ms').limit(limit),
  )

  function wishOf(row: unknown): BankWish {
    const { card_id: card, evidence_closed: closed, kind, number, askings } = rowSchema.parse(row)
    const evidence = closed === null ? null : JSON.parse(atRest.open(contextOf(card, number), closed))
    return { card, number, askings, ...wishedSchema.parse({ kind, evidence }) }
  }

  return {
    /** The latest first: it is what counts. */
    async ofCard(card: CardId): Promise<BankWish[]> {
      const rows = await unanswered().where('card_id', '=', card).orderBy('number', 'desc').execute()
      return rows.map(wishOf)
    },

    async due(limit: number): Promise<BankWish[]> {
      const rows = await overdue(clock.nowMs(), limit)
      return rows.map(wishOf)
    },

    /** Of several processes that find the same wish, one gets to tell the bank. @returns whether it is this one */
    async claim({ card, number, askings }: BankWish, nextAskingAtMs: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('bank_wish')
        .set({ askings: askings + 1, next_asking_at_ms: nextAskingAtMs })
        .where('card_id', '=', card)
        .where('number', '=', number)
        .where('askings', '=', askings)
        .where('next_asking_at_ms', 'is not', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** After an asking without an answer. Somebody else's later claim of the same wish stays. @param wish as it was claimed */
    async putOff({ card, number, askings }: BankWish, nextAskingAtMs: number): Promise<void> {
      await db
        .updateTable('bank_wish')
        .set({ next_asking_at_ms: nextAskingAtMs })
        .where('card_id', '=', card)
        .where('number', '=', number)
        .where('askings', '=', askings + 1)
        .where('next_asking_at_ms', 'is not', null)
        .execute()
    },

    /** What was signed for it the bank has by now. The wish itself stays: it numbers the next. */
    async markAnswered({ card, number }: BankWish): Promise<void> {
      await db
        .updateTable('bank_wish')
        .set({ next_asking_at_ms: null, evidence_closed: null })
        .where('card_id', '=', card)
        .where('number', '=', number)
        .execute()
    },
  }
}
export type BankWishStore = ReturnType<typeof bankWishStore>
