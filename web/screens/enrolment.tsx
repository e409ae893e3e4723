import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { CardFace } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { Currency } from '../../shared/money.ts'
import { type CardEntry, emptyCardEntry } from '../flows/card-entry.ts'
import type { CardStep, NameStep as Name, SignInStep as SignIn } from '../flows/enrol-flow.ts'
import type { EnrolRun } from '../flows/enrol-run.ts'
import { toneOf } from '../flows/notice.ts'
import { Button } from '../parts/button.tsx'
import { CardPicture } from '../parts/card-picture.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { Steps } from '../parts/steps.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { CardForm, cardBusyWords } from './card-form.tsx'

export type EnrolmentProps = {
  readonly run: EnrolRun
  readonly bankName: string
  readonly currency: Currency
  readonly nowMs: () => number
  /** What the button under the card does, in words. */
  readonly cardButton: ComponentChildren
  readonly leave: () => void
  readonly leaveWords: string
  /** How many there are, with those that come after the card. */
  readonly steps: number
}

/** Name, passkey, card. The card that is being typed stays here while the steps change. */
export function Enrolment(props: EnrolmentProps) {
  const state = useFlow(props.run.flow)
  const [entry, setEntry] = useState<CardEntry>(() => emptyCardEntry(props.currency))
  const useCard = async (details: CardDetails, face: CardFace) => {
    setEntry((typed) => ({ ...typed, code: '' })) // the one thing that nobody keeps, not even this form
    await props.run.useCard(details, face)
  }
  return (
    <section class="enrolment">
      <Steps count={props.steps} done={state.step === 'name' ? 0 : 1} />
      {state.step === 'name' && <NameStep state={state} {...props} />}
      {state.step === 'sign-in' && <SignInStep state={state} {...props} />}
      {state.step === 'card' &&
        (state.sealed === null ? (
          <CardForm {...props} {...{ state, entry, setEntry, useCard }} />
        ) : (
          <SealedStep state={state} {...props} holder={entry.holder} />
        ))}
      {state.step !== 'done' && (
        <div class="other-ways">
          <Button disabled={state.doing !== 'nothing'} onPress={props.leave}>
            {props.leaveWords}
          </Button>
        </div>
      )}
    </section>
  )
}

function NameStep({ state, run }: { state: Name } & EnrolmentProps) {
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  const { answer, doing, notice } = state
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run.makePasskey()
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {words.enrol.nameTitle}
      </h2>
      <p class="lead">{words.enrol.nameLead}</p>
      {notice && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      <Field
        label={words.enrol.name}
        hint={answer.kind === 'checking' && words.enrol.checking}
        good={answer.kind === 'free' && <Say phrase={words.enrol.free(answer.display)} />}
        fault={answer.kind === 'refused' && `${words.notices[answer.notice].what} ${words.notices[answer.notice].next}`}
        input={{
          name: 'username',
          value: state.text,
          readOnly: doing !== 'nothing',
          autoComplete: 'username',
          autoCapitalize: 'none',
          autoCorrect: 'off',
          spellcheck: false,
          enterKeyHint: 'next',
          dir: 'auto',
          maxLength: 64,
          onInput: (event) => run.type(event.currentTarget.value),
        }}
      />
      <Button
        kind="primary"
        type="submit"
        busy={{ nothing: null, asking: words.enrol.checking, making: words.enrol.making }[doing]}
      >
        {words.enrol.makePasskey}
      </Button>
      <p class="touch">{words.onePasskey}</p>
    </form>
  )
}

function SignInStep({ state, run }: { state: SignIn } & EnrolmentProps) {
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  // Asked for before the tap, which then reaches the passkey at once.
  useEffect(() => void run.prepareSignIn(), [run])
  return (
    <div class="sign-in-step">
      <h2 ref={heading} tabIndex={-1}>
        {words.enrol.signInTitle}
      </h2>
      <p class="lead">
        <Say phrase={words.enrol.signInLead(state.name.display)} />
      </p>
      {state.notice && <Notice tone="note" advice={words.notices[state.notice]} />}
      <Button
        kind="primary"
        busy={state.doing === 'signing' ? words.wallet.signingIn : null}
        onPress={() => void run.signIn()}
      >
        <Say phrase={words.wallet.signInAs(state.name.display)} />
      </Button>
    </div>
  )
}

/** The card is typed and sealed; the touch that was missed is asked for again. */
function SealedStep({
  state,
  run,
  bankName,
  cardButton,
  holder,
}: { state: CardStep; holder: string } & EnrolmentProps) {
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  if (state.sealed === null) return null
  return (
    <div class="sealed-step">
      <h2 ref={heading} tabIndex={-1}>
        {words.enrol.ready}
      </h2>
      <p class="lead">{words.enrol.readyMore}</p>
      {state.notice && <Notice tone="note" advice={words.notices[state.notice]} />}
      <CardPicture face={state.sealed.face} bank={bankName} holder={holder} />
      <Button kind="primary" busy={cardBusyWords(state, words)} onPress={() => void run.confirm()}>
        {cardButton}
      </Button>
      <div class="other-ways">
        <Button disabled={state.doing !== 'nothing'} onPress={run.edit}>
          {words.enrol.edit}
        </Button>
      </div>
    </div>
  )
}
