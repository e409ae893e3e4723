import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { passkeyEvidenceSchema, undoEvidenceSchema } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import { pinnedPasskeySchema } from '../../shared/wire/bank-api.ts'
import { recoveryIdSchema } from '../../shared/wire/intent-schema.ts'
import { compiledQuery } from '../runtime/compiled-query.ts'
import type { Clock } from '../runtime/room.ts'
import type { AtRest } from './at-rest.ts'
import type { ClosedColumn } from './closed-column-store.ts'
import { payerIdSchema } from './identity/payer-id.ts'
import { type PaymentTables, passkeyWishKinds } from './schema.ts'

const rowSchema = z.object({
  number: z.int(),
  kind: z.enum(passkeyWishKinds),
  thumbprint: z.string(),
  askings: z.int(),
  binding_closed: z.string().nullable(),
})
/** A passkey that shall pay, and what a bound one signed for it: enough for the bank, also when the passkey is long removed. */
const bindingSchema = z.strictObject({ passkey: pinnedPasskeySchema, evidence: passkeyEvidenceSchema })
type Binding = z.output<typeof bindingSchema>
/** A recovery that a passkey of before does not want: for a bank that hears of it later. */
const undoingSchema = z.strictObject({ recovery: recoveryIdSchema, evidence: undoEvidenceSchema })
type RecoveryUndoing = z.output<typeof undoingSchema>

type NewWish = { readonly payer: PayerId; readonly number: number; readonly thumbprint: string } & (
  | { readonly kind: 'bind'; readonly binding: Binding }
  | { readonly kind: 'undo'; readonly undoing: RecoveryUndoing }
  | { readonly kind: 'revoke' }
)
export type PasskeyWish = NewWish & { readonly askings: number }

const use = 'passkey-binding'
export const closedBindings = {
  table: 'passkey_wish',
  column: 'binding_closed',
  key: ['payer_id', 'number'],
  context: [use, 'payer_id', 'number'],
} as const satisfies ClosedColumn<PaymentTables>
const contextOf = (payer: PayerId, number: number) => [use, payer, `${number}`]

/** Writes down what the bank must be told of a passkey, in the transaction that makes it so here. */
export async function addPasskeyWish(
  transaction: Transaction<PaymentTables>,
  wish: NewWish,
  { atRest, clock }: { atRest: AtRest; clock: Clock },
): Promise<void> {
  const { payer, number, kind, thumbprint } = wish
  const signed = wish.kind === 'bind' ? wish.binding : wish.kind === 'undo' ? wish.undoing : null
  const row = {
    payer_id: payer,
    number,
    kind,
    thumbprint,
    binding_closed: signed === null ? null : atRest.close(contextOf(payer, number), JSON.stringify(signed)),
    askings: 0,
    next_asking_at_ms: clock.nowMs(),
  }
  await transaction.insertInto('passkey_wish').values(row).execute()
}

/** What the bank must still be told of passkeys. */
export function passkeyWishStore(db: Kysely<PaymentTables>, atRest: AtRest, clock: Clock) {
  const due = compiledQuery(db, (nowMs: number, limit: number) =>
    db
      .selectFrom('passkey_wish as next')
      .select('payer_id')
      .where('next_asking_at_ms', '<=', nowMs)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('passkey_wish as earlier')
              .select('number')
              .whereRef('earlier.payer_id', '=', 'next.payer_id')
              .whereRef('earlier.number', '<', 'next.number')
              .where('earlier.next_asking_at_ms', 'is not', null),
          ),
        ),
      )
      .orderBy('next_asking_at_ms')
      .limit(limit),
  )

  function wishOf(payer: PayerId, row: unknown): PasskeyWish {
    const { binding_closed: closed, kind, ...about } = rowSchema.parse(row)
    if (kind === 'revoke') return { payer, kind, ...about }
    if (closed === null) throw new Error('what was signed was not written down')
    const signed: unknown = JSON.parse(atRest.open(contextOf(payer, about.number), closed))
    if (kind === 'undo') return { payer, kind, undoing: undoingSchema.parse(signed), ...about }
    return { payer, kind, binding: bindingSchema.parse(signed), ...about }
  }

  const update = ({ payer, number }: PasskeyWish) =>
    db.updateTable('passkey_wish').where('payer_id', '=', payer).where('number', '=', number)

  return {
    /** In the order in which the bank must hear them: a passkey that vouches for another is bound before, and revoked after. */
    async ofPayer(payer: PayerId): Promise<PasskeyWish[]> {
      const rows = await db
        .selectFrom('passkey_wish')
        .select(['number', 'kind', 'thumbprint', 'askings', 'binding_closed'])
        .where('payer_id', '=', payer)
        .where('next_asking_at_ms', 'is not', null)
        .orderBy('number')
        .execute()
      return rows.map((row) => wishOf(payer, row))
    },

    /** Whose next wish is due. */
    async duePayers(limit: number): Promise<PayerId[]> {
      const rows = await due(clock.nowMs(), limit)
      return rows.map(({ payer_id }) => payerIdSchema.parse(payer_id))
    },

    /** Of several processes that find the same wish, one gets to tell the bank, and no earlier than is due. @returns whether it is this one */
    async claim(wish: PasskeyWish, nextAskingAtMs: number): Promise<boolean> {
      const { numUpdatedRows } = await update(wish)
        .set({ askings: wish.askings + 1, next_asking_at_ms: nextAskingAtMs })
        .where('askings', '=', wish.askings)
        .where('next_asking_at_ms', '<=', clock.nowMs())
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** After an asking without an answer. @param wish as it was claimed */
    async putOff(wish: PasskeyWish, nextAskingAtMs: number): Promise<void> {
      await update(wish)
        .set({ next_asking_at_ms: nextAskingAtMs })
        .where('askings', '=', wish.askings + 1)
        .execute()
    },

    /**
     * Unless it was wished for again since. A `bind` may be; of the others nothing that was signed is needed any more.
     * @param wish as it was claimed
     */
    async markAnswered(wish: PasskeyWish): Promise<void> {
      await update(wish)
        .set({ next_asking_at_ms: null, ...(wish.kind !== 'bind' && { binding_closed: null }) })
        .where('askings', '=', wish.askings + 1)
        .execute()
    },

    /** The bank took a card without this passkey: it must hear of it once more. Its payer's first passkey was never wished for. */
    async wishAgain(payer: PayerId, thumbprint: string): Promise<void> {
      await db
        .updateTable('passkey_wish')
        .set(({ eb }) => ({ askings: eb('askings', '+', 1), next_asking_at_ms: clock.nowMs() }))
        .where('payer_id', '=', payer)
        .where('thumbprint', '=', thumbprint)
        .where('kind', '=', 'bind')
        .execute()
    },
  }
}
export type PasskeyWishStore = ReturnType<typeof passkeyWishStore>
