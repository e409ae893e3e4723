import { useEffect } from 'preact/hooks'
import { formatMoney } from '../../../shared/money-text.ts'
import { paymentStates } from '../../../shared/payment.ts'
import type { ConsolePerson } from '../../../shared/wire/console-api.ts'
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { Button } from '../../parts/button.tsx'
import { Chips } from '../../parts/chips.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Notice } from '../../parts/notice.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import { useHeadingFocus } from '../../parts/use-heading-focus.ts'
import type { FirstStepsRun } from '../flows/first-steps-run.ts'
import { type PaymentsRun, type PaymentsSieve, queryOf } from '../flows/payments-run.ts'
import type { TakingsRun } from '../flows/takings-run.ts'
import { TakingsChart } from '../takings-chart.tsx'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'
import { FirstSteps } from './first-steps.tsx'

type PaymentsScreenProps = {
  readonly run: PaymentsRun
  readonly takings: TakingsRun
  readonly steps: FirstStepsRun
  readonly person: ConsolePerson
}

/** What a merchant was asked to be paid, newest first. */
export function PaymentsScreen({ run, takings, steps, person }: PaymentsScreenProps) {
  const { words } = useSpeech()
  const { payments: said } = useConsoleWords()
  const advice = useAdvice()
  const heading = useHeadingFocus()
  const { payments, sieve, next, doing, notice } = useFlow(run.flow)
  const brought = useFlow(takings.flow)
  useEffect(() => {
    void run.sift(run.flow.now().sieve)
  }, [run])
  useEffect(() => {
    void takings.read(sieve.mode)
  }, [takings, sieve.mode])
  const isSifted = sieve.search.trim() !== '' || sieve.state !== null
  const isEmpty = payments.length === 0 && doing === 'nothing' && notice === null
  return (
    <div class="console-screen">
      <h1 class="heading" ref={heading} tabIndex={-1}>
        {said.title}
      </h1>
      {!isSifted && (
        <FirstSteps run={steps} person={person} ordered={() => void run.sift({ ...sieve, mode: 'test' })} />
      )}
      <Sieve sieve={sieve} modes={person.modes} sift={(wanted) => void run.sift(wanted)} />
      {!isSifted && brought.map((one) => <TakingsChart key={one.currency} of={one} />)}
      {notice !== null && <Notice tone="note" advice={advice(notice)} />}
      <p role="status">{isEmpty && (isSifted ? said.none : said.empty)}</p>
      {payments.length > 0 && (
        <ul class="name-list">
          {payments.map((payment) => (
            <li key={payment.id}>
              <Entry payment={payment} />
            </li>
          ))}
        </ul>
      )}
      {payments.length > 0 && (
        <a class="back" href={csvOf(sieve)} download>
          {said.save}
        </a>
      )}
      {next !== null && (
        <Button busy={doing === 'reading-more' ? words.loading : null} onPress={() => void run.readMore()}>
          {said.older}
        </Button>
      )}
    </div>
  )
}

function Entry({ payment }: { payment: MerchantPayment }) {
  const { locale } = useSpeech()
  const { states, payments: said } = useConsoleWords()
  const { id, reference, amount, refundedMinor, state, createdAtMs } = payment
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const isPartRefunded = refundedMinor > 0 && refundedMinor < amount.minor
  return (
    <a class="row entry" href={`/console/payments/${id}`}>
      <span class="to">
        <bdi>{reference}</bdi>
        <small>{time.format(createdAtMs)}</small>
      </span>
      <span class="sum">
        <span class="money">{formatMoney(amount, locale)}</span>
        <small>
          {isPartRefunded
            ? said.refunded(formatMoney({ minor: refundedMinor, currency: amount.currency }, locale))
            : states[state]}
        </small>
      </span>
    </a>
  )
}

type SieveProps = {
  readonly sieve: PaymentsSieve
  readonly modes: ConsolePerson['modes']
  readonly sift: (sieve: PaymentsSieve) => void
}

function Sieve({ sieve, modes, sift }: SieveProps) {
  const { payments: said, states, modes: modeWords } = useConsoleWords()
  return (
    <search class="sieve">
      <SearchField label={said.search} value={sieve.search} onType={(search) => sift({ ...sieve, search })} />
      {modes.length > 1 && (
        <Chips
          legend={said.mode}
          values={modes}
          chosen={sieve.mode}
          wordsOf={(mode) => modeWords[mode]}
          choose={(mode) => sift({ ...sieve, mode })}
        />
      )}
      <Chips
        legend={said.state}
        values={[null, ...paymentStates]}
        chosen={sieve.state}
        wordsOf={(state) => (state === null ? said.all : states[state])}
        choose={(state) => sift({ ...sieve, state })}
      />
    </search>
  )
}

/** What is shown, and all of it that would follow. */
const csvOf = (sieve: PaymentsSieve): string => `/api/console/payments.csv?${new URLSearchParams(queryOf(sieve))}`
