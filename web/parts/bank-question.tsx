import type { ComponentChildren } from 'preact'
import type { Card } from '../../shared/wire/payment-api.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { Say } from './say.tsx'
import { isWebPage } from './web-page.ts'

type BankQuestionProps = {
  readonly words: WalletWords
  readonly bank: string
  readonly confirmation: NonNullable<Card['confirmation']>
  /** What to do once the bank has heard. */
  readonly children?: ComponentChildren
}

/** What the bank wants to hear from the cardholder on a page of its own, or why it is too late for that. */
export function BankQuestion({ words: { confirm }, bank, confirmation, children }: BankQuestionProps) {
  if (confirmation.state !== 'awaited') {
    const isDenied = confirmation.state === 'denied'
    return (
      <div class="notice stop bank-question" role="status">
        <strong>
          <Say phrase={isDenied ? confirm.denied(bank) : confirm.lapsed(bank)} />
        </strong>
        <p>{isDenied ? confirm.deniedMore : confirm.lapsedMore}</p>
      </div>
    )
  }
  return (
    <div class="notice note bank-question" role="alert">
      <strong>
        <Say phrase={confirm.title(bank)} />
      </strong>
      <p>{confirm.more}</p>
      {isWebPage(confirmation.url) && (
        <a class="button primary" href={confirmation.url} target="_blank" rel="noopener noreferrer">
          <span>
            <Say phrase={confirm.open(bank)} />
            <span class="sr"> ({confirm.newTab})</span>
          </span>
        </a>
      )}
      {children}
    </div>
  )
}
