import { type Currency, decimalsOf } from '../../shared/money-text.ts'
import { withAsciiDigits } from '../../shared/script/decimal-digit.ts'

/**
 * What somebody typed as an amount. By text, so that no fraction is ever a binary one.
 * @returns minor units; null where nothing was typed
 */
export function amountIn(typed: string, currency: Currency): number | null | 'malformed' {
  const text = withAsciiDigits(typed).trim()
  if (text === '') return null
  const decimals = decimalsOf(currency)
  const [, whole, fraction = ''] = text.match(/^(\d{1,9})(?:[.,](\d{1,3}))?$/) ?? []
  if (whole === undefined || fraction.length > decimals) return 'malformed'
  const minor = Number(`${whole}${fraction.padEnd(decimals, '0')}`)
  return minor > 0 ? minor : 'malformed'
}
