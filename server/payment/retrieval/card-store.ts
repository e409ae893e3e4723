import { sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { CardFace, CardRecord } from '../../../shared/card.ts'
import type { UnfreezeEvidence } from '../../../shared/evidence.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { cardFaceSchema, cardRecordSchema } from '../../../shared/wire/bank-api.ts'
import { cardIdSchema } from '../../../shared/wire/intent-schema.ts'
import { type Database, isUniqueViolation } from '../../runtime/database.ts'
import type { Clock } from '../../runtime/room.ts'
import type { AtRest } from '../at-rest.ts'
import type { ClosedColumn } from '../closed-column-store.ts'
import { payerIdSchema } from '../identity/payer-id.ts'
import { addWish } from './bank-wish-store.ts'
import type { CardTables } from './card-schema.ts'

const attemptsMax = 10

const confirmationSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('awaited'), url: z.string(), expiresAtMs: z.int() }),
  z.strictObject({ state: z.enum(['denied', 'lapsed']) }),
])
/** What the bank wants to hear from the cardholder, or heard, before the card pays. */
export type Confirmation = z.output<typeof confirmationSchema>

export type KeptCard = {
  readonly id: CardId
  readonly face: CardFace
  readonly addedAtMs: number
  readonly nickname: string | null
  readonly isFrozen: boolean
  /** Whether the bank has answered to the last freeze, or to its end. */
  readonly isToldToBank: boolean
  readonly confirmation: Confirmation | null
}
type NewCard = {
  readonly id: CardId
  readonly face: CardFace
  readonly record: CardRecord
  /** The bank's link, and until when it works. */
  readonly confirmation: { readonly url: string; readonly expiresAtMs: number } | null
}

const faceOf = ({ brand, last4 }: { brand: string; last4: string }): CardFace => cardFaceSchema.parse({ brand, last4 })

const use = { record: 'card-record', nickname: 'card-nickname', confirmation: 'card-confirmation' } as const
const ofCard = <Use extends string>(what: Use) => [what, 'payer_id', 'id'] as const
export const closedRecords = {
  table: 'card',
  column: 'record_closed',
  key: ['id'],
  context: ofCard(use.record),
} as const satisfies ClosedColumn<CardTables>
export const closedNicknames = {
  table: 'card',
  column: 'nickname_closed',
  key: ['id'],
  context: ofCard(use.nickname),
} as const satisfies ClosedColumn<CardTables>
export const closedConfirmations = {
  table: 'card',
  column: 'confirmation_closed',
  key: ['id'],
  context: ofCard(use.confirmation),
} as const satisfies ClosedColumn<CardTables>

