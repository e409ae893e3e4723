import { useEffect, useMemo, useState } from 'preact/hooks'
import { handoffClient } from '../doors/handoff-client.ts'
import { handoffLine } from '../doors/handoff-line.ts'
import type { PasskeysHere } from '../doors/passkeys-here.ts'
import type { HandoffFlow } from '../flows/handoff-flow.ts'
import { type HandoffRun, handoffRun } from '../flows/handoff-run.ts'
import type { OpenBill } from '../flows/pay-flow.ts'
import type { PayRun, Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { minutesAndSeconds } from '../parts/countdown.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Qr } from '../parts/qr.tsx'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useLaterWords } from '../parts/use-later-words.ts'
import type { PhoneWords } from '../words/phone-en.ts'
import { phoneWordsIn } from '../words/phone-words.ts'

type HandOffProps = {
  readonly state: OpenBill
  readonly run: PayRun
  readonly tools: Tools
  readonly here: PasskeysHere
  readonly back: () => void
}

/** The bill stays on this screen and is paid on a phone. */
export function HandOff({ state, run, tools, here, back }: HandOffProps) {
  const { words } = useSpeech()
  const phone = useLaterWords(phoneWordsIn)
  const isIntroduced = here === 'yes'
  const { nowMs, pause } = tools
  const payment = state.bill.id
  const handoff = useMemo(
    () => handoffRun({ client: handoffClient(tools.client.ask), line: handoffLine, nowMs, pause }, payment, run.follow),
    [payment],
  )
  const flow = useFlow(handoff.flow)
  useEffect(() => {
    // Whoever pressed the button knows what it is for. Where it is the only way, its first page says so.
    if (isIntroduced) void handoff.begin()
    return () => handoff.stop()
  }, [handoff])
  if (phone === null) return <Busy />
  return (
    <section class="step handoff">
      <Step {...{ flow, handoff, phone, here }} />
      <div class="other-ways">
        {here !== 'nowhere' && <Button onPress={back}>{phone.back}</Button>}
        <Button busy={state.doing === 'canceling' ? words.pay.canceling : null} onPress={() => void run.cancel()}>
          {words.pay.cancel}
        </Button>
      </div>
    </section>
  )
}

type StepProps = {
  readonly flow: HandoffFlow
  readonly handoff: HandoffRun
  readonly phone: PhoneWords
  readonly here: PasskeysHere
}

function Step({ flow, handoff, phone, here }: StepProps) {
  switch (flow.step) {
    case 'intro':
      return (
        <Said
          title={phone.intro.title}
          more={here === 'nowhere' ? phone.intro.nowhere : phone.intro.doubtful}
          button={phone.intro.begin}
          press={handoff.begin}
        />
      )
    case 'beginning':
    case 'moved':
      return <Busy />
    case 'shown':
      return <Shown flow={flow} phone={phone} />
    case 'matched':
      return (
        <>
          <span class="pulse" aria-hidden="true" />
          <Heading>{phone.matched.title}</Heading>
          <p role="status">{flow.isDeclined ? phone.matched.declined : phone.matched.lead}</p>
        </>
      )
    case 'ended': {
      const { title, more } = phone.ended[flow.why]
      const button = flow.why === 'too-many' ? null : phone.again
      return <Said {...{ title, more, button }} press={handoff.begin} />
    }
  }
}

function Heading({ children }: { readonly children: string }) {
  const heading = useHeadingFocus()
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  )
}

type SaidProps = {
  readonly title: string
  readonly more: string
  readonly button: string | null
  readonly press: () => Promise<void>
}

const Said = ({ title, more, button, press }: SaidProps) => (
  <>
    <Heading key={title}>{title}</Heading>
    <p>{more}</p>
    {button && (
      <Button kind="primary" onPress={() => void press()}>
        {button}
      </Button>
    )}
  </>
)

function Shown({
  flow,
  phone,
}: {
  readonly flow: Extract<HandoffFlow, { step: 'shown' }>
  readonly phone: PhoneWords
}) {
  const { shown } = phone
  const link = `${location.origin}/phone#${flow.secret}`
  /** Null: nobody has pressed; false: this browser copies nothing, as where an app shows the page. */
  const [isCopied, setCopied] = useState<boolean | null>(null)
  return (
    <>
      <Heading>{shown.title}</Heading>
      <Qr text={link} label={shown.code} />
      <p id="handoff-number">{shown.number}</p>
      <output class="number" aria-labelledby="handoff-number">
        {flow.number}
      </output>
      <p class="small">
        <Left endsAtMs={flow.endsAtMs} phone={phone} />
      </p>
      <Button
        kind="quiet"
        onPress={() => {
          void copies(link).then(setCopied)
        }}
      >
        {isCopied ? shown.copied : shown.copy}
      </Button>
      {isCopied === false && (
        <code class="link" dir="ltr">
          {link}
        </code>
      )}
    </>
  )
}

async function copies(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function Left({ endsAtMs, phone }: { readonly endsAtMs: number; readonly phone: PhoneWords }) {
  const [nowMs, setNowMs] = useState(Date.now())
  useEffect(() => {
    const every = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(every)
  }, [])
  return (
    <span role="timer">
      <Say phrase={phone.shown.left(minutesAndSeconds(endsAtMs - nowMs))} />
    </span>
  )
}
