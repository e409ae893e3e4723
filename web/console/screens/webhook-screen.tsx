import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ConsoleRole, ConsoleWebhook } from '../../../shared/wire/console-api.ts'
import type { DeliveryAttempt } from '../../../shared/wire/events-api.ts'
import { Busy } from '../../parts/busy.tsx'
import { Button } from '../../parts/button.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Notice } from '../../parts/notice.tsx'
import { Row } from '../../parts/row.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import type { DeliveriesRun } from '../flows/deliveries-run.ts'
import type { WebhooksRun } from '../flows/webhooks-run.ts'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'
import { useTime } from '../use-time.ts'
import { Keys } from './webhooks-screen.tsx'

type WebhookScreenProps = {
  readonly webhooks: WebhooksRun
  readonly deliveries: DeliveriesRun
  readonly id: string
  readonly role: ConsoleRole
}

/** One endpoint: whether it is told, by which keys, and what became of each try. */
export function WebhookScreen({ webhooks: run, deliveries, id, role }: WebhookScreenProps) {
  const { webhooks: said } = useConsoleWords()
  const advice = useAdvice()
  const { webhooks, notice } = useFlow(run.flow)
  useEffect(() => {
    void run.read()
    void deliveries.read()
  }, [run, deliveries])
  const webhook = webhooks?.find((one) => one.id === id)
  return (
    <div class="console-screen">
      <a class="back" href="/console/webhooks">
        {said.back}
      </a>
      {notice !== null && <Notice tone="stop" advice={advice(notice)} />}
      {webhooks === null && notice === null && <Busy />}
      {webhooks !== null && webhook === undefined && <Notice tone="note" advice={advice('webhook-unknown')} />}
      {webhook !== undefined && (
        <>
          <h1 class="heading">{said.one}</h1>
          <div class="beside">
            <div>
              <Facts of={webhook} />
              <Keys run={run} />
              {role === 'owner' && <Owned of={webhook} run={run} />}
            </div>
            <Log run={deliveries} of={webhook} mayResend={role !== 'viewer'} />
          </div>
        </>
      )}
    </div>
  )
}

function Facts({ of: { url, mode, state, createdAtMs, formerKeysUntilMs } }: { readonly of: ConsoleWebhook }) {
  const { webhooks: said, keys, modes, payment } = useConsoleWords()
  const time = useTime()
  return (
    <dl class="facts">
      <Row term={said.url}>
        <bdi>{url}</bdi>
      </Row>
      <Row term={payment.state}>{said.states[state]}</Row>
      <Row term={keys.mode}>{modes[mode]}</Row>
      <Row term={said.since}>{time(createdAtMs)}</Row>
      {formerKeysUntilMs !== undefined && <Row term={said.formerKeys}>{time(formerKeysUntilMs)}</Row>}
    </dl>
  )
}

function Owned({ of: { id, state }, run }: { readonly of: ConsoleWebhook; readonly run: WebhooksRun }) {
  const { webhooks: said } = useConsoleWords()
  const [isDisabling, setIsDisabling] = useState(false)
  const [isRotating, setIsRotating] = useState(false)
  const disable = () => {
    setIsDisabling(false)
    void run.turn(id, 'disable')
  }
  const rotate = () => {
    setIsRotating(false)
    void run.rotate(id)
  }
  return (
    <div class="acts">
      {isDisabling && <p>{said.disableMore}</p>}
      {state === 'enabled' ? (
        <Button kind="quiet" onPress={isDisabling ? disable : () => setIsDisabling(true)}>
          {isDisabling ? said.disableNow : said.disable}
        </Button>
      ) : (
        <Button kind="quiet" onPress={() => void run.turn(id, 'enable')}>
          {said.enable}
        </Button>
      )}
      {isRotating && <p>{said.rotateMore}</p>}
      <Button kind="quiet" onPress={isRotating ? rotate : () => setIsRotating(true)}>
        {isRotating ? said.rotateNow : said.rotate}
      </Button>
    </div>
  )
}

type LogProps = { readonly run: DeliveriesRun; readonly of: ConsoleWebhook; readonly mayResend: boolean }

function Log({ run, of, mayResend }: LogProps) {
  const { webhooks: said, payment } = useConsoleWords()
  const advice = useAdvice()
  const { attempts, resent, notice } = useFlow(run.flow)
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">{said.log}</h2>
      {notice !== null && <Notice tone="stop" advice={advice(notice)} />}
      <div role="status">{resent !== null && <p class="notice">{said.resent}</p>}</div>
      {attempts?.length === 0 && <p class="lead">{said.logEmpty}</p>}
      {attempts !== null && attempts.length > 0 && (
        <ol class="timeline">
          {attempts.map((attempt) => (
            <Attempt key={`${attempt.event} ${attempt.atMs} ${attempt.number}`} of={attempt}>
              {mayResend && of.state === 'enabled' && (
                <Button onPress={() => void run.resend(attempt.event, of.mode)}>{said.resend(attempt.type)}</Button>
              )}
            </Attempt>
          ))}
        </ol>
      )}
      <Button onPress={() => void run.read()}>{payment.refresh}</Button>
    </section>
  )
}

type AttemptProps = { readonly of: DeliveryAttempt; readonly children: ComponentChildren }

function Attempt({
  of: { type, payment, number, atMs, outcome, durationMs, nextAttemptAtMs },
  children,
}: AttemptProps) {
  const { webhooks: said, payment: words } = useConsoleWords()
  const { locale } = useSpeech()
  const time = useTime()
  const milliseconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond' })
  return (
    <li>
      <time dateTime={new Date(atMs).toISOString()}>{time(atMs)}</time>
      <span>
        {words.attempt(number, type)}:{' '}
        {'status' in outcome ? words.answered(outcome.status) : words.failed(outcome.failure)}
      </span>
      {durationMs !== undefined && <small>{said.took(milliseconds.format(durationMs))}</small>}
      {nextAttemptAtMs !== undefined && <small>{words.next(time(nextAttemptAtMs))}</small>}
      <a class="back" href={`/console/payments/${payment}`}>
        {said.ofPayment}
      </a>
      {children}
    </li>
  )
}
