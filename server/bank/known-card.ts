import { type CardNumber, hasExpired } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import type { PayerPseudonym } from '../../shared/identifiers.ts'
import { type Currency, decimalsOf } from '../../shared/money.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import type { Bank, PaymentServer } from './bank.ts'
import type { TypedCard } from './judge-card.ts'
import { type BankReader, type BankTransaction, book, findAccount, openAccount, transfer } from './ledger.ts'
import type { IssuedCardRow } from './schema.ts'
import { findTestCard, isWrongTestCode, type TestCard } from './test-cards.ts'

/** A card of this bank: one it issued, or one of the simulator's test cards. */
export type KnownCard =
  | { readonly kind: 'issued'; readonly row: IssuedCardRow }
  | { readonly kind: 'test'; readonly card: TestCard }

export async function findKnownCard(bank: Bank, reader: BankReader, number: CardNumber): Promise<KnownCard | null> {
  const card = bank.isSimulator ? findTestCard(number) : undefined
  if (card !== undefined) return { kind: 'test', card }
  const row = await reader
    .selectFrom('issued_card')
    .selectAll()
    .where('number_hash', '=', numberHash(bank, number))
    .executeTakeFirst()
  return row === undefined ? null : { kind: 'issued', row }
}

export const numberHash = (bank: Bank, number: CardNumber): string =>
  keyedHashText(bank.keys.lookup, 'card-number', number)

/** The number goes in, so that equal codes of two cards do not look alike. */
export const printedCodeHash = (bank: Bank, number: CardNumber, code: string): string =>
  keyedHashText(bank.keys.lookup, 'printed-code', number, code)

/** What speaks against adding this card as it was typed, or null. */
export function whatIsWrongWith(bank: Bank, known: KnownCard | null, typed: TypedCard): DeclineReason | null {
  if (known === null) return 'invalid-card'
  if (hasExpired(typed.expiry, bank.clock.nowMs())) return 'expired-card'
  if (known.kind === 'test') {
    if (isWrongTestCode(typed.code)) return 'wrong-code'
    return isSameName(typed.name, known.card.cardholder) ? null : 'invalid-card'
  }
  const { expiry_month, expiry_year, name, code_hash } = known.row
  if (typed.expiry.month !== expiry_month || typed.expiry.year !== expiry_year) return 'invalid-card'
  if (!isSameName(typed.name, name)) return 'invalid-card'
  return printedCodeHash(bank, typed.number, typed.code) === code_hash ? null : 'wrong-code'
}

/** Where either says none, there is nothing to compare. */
const isSameName = (left: string | undefined, right: string | null | undefined): boolean =>
  left === undefined || right === undefined || right === null || left.toUpperCase() === right.toUpperCase()

/**
 * Names the accounts that a card draws on. Everybody who types a test card's number gets accounts of their own, so that
 * people who share the number do not share the money.
 */
export function holderOf(bank: Bank, known: KnownCard, from: PaymentServer, payer: PayerPseudonym): string {
  if (known.kind === 'issued') return known.row.holder
  return `tester_${keyedHashText(bank.keys.lookup, 'test-card-holder', from.issuer, payer, known.card.number)}`
}

/** Whether the cardholder is asked on the bank's own page before the card pays. */
export const asksCardholder = (known: KnownCard): boolean =>
  known.kind === 'test' ? known.card.asksCardholder === true : known.row.asks_cardholder === 1

/** What the bank holds against this amount on this card, whatever its account has; null where nothing. */
export function standingRefusal(known: KnownCard, amount: { minor: number; currency: Currency }): DeclineReason | null {
  if (known.kind === 'issued') return known.row.does
  if (known.card.declines !== undefined) return known.card.declines
  const { limitMajor } = known.card
  const isAbove = limitMajor !== undefined && amount.minor > minorOf(limitMajor, amount.currency)
  return isAbove ? 'limit-exceeded' : null
}

/**
 * The account that a payment in this currency is taken from. That of a test card is opened when first asked for, with money
 * from the bank's equity.
 * @returns its id, or null where the card has none in this currency: this bank does not exchange money
 */
export async function accountFor(
  bank: Bank,
  transaction: BankTransaction,
  known: KnownCard,
  holder: string,
  currency: Currency,
): Promise<string | null> {
  const account = await findAccount(transaction, holder, currency)
  if (account !== undefined) return account.id
  if (known.kind === 'issued') return null
  const { kind, openingMajor, number } = known.card
  const openingMinor = minorOf(openingMajor, currency)
  return openFunded(bank, transaction, {
    holder,
    kind,
    currency,
    label: `Test card •••• ${number.slice(-4)}`,
    creditLineMinor: kind === 'credit' ? openingMinor : 0,
    openingMinor: kind === 'credit' ? 0 : openingMinor,
  })
}

const minorOf = (major: number, currency: Currency): number => major * 10 ** decimalsOf(currency)

type FundedAccount = {
  readonly holder: string
  readonly kind: 'debit' | 'credit'
  readonly currency: Currency
  readonly label: string
  readonly creditLineMinor: number
  readonly openingMinor: number
}

/** Opens a cardholder's account with an opening balance out of the bank's issuing equity. Once, however often it is asked. */
export async function openFunded(bank: Bank, transaction: BankTransaction, account: FundedAccount): Promise<string> {
  const { openingMinor, currency } = account
  const nowMs = bank.clock.nowMs()
  const opened = await openAccount(transaction, bank.random, nowMs, account)
  if (!opened.isNew || openingMinor === 0) return opened.id
  const equity = await openAccount(transaction, bank.random, nowMs, {
    holder: 'equity',
    kind: 'equity',
    currency,
    creditLineMinor: 0,
    label: 'Issuing equity',
  })
  await book(transaction, bank.random, {
    kind: 'opening',
    about: null,
    bookedAtMs: nowMs,
    postings: transfer(equity.id, opened.id, { minor: openingMinor, currency }),
  })
  return opened.id
}
