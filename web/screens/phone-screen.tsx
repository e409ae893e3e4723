import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { formatMoney } from '../../shared/money-text.ts'
import type { Bill, Configuration } from '../../shared/wire/payment-api.ts'
import { handoffClient } from '../doors/handoff-client.ts'
import { toneOf } from '../flows/notice.ts'
import { isPaid } from '../flows/pay-flow.ts'
import type { PayRun, Tools } from '../flows/pay-run.ts'
import type { PhoneFlow } from '../flows/phone-flow.ts'
import { type PhoneRun, phoneRun } from '../flows/phone-run.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useLaterWords } from '../parts/use-later-words.ts'
import { useReturns } from '../parts/use-returns.ts'
import type { PhoneWords } from '../words/phone-en.ts'
import { phoneWordsIn } from '../words/phone-words.ts'
import { PayScreen } from './pay-screen.tsx'

type PhoneScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly payRun: (payment: string) => PayRun
  readonly leave: (bill: Bill) => void
}

/** Where the link on another screen leads: say the number there, then pay as everywhere. */
export function PhoneScreen({ payRun, ...props }: PhoneScreenProps) {
  const { words } = useSpeech()
  const phone = useLaterWords(phoneWordsIn)
  const run = useMemo(() => {
    const keep = (payment: string) => history.replaceState(null, '', `/phone#${payment}`)
    return phoneRun(handoffClient(props.tools.client.ask), location.hash.slice(1), keep)
  }, [])
  const state = useFlow(run.flow)
  useEffect(() => {
    void run.look()
  }, [run])
  useReturns(() => {
    if (run.flow.now().step === 'unreadable') void run.look()
  }, run)
  if (phone === null) return <Busy />
  switch (state.step) {
    case 'looking':
      return <Busy />
    case 'unreadable':
      return (
        <Notice tone="stop" title={phone.phone.unreadable} advice={words.notices[state.notice]}>
          <Button kind="quiet" onPress={() => void run.look()}>
            {words.pay.again}
          </Button>
        </Notice>
      )
    case 'asked':
      return <Asked {...{ state, run, phone }} />
    case 'over':
      return <End title={phone.phone.overTitle} more={phone.phone.over} />
    case 'refused':
      return <End title={phone.phone.refusedTitle} more={phone.phone.refused} />
    case 'matched':
      return <Matched run={payRun(state.payment)} phone={phone} {...props} />
  }
}

type AskedProps = {
  readonly state: Extract<PhoneFlow, { step: 'asked' }>
  readonly run: PhoneRun
  readonly phone: PhoneWords
}

function Asked({ state, run, phone: { phone } }: AskedProps) {
  const { words, locale } = useSpeech()
  const { payee, amount, reference } = state.what
  return (
    <form
      class="handoff asked"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run.match()
      }}
    >
      <Avatar name={payee.name} />
      <h1>
        <Say phrase={phone.asks(payee.name)} />
      </h1>
      <p class="amount">{formatMoney(amount, locale)}</p>
      <p class="small">
        <Say phrase={words.pay.reference(reference)} />
      </p>
      {state.notice && <Notice tone={toneOf(state.notice)} advice={words.notices[state.notice]} />}
      <Field
        label={phone.number}
        hint={phone.numberHint}
        fault={state.isMissing && phone.missing}
        input={{
          name: 'number',
          value: state.text,
          inputMode: 'numeric',
          autoComplete: 'off',
          enterKeyHint: 'go',
          maxLength: 2,
          onInput: (event) => run.type(event.currentTarget.value),
        }}
      />
      <Button kind="primary" type="submit" busy={state.doing === 'matching' ? phone.going : null}>
        {phone.go}
      </Button>
      <p class="warning">{phone.warning}</p>
    </form>
  )
}

type MatchedProps = Omit<PhoneScreenProps, 'payRun'> & { readonly run: PayRun; readonly phone: PhoneWords }

/** The ordinary page of a bill, up to its end: what comes then is on the other screen. */
function Matched({ run, phone: { phone }, ...props }: MatchedProps) {
  const { locale } = useSpeech()
  const state = useFlow(run.flow)
  if (state.step !== 'settled') return <PayScreen run={run} here={null} {...props} />
  const { bill } = state
  if (!isPaid(bill)) return <End title={phone.notPaid} more={phone.notPaidMore} />
  return (
    <End title={phone.done} more={<Say phrase={phone.doneMore(bill.payee.name, formatMoney(bill.amount, locale))} />} />
  )
}

function End({ title, more }: { readonly title: string; readonly more: ComponentChildren }) {
  const heading = useHeadingFocus()
  return (
    <section class="handoff asked">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p class="lead" role="status">
        {more}
      </p>
    </section>
  )
}
