import type { CardId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import type { BankReader } from './ledger.ts'
import type { CardEventKind, CardEventRow, EnrolmentRow } from './schema.ts'

export const findEnrolment = (
  reader: BankReader,
  paymentServer: string,
  card: CardId,
): Promise<EnrolmentRow | undefined> =>
  reader
    .selectFrom('enrolment')
    .selectAll()
    .where('payment_server', '=', paymentServer)
    .where('card', '=', card)
    .executeTakeFirst()

/** The ids under which a payer has added the same card before, whatever became of them. Oldest first. */
export async function otherCardsOf(
  reader: BankReader,
  { payment_server, payer, holder, card }: Pick<EnrolmentRow, 'payment_server' | 'payer' | 'holder' | 'card'>,
): Promise<CardId[]> {
  const rows = await reader
    .selectFrom('enrolment')
    .select('card')
    .where('holder', '=', holder)
    .where('payment_server', '=', payment_server)
    .where('payer', '=', payer)
    .where('card', '<>', card)
    .orderBy('decided_at_ms')
    .execute()
  return rows.map((row) => row.card)
}

/** The first to be written counts. @returns whether it was this one */
export async function keepEnrolment(writer: BankReader, row: EnrolmentRow): Promise<boolean> {
  const inserted = await writer
    .insertInto('enrolment')
    .values(row)
    .onConflict((conflict) => conflict.columns(['payment_server', 'card']).doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

export async function keepWrongTry(writer: BankReader, enrolment: EnrolmentRow, numberHash: string): Promise<void> {
  const { payment_server, card, decided_at_ms: tried_at_ms } = enrolment
  await writer.insertInto('wrong_try').values({ payment_server, card, number_hash: numberHash, tried_at_ms }).execute()
}

/** What has happened to a card since it was added, in order. */
export async function eventsOf(reader: BankReader, paymentServer: string, card: CardId): Promise<CardEventKind[]> {
  const rows = await reader
    .selectFrom('card_event')
    .select('kind')
    .where('payment_server', '=', paymentServer)
    .where('card', '=', card)
    .orderBy('place')
    .execute()
  return rows.map((row) => row.kind)
}

export const isFrozen = (events: readonly CardEventKind[]): boolean =>
  events.findLast((event) => event === 'frozen' || event === 'unfrozen') === 'frozen'

/** @throws {Problem} `reference-reused` where something else has this place */
export async function keepEvent(writer: BankReader, row: CardEventRow): Promise<void> {
  await writer
    .insertInto('card_event')
    .values(row)
    .onConflict((conflict) => conflict.columns(['payment_server', 'card', 'place']).doNothing())
    .execute()
  const kept = await writer
    .selectFrom('card_event')
    .select('kind')
    .where('payment_server', '=', row.payment_server)
    .where('card', '=', row.card)
    .where('place', '=', row.place)
    .executeTakeFirstOrThrow()
  if (kept.kind !== row.kind) throw new Problem('reference-reused')
}