/** Card records, in a database of their own. What the bank sealed is closed once more here, for its payer and card alone. */
export function cardStore(tools: { database: Database<CardTables>; atRest: AtRest; clock: Clock }) {
  const { database, atRest, clock } = tools
  const { db } = database
  const recordContext = (payer: PayerId, card: CardId) => [use.record, payer, card]
  const nicknameContext = (payer: PayerId, card: CardId) => [use.nickname, payer, card]
  const confirmationContext = (payer: PayerId, card: CardId) => [use.confirmation, payer, card]

  const insert = (row: Omit<CardTables['card'], 'number'>) =>
    db
      .insertInto('card')
      .values((expression) => ({
        ...row,
        number: expression
          .selectFrom('card')
          .select(sql<number>`coalesce(max(number), 0) + 1`.as('next'))
          .where('payer_id', '=', row.payer_id),
      }))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()

  /** Until a payer chooses, the first card is the one to pay with; a frozen card is none. */
  const inOrder = (payer: PayerId) =>
    db
      .selectFrom('card')
      .where('payer_id', '=', payer)
      .orderBy('is_frozen')
      .orderBy('preference', 'desc')
      .orderBy('number')

  const update = (payer: PayerId, card: CardId) =>
    db.updateTable('card').where('card.id', '=', card).where('card.payer_id', '=', payer)

  const assertUpdated = ({ numUpdatedRows }: { numUpdatedRows: bigint }) => {
    if (numUpdatedRows !== 1n) throw new Problem('card-unknown')
  }

  const closedConfirmation = (payer: PayerId, card: CardId, confirmation: Confirmation): string =>
    atRest.close(confirmationContext(payer, card), JSON.stringify(confirmation))

  function openConfirmation(payer: PayerId, card: CardId, closed: string | null): Confirmation | null {
    if (closed === null) return null
    const kept = confirmationSchema.parse(JSON.parse(atRest.open(confirmationContext(payer, card), closed)))
    return kept.state === 'awaited' && kept.expiresAtMs <= clock.nowMs() ? { state: 'lapsed' } : kept
  }

  /** Also who has just been unbound, so that nothing brings a removed card back. */
  async function isRemoved(card: CardId): Promise<boolean> {
    const unbound = db.selectFrom('bank_wish').select('number').where('card_id', '=', card).where('kind', '=', 'unbind')
    return (await unbound.executeTakeFirst()) !== undefined
  }

  return {
    /** The one to pay with first. */
    async idsOf(payer: PayerId): Promise<CardId[]> {
      const rows = await inOrder(payer).select('id').execute()
      return rows.map((row) => cardIdSchema.parse(row.id))
    },

    /** The one to pay with first. */
    async cardsOf(payer: PayerId): Promise<KeptCard[]> {
      const rows = await inOrder(payer)
        .select(['id', 'brand', 'last4', 'created_at_ms', 'nickname_closed', 'is_frozen', 'confirmation_closed'])
        .select((expression) =>
          expression
            .selectFrom('bank_wish')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .whereRef('bank_wish.card_id', '=', 'card.id')
            .where('bank_wish.next_asking_at_ms', 'is not', null)
            .as('untold'),
        )
        .execute()
      return rows.map((row) => {
        const id = cardIdSchema.parse(row.id)
        const { nickname_closed: nickname } = row
        return {
          id,
          face: faceOf(row),
          addedAtMs: row.created_at_ms,
          nickname: nickname === null ? null : atRest.open(nicknameContext(payer, id), nickname),
          isFrozen: row.is_frozen === 1,
          isToldToBank: row.untold === 0,
          confirmation: openConfirmation(payer, id, row.confirmation_closed),
        }
      })
    },

    /**
     * Keeping a card that is kept already changes nothing: the bank answers a repeated enrolment with the same record.
     * @throws {Problem} `card-unknown` for a card that was removed
     */
    async keep(payer: PayerId, { id, face, record, confirmation }: NewCard): Promise<void> {
      if (await isRemoved(id)) throw new Problem('card-unknown')
      const row = {
        id,
        payer_id: payer,
        brand: face.brand,
        last4: face.last4,
        record_closed: atRest.close(recordContext(payer, id), record),
        created_at_ms: clock.nowMs(),
        preference: 0,
        nickname_closed: null,
        is_frozen: 0,
        changes: 0,
        limits_closed: null,
        confirmation_closed:
          confirmation === null ? null : closedConfirmation(payer, id, { state: 'awaited', ...confirmation }),
      }
      for (let attempt = 1; ; attempt += 1) {
        try {
          await insert(row)
          return
        } catch (error) {
          // Two cards of one payer at once wanted the same number.
          if (!isUniqueViolation(error) || attempt >= attemptsMax) throw error
        }
      }
    },

    /** What may be shown of a card; null where it is not this payer's. */
    async faceOf(payer: PayerId, card: CardId): Promise<CardFace | null> {
      const row = await db
        .selectFrom('card')
        .select(['brand', 'last4'])
        .where('id', '=', card)
        .where('payer_id', '=', payer)
        .executeTakeFirst()
      return row === undefined ? null : faceOf(row)
    },

    /** @throws {Error} where the row was changed or moved: it opens for its own payer and card only */
    async open(payer: PayerId, card: CardId) {
      const row = await db
        .selectFrom('card')
        .select(['brand', 'last4', 'record_closed', 'is_frozen', 'confirmation_closed'])
        .where('id', '=', card)
        .where('payer_id', '=', payer)
        .executeTakeFirst()
      if (row === undefined) return null
      return {
        id: card,
        face: faceOf(row),
        record: cardRecordSchema.parse(atRest.open(recordContext(payer, card), row.record_closed)),
        isFrozen: row.is_frozen === 1,
        isConfirmed: row.confirmation_closed === null,
      }
    },

    /** The record of a card, whoever's it is; null where it is gone. For what its payer has signed, and the bank must be told. */
    async recordOf(card: CardId): Promise<CardRecord | null> {
      const row = await db
        .selectFrom('card')
        .select(['payer_id', 'record_closed'])
        .where('id', '=', card)
        .executeTakeFirst()
      if (row === undefined) return null
      return cardRecordSchema.parse(
        atRest.open(recordContext(payerIdSchema.parse(row.payer_id), card), row.record_closed),
      )
    },

    /** Pays with this card first from now on. @throws {Problem} `card-unknown` */
    async prefer(payer: PayerId, card: CardId): Promise<void> {
      const highest = db
        .selectFrom('card as other')
        .select(sql<number>`max(other.preference) + 1`.as('next'))
        .where('other.payer_id', '=', payer)
      assertUpdated(await update(payer, card).set({ preference: highest }).executeTakeFirstOrThrow())
    },

    /** @param nickname null takes it away. @throws {Problem} `card-unknown` */
    async name(payer: PayerId, card: CardId, nickname: string | null): Promise<void> {
      const closed = nickname === null ? null : atRest.close(nicknameContext(payer, card), nickname)
      assertUpdated(await update(payer, card).set({ nickname_closed: closed }).executeTakeFirstOrThrow())
    },

    /** @param confirmation null: nothing is left to be heard. A card that is gone stays gone. */
    async keepConfirmation(payer: PayerId, card: CardId, confirmation: Confirmation | null): Promise<void> {
      const closed = confirmation === null ? null : closedConfirmation(payer, card, confirmation)
      await update(payer, card).set({ confirmation_closed: closed }).execute()
    },

    /** The number of the last freeze, or of its end. @throws {Problem} `card-unknown` */
    async changesOf(payer: PayerId, card: CardId): Promise<number> {
      const row = await db
        .selectFrom('card')
        .select('changes')
        .where('id', '=', card)
        .where('payer_id', '=', payer)
        .executeTakeFirst()
      if (row === undefined) throw new Problem('card-unknown')
      return row.changes
    },

    /** Stops the card here, and writes down that the bank must be told. Frozen already, it stays so. */
    freeze: (payer: PayerId, card: CardId): Promise<void> =>
      database.inTransaction((transaction) => change(transaction, payer, card, null)),

    /** Lets the card pay again here, and writes down that the bank must be told. */
    unfreeze: (payer: PayerId, card: CardId, evidence: UnfreezeEvidence): Promise<void> =>
      database.inTransaction((transaction) => change(transaction, payer, card, evidence)),

    /** Deletes the record, and writes down that the bank must unbind the passkey. @throws {Problem} `card-unknown` */
    remove: (payer: PayerId, card: CardId): Promise<void> =>
      database.inTransaction(async (transaction) => {
        const removed = await transaction
          .deleteFrom('card')
          .where('id', '=', card)
          .where('payer_id', '=', payer)
          .returning('changes')
          .executeTakeFirst()
        if (removed === undefined) throw new Problem('card-unknown')
        await addWish(transaction, { card, number: removed.changes + 1, kind: 'unbind', evidence: null }, tools)
      }),

    /**
     * Deletes every record of a payer, as {@link remove} does one.
     * @param added only those that were added then, later than the first moment and no later than the second
     * @returns the cards there were
     */
    removeAll: (payer: PayerId, added = { fromMs: -1, untilMs: Number.MAX_SAFE_INTEGER }): Promise<CardId[]> =>
      database.inTransaction(async (transaction) => {
        const removed = await transaction
          .deleteFrom('card')
          .where('payer_id', '=', payer)
          .where('created_at_ms', '>', added.fromMs)
          .where('created_at_ms', '<=', added.untilMs)
          .returning(['id', 'changes'])
          .execute()
        const ids: CardId[] = []
        for (const { id, changes } of removed) {
          const card = cardIdSchema.parse(id)
          await addWish(transaction, { card, number: changes + 1, kind: 'unbind', evidence: null }, tools)
          ids.push(card)
        }
        return ids
      }),
  }

  async function change(
    transaction: Transaction<CardTables>,
    payer: PayerId,
    card: CardId,
    unfreezing: UnfreezeEvidence | null,
  ): Promise<void> {
    const isFrozen = unfreezing === null
    const changed = await transaction
      .updateTable('card')
      .set({ is_frozen: isFrozen ? 1 : 0, changes: sql<number>`changes + 1` })
      .where('id', '=', card)
      .where('payer_id', '=', payer)
      .where('is_frozen', '=', isFrozen ? 0 : 1)
      .returning('changes')
      .executeTakeFirst()
    if (changed === undefined) return
    const about = { card, number: changed.changes }
    const wish = unfreezing === null ? nothingSigned : ({ kind: 'unfreeze', evidence: unfreezing } as const)
    await addWish(transaction, { ...about, ...wish }, tools)
  }
}

const nothingSigned = { kind: 'freeze', evidence: null } as const

export type CardStore = ReturnType<typeof cardStore>
