import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openBoundRecord } from './bound-record.ts'
import { limitsOf, pendingOf } from './card-limits.ts'
import { type CardRecordContents, initialLimits } from './card-record.ts'
import type { BankReader } from './ledger.ts'
import { limitHistoryOf, spentBehind } from './limit-store.ts'
import { longBoundOf } from './passkey-store.ts'
import { refused } from './response-codes.ts'

/** Tells how the limits of a card stand, so that a payment server can hold to them, and its payer see what is left. */
export async function allowance(
  bank: Bank,
  from: PaymentServer,
  { card, record }: BankBody<'allowance'>,
): Promise<BankAnswer<'allowance'>> {
  const contents = await openBoundRecord(bank, from, record)
  if (contents === null || contents.card !== card) return refused(card, 'invalid-card')
  return { outcome: 'allowance', ...(await limitStandingOf(bank, bank.database.db, contents)) }
}

export async function limitStandingOf(bank: Bank, reader: BankReader, contents: CardRecordContents) {
  const nowMs = bank.clock.nowMs()
  const { card, payer, paymentServer, holder } = contents
  return {
    card,
    ...(await standingLimitsOf(bank, reader, contents)),
    spent: await spentBehind(reader, { paymentServer, payer, holder, nowMs }),
    longBound: await longBoundOf(reader, { paymentServer, payer, card, nowMs }),
  }
}

/** What holds, and what is waited for; without what was spent. */
export async function standingLimitsOf(bank: Bank, reader: BankReader, contents: CardRecordContents) {
  const nowMs = bank.clock.nowMs()
  const own = initialLimits(contents)
  const history = await limitHistoryOf(reader, contents.paymentServer, contents.card)
  const last = history.requests.at(-1)
  const pending = pendingOf(own, history, nowMs)
  return {
    change: last?.change ?? 0,
    limits: limitsOf(own, history, nowMs),
    pending: pending === null ? null : { ...pending, signedBy: last?.signedBy ?? null },
  }
}
