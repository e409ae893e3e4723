import type { CardId } from '../../shared/identifiers.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { lock } from '../runtime/lock.ts'
import type { Bank } from './bank.ts'
import { limitsToBegin } from './card-limits.ts'
import { otherCardsOf } from './enrolment-store.ts'
import type { BankTransaction } from './ledger.ts'
import { keepBeginning, limitHistoryOf } from './limit-store.ts'
import type { EnrolmentRow } from './schema.ts'

/** Writes down what limits a card that is being added begins under: `limitsOf` says which, and why. */
export async function beginLimits(
  bank: Bank,
  transaction: BankTransaction,
  added: Pick<EnrolmentRow, 'payment_server' | 'payer'> & { readonly card: CardId; readonly holder: string },
  own: CardLimits | null,
): Promise<void> {
  const { payment_server, payer, card, holder } = added
  // Of a number that is added twice at once, one sees the other.
  await lock(transaction, bank.database.engine, 'limits', payment_server, payer, holder)
  const others = await otherCardsOf(transaction, added)
  const histories = await Promise.all(others.map((other) => limitHistoryOf(transaction, payment_server, other)))
  const nowMs = bank.clock.nowMs()
  const limits = limitsToBegin(own, histories, nowMs)
  if (limits !== null) await keepBeginning(transaction, { payment_server, card }, { limits, setAtMs: nowMs })
}
