import { formatMoney } from '../../shared/money-text.ts'
import type { ActivityEntry } from '../../shared/wire/payment-api.ts'
import { toneOf } from '../flows/notice.ts'
import { isCostly, isProvable } from '../flows/spending.ts'
import type { SignedIn } from '../flows/wallet-flow.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { Button } from '../parts/button.tsx'
import { CardLine, useCardName } from '../parts/card-line.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Row } from '../parts/row.tsx'
import { SaveProof } from '../parts/save-proof.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type PaymentSheetProps = {
  readonly entry: ActivityEntry
  readonly isUnfamiliar: boolean
  readonly state: SignedIn
  readonly run: WalletRun
  readonly wallet: WalletWords
  readonly deny: () => void
  readonly closed: () => void
}

/** One payment, over the wallet: what it was, and what to do where it was not theirs. */
export function PaymentSheet(props: PaymentSheetProps) {
  const { entry, isUnfamiliar, wallet, deny, closed } = props
  return (
    <Sheet title={<bdi>{entry.payee.name}</bdi>} closeWords={wallet.card.close} closed={closed}>
      <Facts {...props} />
      {isUnfamiliar ? (
        <Unfamiliar {...props} />
      ) : (
        <>
          <a class="button quiet" href={`/pay/${entry.payment}`}>
            {wallet.payment.receipt}
          </a>
          {isCostly(entry) && <Button onPress={deny}>{wallet.payment.unfamiliar}</Button>}
        </>
      )}
    </Sheet>
  )
}

function Facts({ entry, wallet }: PaymentSheetProps) {
  const { words, locale } = useSpeech()
  const { amount, refundedMinor, state, card, reference, atMs, payee } = entry
  const stateWords = wallet.activity.states[state]
  return (
    <>
      <p class="payment-sum money">{formatMoney(amount, locale)}</p>
      <dl class="facts">
        {stateWords !== '' && <Row term={wallet.payment.state}>{stateWords}</Row>}
        {refundedMinor > 0 && (
          <Row term={wallet.payment.refunded}>
            {formatMoney({ minor: refundedMinor, currency: amount.currency }, locale)}
          </Row>
        )}
        <Row term={words.pay.with}>
          <CardLine face={card} />
        </Row>
        <Row term={words.pay.when}>
          <time dateTime={new Date(atMs).toISOString()}>
            {new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs)}
          </time>
        </Row>
        <Row term={words.pay.orderRow}>
          <bdi>{reference}</bdi>
        </Row>
        <Row term={wallet.payment.site}>
          <bdi>{new URL(payee.origin).host}</bdi>
        </Row>
      </dl>
    </>
  )
}

function Unfamiliar({ entry, state, run, wallet }: PaymentSheetProps) {
  const { words } = useSpeech()
  const cardName = useCardName()
  const heading = useHeadingFocus()
  const { payment: say } = wallet
  const { failure, doing, payer } = state
  const card = payer.cards.find(({ id }) => id === entry.cardId)
  return (
    <div class="step">
      <h3 ref={heading} tabIndex={-1}>
        {say.unfamiliarTitle}
      </h3>
      {failure && <Notice tone={toneOf(failure.notice)} advice={words.notices[failure.notice]} />}
      {card && !card.isFrozen && (
        <>
          <p class="lead">{say.freezeFirst}</p>
          <Button
            kind="primary"
            busy={doing?.act === 'freezing' ? wallet.card.freezing : null}
            onPress={() => void run.cards.freeze(card.id)}
          >
            {say.freeze(cardName(card.face))}
          </Button>
        </>
      )}
      <p class="lead" role="status">
        {card?.isFrozen && say.isFrozen}
        {!card && say.isGone}
      </p>
      {isProvable(entry) && (
        <>
          <p class="lead">{say.proofThen}</p>
          <SaveProof payment={entry.payment} />
        </>
      )}
    </div>
  )
}
