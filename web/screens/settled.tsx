import { useEffect, useState } from 'preact/hooks'
import { formatMoney } from '../../shared/money-text.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { Button } from '../parts/button.tsx'
import { CardLine } from '../parts/card-line.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { later, laterInSilence } from '../parts/later.tsx'
import { Row } from '../parts/row.tsx'
import { Say } from '../parts/say.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import type { Words } from '../words/en.ts'
import { BillSlip } from './bill-slip.tsx'

const ShareReceipt = laterInSilence(async () => (await import('../parts/share-receipt.tsx')).ShareReceipt)
const SeeWallet = laterInSilence(async () => (await import('../parts/see-wallet.tsx')).SeeWallet)
const RecoveryHint = laterInSilence(async () => (await import('../parts/recovery-hint.tsx')).RecoveryHint)
const SaveProof = later(async () => (await import('../parts/save-proof.tsx')).SaveProof)

type SettledProps = {
  readonly bill: Bill
  readonly here: boolean
  /** Who pays has taken their name only now. */
  readonly isNew: boolean
  readonly leave: (bill: Bill) => void
}

/** The end of a bill, whichever it is. */
export const Settled = (props: SettledProps) =>
  props.bill.receipt === null ? <Ended {...props} /> : <Receipt {...props} />

const returnAfterSeconds = 3
/** There is something to read. */
const newcomersReturnAfterSeconds = 8

function Receipt({ bill, here, isNew, leave }: SettledProps) {
  const { words, locale } = useSpeech()
  const heading = useHeadingFocus()
  const [seconds, setSeconds] = useState(here ? (isNew ? newcomersReturnAfterSeconds : returnAfterSeconds) : null)
  const back = () => leave(bill)
  useEffect(() => {
    if (seconds === null) return
    const timer = setTimeout(() => (seconds > 1 ? setSeconds(seconds - 1) : back()), 1000)
    return () => clearTimeout(timer)
  }, [seconds])
  const { receipt } = bill
  return (
    <section class="receipt">
      <div class="slip paid">
        <span class="stamp" aria-hidden="true">
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path
              d="m5 12.5 4.6 4.6L19 7.4"
              fill="none"
              stroke="currentColor"
              stroke-width="2.6"
              stroke-linecap="round"
              stroke-linejoin="round"
            />
          </svg>
        </span>
        <h1 ref={heading} tabIndex={-1} class="outcome">
          {titleOf(bill, here, words)}
        </h1>
        <p class="amount">{formatMoney(bill.amount, locale)}</p>
        <dl>
          <Row term={words.pay.to}>
            <bdi>{bill.payee.name}</bdi>
          </Row>
          <Row term={words.pay.orderRow}>
            <bdi>{bill.reference}</bdi>
          </Row>
          {bill.refundedMinor > 0 && (
            <Row term={words.pay.refunded}>{formatMoney({ ...bill.amount, minor: bill.refundedMinor }, locale)}</Row>
          )}
          {receipt && (
            <>
              <Row term={words.pay.with}>
                <CardLine face={receipt.card} />
              </Row>
              <Row term={words.pay.when}>
                <time dateTime={new Date(receipt.paidAtMs).toISOString()}>
                  {new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(
                    receipt.paidAtMs,
                  )}
                </time>
              </Row>
              <Row term={words.pay.confirmed}>{words.pay.confirmedIn[receipt.ceremony]}</Row>
              <Row term={words.pay.approval}>
                <code>{receipt.approvalCode}</code>
              </Row>
            </>
          )}
        </dl>
      </div>
      <div class="ways">
        <Button kind="primary" onPress={back}>
          <Say phrase={words.pay.backTo(bill.payee.name)} />
        </Button>
        {seconds === null ? (
          <>
            <ShareReceipt bill={bill} />
            <Button onPress={() => print()}>{words.pay.print}</Button>
            <SaveProof payment={bill.id} />
            <SeeWallet look="button plain" />
          </>
        ) : (
          <p class="going">
            <span role="timer">{words.pay.goingBack(seconds)}</span>
            <Button onPress={() => setSeconds(null)}>{words.pay.stay}</Button>
          </p>
        )}
      </div>
      {isNew && <RecoveryHint />}
    </section>
  )
}

function titleOf({ amount, refundedMinor }: Bill, here: boolean, { pay }: Words): string {
  if (refundedMinor === amount.minor) return pay.refunded
  return here ? pay.paid : pay.paidBefore
}

function Ended({ bill, here, leave }: SettledProps) {
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  useEffect(() => {
    if (here) leave(bill) // the button that was pressed says so
  }, [here])
  const { title, more } = endOf(bill, words)
  return (
    <>
      <BillSlip bill={bill} />
      <section class="ended">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p>{more}</p>
        <Button kind="primary" onPress={() => leave(bill)}>
          <Say phrase={words.pay.backTo(bill.payee.name)} />
        </Button>
      </section>
    </>
  )
}

function endOf(bill: Bill, { pay, declines }: Words): { title: string; more: string } {
  switch (bill.state) {
    case 'expired':
      return { title: pay.expired, more: pay.expiredMore }
    case 'canceled':
      return { title: pay.canceled, more: pay.canceledMore }
    case 'declined': {
      const { what, next } = declines[bill.decline?.reason ?? 'do-not-honor']
      return { title: pay.declined, more: `${what} ${next}` }
    }
    default:
      return { title: pay.voided, more: pay.voidedMore }
  }
}
