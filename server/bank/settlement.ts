import type { Money } from '../../shared/money.ts'
import { Problem } from '../../shared/problem.ts'
import type { BankBody } from '../../shared/wire/bank-api.ts'
import type { Authorization } from './authorization-store.ts'
import type { Bank } from './bank.ts'
import { type BankTransaction, book, openAccount, transfer } from './ledger.ts'
import type { BookingKind } from './schema.ts'

/** The account that what a payee is paid is kept on, one a currency. */
export const payeeHolder = (paymentServer: string, payee: string): string => `payee ${paymentServer} ${payee}`

/** One capture or refund of an authorization, by the name the payment server gave it. */
type Movement = { readonly name: string; readonly minor: number }

/** Takes authorized money from the cardholder to the payee. The caller has checked that it may. */
export async function bookCapture(
  bank: Bank,
  transaction: BankTransaction,
  authorization: Authorization,
  movement: Movement & { readonly isFinal: boolean },
): Promise<void> {
  const { payer, payee } = await accountsOf(bank, transaction, authorization)
  const booking = await bookAbout(bank, transaction, authorization, 'capture', payer, payee, movement.minor)
  await transaction
    .insertInto('capture')
    .values({ ...rowOf(authorization, movement, booking), is_final: movement.isFinal ? 1 : 0 })
    .execute()
}

/** Gives captured money back from the payee to the cardholder. The caller has checked that it may. */
export async function bookRefund(
  bank: Bank,
  transaction: BankTransaction,
  authorization: Authorization,
  movement: Movement,
): Promise<void> {
  const { payer, payee } = await accountsOf(bank, transaction, authorization)
  const booking = await bookAbout(bank, transaction, authorization, 'refund', payee, payer, movement.minor)
  await transaction
    .insertInto('refund')
    .values(rowOf(authorization, movement, booking))
    .execute()
}

/** Gives back all that was captured and not refunded yet. */
export async function bookReversal(
  bank: Bank,
  transaction: BankTransaction,
  authorization: Authorization,
): Promise<void> {
  const takenMinor = authorization.captured_minor - authorization.refunded_minor
  if (takenMinor === 0) return
  const { payer, payee } = await accountsOf(bank, transaction, authorization)
  await bookAbout(bank, transaction, authorization, 'reversal', payee, payer, takenMinor)
}

/**
 * Whether this capture was made before.
 * @throws {Problem} `reference-reused` where one of this name was, of another amount, or as the last one where this is not
 */
export async function wasCaptured(
  transaction: BankTransaction,
  authorization: Authorization,
  asked: BankBody<'capture'>,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('capture')
    .select(['amount_minor', 'is_final'])
    .where((capture) => capture.and(keyOf(authorization, asked.name)))
    .executeTakeFirst()
  if (row === undefined) return false
  const isOtherwiseFinal = row.is_final !== null && (row.is_final === 1) !== asked.isFinal
  if (isOtherwiseFinal || !isOfAmount(row, authorization, asked.amount)) throw new Problem('reference-reused')
  return true
}

/**
 * Whether this refund was made before.
 * @throws {Problem} `reference-reused` where one of this name was, of another amount
 */
export async function wasRefunded(
  transaction: BankTransaction,
  authorization: Authorization,
  asked: BankBody<'refund'>,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('refund')
    .select('amount_minor')
    .where((refund) => refund.and(keyOf(authorization, asked.name)))
    .executeTakeFirst()
  if (row === undefined) return false
  if (!isOfAmount(row, authorization, asked.amount)) throw new Problem('reference-reused')
  return true
}

const keyOf = ({ payment_server, reference }: Authorization, name: string) => ({ payment_server, reference, name })

const isOfAmount = (row: { amount_minor: number }, { currency }: Authorization, amount: Money): boolean =>
  row.amount_minor === amount.minor && currency === amount.currency

const rowOf = (authorization: Authorization, { name, minor }: Movement, booking: string) => ({
  ...keyOf(authorization, name),
  booking,
  amount_minor: minor,
})

function bookAbout(
  bank: Bank,
  transaction: BankTransaction,
  { payment_server, payment, reference, currency }: Authorization,
  kind: BookingKind,
  from: string,
  to: string,
  minor: number,
): Promise<string> {
  return book(transaction, bank.random, {
    kind,
    about: { paymentServer: payment_server, payment, reference },
    bookedAtMs: bank.clock.nowMs(),
    postings: transfer(from, to, { minor, currency }),
  })
}

async function accountsOf(bank: Bank, transaction: BankTransaction, authorization: Authorization) {
  if (authorization.account === null) throw new Error('an approved authorization has an account')
  const payee = await openAccount(transaction, bank.random, bank.clock.nowMs(), {
    holder: payeeHolder(authorization.payment_server, authorization.payee),
    kind: 'payee',
    currency: authorization.currency,
    creditLineMinor: 0,
    label: authorization.payee_name,
  })
  return { payer: authorization.account, payee: payee.id }
}
