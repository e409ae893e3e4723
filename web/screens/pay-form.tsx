import { useEffect } from 'preact/hooks'
import { formatMoney } from '../../shared/money-text.ts'
import { cardsOf, type Doing, displayOf, mayAddCard, type OpenBill } from '../flows/pay-flow.ts'
import type { PayRun } from '../flows/pay-run.ts'
import { preparedLifetimeMs } from '../flows/prepare.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { CardLine, useCardName } from '../parts/card-line.tsx'
import { Field } from '../parts/field.tsx'
import { useFirstSpeech } from '../parts/language-context.ts'
import { later, laterInSilence } from '../parts/later.tsx'
import { Say } from '../parts/say.tsx'
import { whenIdle } from '../parts/when-idle.ts'
import type { FirstWords } from '../words/first-en.ts'

const Remaining = laterInSilence(async () => (await import('./remaining.tsx')).Remaining)
const WhatHappened = later(async () => (await import('./what-happened.tsx')).WhatHappened)
const WhoPays = later(async () => (await import('./who-pays.tsx')).WhoPays)

export type PayFormProps = {
  readonly state: OpenBill
  readonly run: PayRun
  /** Absent where this is the phone already. */
  readonly usePhone?: () => void
}

/** Who pays, with which card, and the one button. */
export function PayForm({ state, run, usePhone }: PayFormProps) {
  const { words, locale } = useFirstSpeech()
  const { bill, who, doing, choosing } = state
  // Why a tap came to nothing is here before the tap: by then there may be no network.
  useEffect(() => whenIdle(WhatHappened.prefetch), [])
  return (
    <form
      class="pay-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run.pay()
      }}
    >
      {(state.notice !== null || bill.state === 'declined') && <WhatHappened state={state} />}
      {choosing ? (
        <WhoPays state={state} run={run} />
      ) : who.kind === 'typing' ? (
        <NameField state={state} run={run} />
      ) : (
        <Payer state={state} run={run} />
      )}
      {!choosing && (
        <>
          <Button kind="primary" type="submit" busy={busyWords(doing, words)}>
            <Say phrase={words.pay.button(bill.payee.name, formatMoney(bill.amount, locale))} />
          </Button>
          <p class="touch">{words.pay.touch}</p>
        </>
      )}
      <OtherWays {...{ state, run, ...(usePhone && { usePhone }) }} />
    </form>
  )
}

function busyWords(doing: Doing, { pay }: FirstWords): string | null {
  return doing === 'nothing' ? null : pay[doing]
}

function NameField({ state, run }: PayFormProps) {
  const { words } = useFirstSpeech()
  const isIdle = state.doing === 'nothing'
  useEffect(() => {
    // The browser's autofill may name the person; what it signs is made anew before it is stale. A tap ends the offer,
    // and where nothing came of the tap it is made again.
    if (!isIdle) return
    void run.offerPasskeys()
    const renew = setInterval(() => void run.offerPasskeys(), preparedLifetimeMs)
    return () => clearInterval(renew)
  }, [run, isIdle])
  return (
    <Field
      label={words.pay.name}
      hint={words.pay.nameHint}
      input={{
        name: 'username',
        value: displayOf(state.who) && state.who.kind === 'typing' ? state.who.text : '',
        autoComplete: 'username webauthn',
        autoCapitalize: 'none',
        autoCorrect: 'off',
        spellcheck: false,
        enterKeyHint: 'go',
        dir: 'auto',
        maxLength: 256,
        onInput: (event) => run.type(event.currentTarget.value),
        onBlur: () => void run.prepare(),
      }}
    />
  )
}

function Payer({ state, run }: PayFormProps) {
  const { words } = useFirstSpeech()
  const name = displayOf(state.who)
  return (
    <div class="payer">
      <div class="row">
        <Avatar name={name} />
        <span class="who">
          <small>{words.pay.as}</small>
          <bdi>{name}</bdi>
        </span>
        <Button onPress={() => run.flow.send({ type: 'choose-name' })}>{words.pay.change}</Button>
      </div>
      <Cards state={state} run={run} />
      <Left state={state} run={run} />
    </div>
  )
}

/** One card is a line; several are a choice. */
function Cards({ state, run }: PayFormProps) {
  const { words } = useFirstSpeech()
  const cardName = useCardName()
  const cards = cardsOf(state.who)
  const chosen = cards.find(({ id }) => id === state.card)
  if (!chosen && cards.length < 2) return null
  if (cards.length < 2) return <div class="row">{chosen && <CardLine {...chosen} />}</div>
  return (
    <fieldset class="cards">
      <legend class="sr">{words.pay.card}</legend>
      {cards.map(({ id, face, nickname, isFrozen }) => (
        <label key={id} class="row choice">
          <input
            type="radio"
            class="radio"
            name="card"
            aria-label={cardName(face, nickname, isFrozen)}
            checked={id === state.card}
            onChange={() => run.chooseCard(id)}
          />
          <CardLine {...{ face, nickname, isFrozen }} />
        </label>
      ))}
    </fieldset>
  )
}

/** Of limits only who is signed in hears: a name alone says nothing about its cards. */
function Left({ state: { who, card, bill }, run }: PayFormProps) {
  if (who.kind !== 'signed-in' || card === null) return null
  return (
    <p class="left" aria-live="polite">
      <Remaining {...{ bill, card, run }} />
    </p>
  )
}

function OtherWays({ state, run, usePhone }: PayFormProps) {
  const { words } = useFirstSpeech()
  const { bill, who, doing, choosing } = state
  const isBusy = doing !== 'nothing'
  return (
    <div class="other-ways">
      {who.kind === 'typing' && !choosing && (
        <p class="new-here">
          {words.pay.newHere}{' '}
          <Button disabled={isBusy} onPress={run.newHere}>
            {words.pay.makeName}
          </Button>
        </p>
      )}
      {mayAddCard(state) && !choosing && (
        <Button kind={bill.state === 'declined' ? 'quiet' : 'plain'} disabled={isBusy} onPress={run.addCard}>
          {words.pay.anotherCard}
        </Button>
      )}
      {usePhone && !choosing && (
        <span class="use-phone">
          <Button disabled={isBusy} onPress={usePhone}>
            {words.pay.usePhone}
          </Button>
        </span>
      )}
      <Button disabled={isBusy} onPress={() => void run.cancel()}>
        {words.pay.cancel}
      </Button>
    </div>
  )
}
