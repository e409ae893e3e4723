import { decimalsOf } from '../../../shared/money-text.ts'
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'

const columns = [
  'payment',
  'mode',
  'created',
  'reference',
  'description',
  'state',
  'currency',
  'amount',
  'captured',
  'refunded',
] as const

/** Payments as a table (RFC 4180), amounts in whole units with as many decimals as the currency has. */
export const paymentsCsv = (payments: readonly MerchantPayment[]): string =>
  [columns, ...payments.map(cellsOf)].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')

function cellsOf(payment: MerchantPayment): readonly string[] {
  const { id, mode, createdAtMs, reference, description, state, amount, capturedMinor, refundedMinor } = payment
  const created = new Date(createdAtMs).toISOString()
  const sums = [amount.minor, capturedMinor, refundedMinor].map((minor) => decimal(minor, decimalsOf(amount.currency)))
  return [id, mode, created, reference, description ?? '', state, amount.currency, ...sums]
}

function decimal(minor: number, decimals: number): string {
  const digits = String(minor).padStart(decimals + 1, '0')
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** Programs for tables take what begins so for a formula (OWASP, CSV injection): an apostrophe says that it is text. */
const formula = /^[=+\-@\t\r]/

function cell(text: string): string {
  const inert = formula.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
