import type { OpenBill } from '../flows/pay-flow.ts'
import { BankQuestion } from '../parts/bank-question.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useWalletWordsIfAny } from '../parts/use-wallet-words.ts'

/** Why the bank said no: often it has a reason, and sometimes it only wants to hear from the cardholder first. */
export function DeclineNotice({ state: { bill, who, card } }: { state: OpenBill }) {
  const { words } = useSpeech()
  const wallet = useWalletWordsIfAny()
  const reason = bill.decline?.reason
  if (!reason) return null
  const isAboutCard = reason === 'not-permitted'
  const refused = isAboutCard && who.kind === 'signed-in' ? who.payer.cards.find(({ id }) => id === card) : undefined
  if (refused?.confirmation && wallet) {
    return (
      <BankQuestion words={wallet} bank={refused.bank} confirmation={refused.confirmation}>
        <p>{wallet.confirm.thenPay}</p>
      </BankQuestion>
    )
  }
  return (
    <Notice tone="stop" title={words.pay.declined} advice={words.declines[reason]}>
      {isAboutCard && who.kind !== 'signed-in' && wallet && (
        <p>
          {wallet.confirm.perhaps} <a href="/">{wallet.confirm.seeWallet}</a>
        </p>
      )}
      <p>{words.pay.triesLeft(bill.triesLeft)}</p>
    </Notice>
  )
}
