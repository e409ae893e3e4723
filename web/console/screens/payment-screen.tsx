import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { formatMoney } from '../../../shared/money-text.ts'
import type { Happening } from '../../../shared/wire/console-api.ts'
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { Busy } from '../../parts/busy.tsx'
import { Button } from '../../parts/button.tsx'
import { CardLine, useCardName } from '../../parts/card-line.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Notice } from '../../parts/notice.tsx'
import { Row } from '../../parts/row.tsx'
import { Say } from '../../parts/say.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import type { PaymentRun } from '../flows/payment-run.ts'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'
import { useTime } from '../use-time.ts'
import { Acts } from './act-sheet.tsx'

/** One payment: what it is, and what happened to it. */
export function PaymentScreen({ run, mayAct }: { readonly run: PaymentRun; readonly mayAct: boolean }) {
  const { payment: said, webhooks } = useConsoleWords()
  const advice = useAdvice()
  const { seen, isResent, notice } = useFlow(run.flow)
  useEffect(() => {
    void run.read()
  }, [run])
  return (
    <div class="console-screen">
      <a class="back" href="/console">
        {said.back}
      </a>
      {notice !== null && <Notice tone="note" advice={advice(notice)} />}
      {seen === null && notice === null && <Busy />}
      {seen !== null && (
        <>
          <h1 class="heading">
            <Say phrase={said.order(seen.payment.reference)} />
          </h1>
          <div class="beside">
            <div>
              <Facts payment={seen.payment} />
              {mayAct && <Acts {...{ run }} payment={seen.payment} />}
            </div>
            <section aria-labelledby="happened">
              <h2 id="happened">{said.happened}</h2>
              <ol class="timeline">
                {seen.happenings.map((happening, index) => (
                  <Line key={index} happening={happening}>
                    {mayAct && happening.kind === 'event' && (
                      <Button onPress={() => void run.resend(happening.event)}>
                        {webhooks.resend(happening.type)}
                      </Button>
                    )}
                  </Line>
                ))}
              </ol>
              <div role="status">{isResent && <p class="notice">{webhooks.resent}</p>}</div>
              <Button onPress={() => void run.read()}>{said.refresh}</Button>
            </section>
          </div>
        </>
      )}
    </div>
  )
}

function Facts({ payment }: { payment: MerchantPayment }) {
  const { locale } = useSpeech()
  const { payment: said, states, modes } = useConsoleWords()
  const { amount, capturedMinor, refundedMinor, captureBeforeMs, description, card, payer } = payment
  const money = (minor: number) => formatMoney({ minor, currency: amount.currency }, locale)
  const time = useTime()
  return (
    <dl class="facts">
      <Row term={said.amount}>{money(amount.minor)}</Row>
      <Row term={said.state}>
        {states[payment.state]} · {modes[payment.mode]}
      </Row>
      {capturedMinor > 0 && <Row term={said.captured}>{money(capturedMinor)}</Row>}
      {refundedMinor > 0 && <Row term={said.refunded}>{money(refundedMinor)}</Row>}
      {captureBeforeMs !== undefined && <Row term={said.captureBefore}>{time(captureBeforeMs)}</Row>}
      {description !== null && (
        <Row term={said.description}>
          <bdi>{description}</bdi>
        </Row>
      )}
      {card !== null && (
        <Row term={said.card}>
          <CardLine face={card} />
        </Row>
      )}
      {payer !== null && (
        <Row term={said.payer}>
          <code>{payer}</code>
        </Row>
      )}
      <Row term={said.created}>{time(payment.createdAtMs)}</Row>
      <Row term={said.id}>
        <code>{payment.id}</code>
      </Row>
    </dl>
  )
}

function Line({ happening, children }: { happening: Happening; children: ComponentChildren }) {
  const time = useTime()
  return (
    <li class={happening.kind}>
      <time dateTime={new Date(happening.atMs).toISOString()}>{time(happening.atMs)}</time>
      <What happening={happening} />
      {children}
    </li>
  )
}

function What({ happening }: { happening: Happening }) {
  const { locale } = useSpeech()
  const { payment: said, states, causes } = useConsoleWords()
  const cardName = useCardName()
  const time = useTime()
  switch (happening.kind) {
    case 'move':
      return (
        <>
          <strong>{states[happening.state]}</strong>
          <span>{causes[happening.cause] ?? happening.cause}</span>
        </>
      )
    case 'try':
      return (
        <>
          <span>{said.tried(cardName(happening.card))}</span>
          <small>
            {happening.approvalCode !== null && said.approval(happening.approvalCode)}
            {!happening.isAnswered && said.unanswered}
          </small>
        </>
      )
    case 'operation':
      return (
        <>
          <strong>{said.operations[happening.what](formatMoney(happening.amount, locale))}</strong>
          <span>{said.operationStates[happening.state]}</span>
          <small>
            {happening.reason !== null && <Say phrase={said.reason(happening.reason)} />}
            {happening.declineReason !== null && said.bankReason(happening.declineReason)}
          </small>
        </>
      )
    case 'event':
      return <span>{said.event(happening.type)}</span>
    case 'attempt': {
      const { outcome, nextAttemptAtMs } = happening
      return (
        <>
          <span>
            {said.attempt(happening.number, happening.type)}:{' '}
            {'status' in outcome ? said.answered(outcome.status) : said.failed(outcome.failure)}
          </span>
          <small>
            <bdi>{happening.url}</bdi> {nextAttemptAtMs !== null && said.next(time(nextAttemptAtMs))}
          </small>
        </>
      )
    }
  }
}
