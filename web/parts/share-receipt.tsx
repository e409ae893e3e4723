import { formatMoney } from '../../shared/money-text.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { textOf } from '../words/phrase.ts'
import { Button } from './button.tsx'
import { useSpeech } from './language-context.ts'

/** What was paid, in words, for whatever app the payer chooses; nothing where the browser cannot ask. No card and no name is in it. */
export function ShareReceipt({ bill: { amount, payee, reference, receipt } }: { bill: Bill }) {
  const { words, locale } = useSpeech()
  if (receipt === null || !('share' in navigator)) return null
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(receipt.paidAtMs)
  const text = textOf(words.pay.shared(formatMoney(amount, locale), payee.name, day, reference, receipt.approvalCode))
  // Whoever closes the sheet has changed their mind, which is no failure.
  return <Button onPress={() => void navigator.share({ text }).catch(() => {})}>{words.pay.share}</Button>
}
