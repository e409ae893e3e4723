import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ConsolePerson } from '../../../shared/wire/console-api.ts'
import { Button } from '../../parts/button.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Notice } from '../../parts/notice.tsx'
import { Qr } from '../../parts/qr.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import type { FirstStepsRun } from '../flows/first-steps-run.ts'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'

type FirstStepsProps = {
  readonly run: FirstStepsRun
  readonly person: ConsolePerson
  /** There is a test order to be seen. */
  readonly ordered: () => void
}

/** From a name to a test order that is paid, for whoever has just come. */
export function FirstSteps({ run, person, ordered }: FirstStepsProps) {
  const { firstSteps: said } = useConsoleWords()
  const advice = useAdvice()
  const { steps, isShown, notice } = useFlow(run.flow)
  useEffect(() => {
    const look = () => void run.read()
    look()
    // Whoever paid or wrote code in another window comes back to see what it came to.
    addEventListener('focus', look)
    return () => removeEventListener('focus', look)
  }, [run])
  if (steps === null || !isShown) return null
  const { hasKey, webhook, paid } = steps
  const isOwner = person.role === 'owner'
  return (
    <section class="first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps">{paid === null ? said.title : said.paidTitle}</h2>
      {notice !== null && <Notice tone="stop" advice={advice(notice)} />}
      <ol>
        <Step isDone title={said.name} />
        <Step isDone title={said.passkey} />
        <Step isDone={hasKey} title={said.key}>
          {isOwner && (
            <a class="back" href="/console/keys">
              {said.makeKey}
            </a>
          )}
        </Step>
        <Step isDone={webhook === 'hears'} title={said.webhook}>
          <p>{webhook === 'silent' ? said.webhookSilent : said.webhookMore}</p>
          <a class="back" href="/console/webhooks">
            {said.seeWebhooks}
          </a>
        </Step>
        <Step isDone={paid !== null} title={said.paid}>
          {person.modes.includes('test') && person.role !== 'viewer' ? (
            <TestOrder {...{ run, ordered }} />
          ) : (
            <p>{said.paidMore}</p>
          )}
        </Step>
      </ol>
      {paid !== null && (
        <a class="back" href={`/console/payments/${paid}`}>
          {said.seePaid}
        </a>
      )}
      <Button onPress={run.putAway}>{said.putAway}</Button>
    </section>
  )
}

type StepProps = { readonly isDone: boolean; readonly title: string; readonly children?: ComponentChildren }

/** What is left to do about it is told until it is done. */
function Step({ isDone, title, children }: StepProps) {
  const { firstSteps: said } = useConsoleWords()
  return (
    <li class={isDone ? 'done' : 'todo'}>
      <span>
        {title} <small>{isDone ? said.done : said.left}</small>
      </span>
      {!isDone && <div class="what-to-do">{children}</div>}
    </li>
  )
}

function TestOrder({ run, ordered }: Pick<FirstStepsProps, 'run' | 'ordered'>) {
  const { words } = useSpeech()
  const { firstSteps: said } = useConsoleWords()
  const { billUrl, isBusy } = useFlow(run.flow)
  const order = (
    <Button kind="quiet" busy={isBusy ? words.loading : null} onPress={() => void run.order().then(ordered)}>
      {billUrl === null ? said.order : said.orderAgain}
    </Button>
  )
  if (billUrl === null) return order
  return (
    <>
      <p>{said.orderMore}</p>
      <a class="back" href={billUrl} target="_blank" rel="noopener">
        {said.pay}
      </a>
      <Qr text={billUrl} label={said.payByPhone} />
      <Button onPress={() => void run.read()}>{said.look}</Button>
      {order}
    </>
  )
}
