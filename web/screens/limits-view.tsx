import { useEffect, useId, useState } from 'preact/hooks'
import { type LimitKind, raiseWaitsMs, startsOf } from '../../shared/card-limits.ts'
import { type Currency, currencies, formatMoney, isCurrency } from '../../shared/money-text.ts'
import { recoveredLimits } from '../../shared/recovery.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { amountIn } from '../flows/amount-in.ts'
import { amountsOn, placeOf } from '../flows/limit-scale.ts'
import { effectOf, limitKinds, type OpenLimits, secondsFor, textOfAmount } from '../flows/limits-flow.ts'
import type { LimitsRun } from '../flows/limits-run.ts'
import { toneOf } from '../flows/notice.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useReturns } from '../parts/use-returns.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type LimitsViewProps = { readonly begin: () => LimitsRun; readonly wallet: WalletWords }

/** What a card may pay at most: how much of it is spent, and what a change would do before it is signed. */
export function LimitsView({ begin, wallet }: LimitsViewProps) {
  const { words } = useSpeech()
  const [run] = useState(begin)
  const state = useFlow(run.flow)
  useEffect(() => {
    void run.read()
    return run.stop
  }, [run])
  useReturns(() => void run.read(), run)
  if (state.step === 'reading') return <Busy />
  if (state.step === 'unreadable') {
    return (
      <Notice tone="stop" advice={words.notices[state.notice]}>
        <Button kind="quiet" onPress={() => void run.read()}>
          {words.pay.again}
        </Button>
      </Notice>
    )
  }
  return (
    <>
      {state.notice && <Notice tone={toneOf(state.notice)} advice={words.notices[state.notice]} />}
      <Sliders {...{ state, run, wallet }} />
      <Waiting {...{ state, run, wallet }} />
    </>
  )
}

type OpenProps = { readonly state: OpenLimits; readonly run: LimitsRun; readonly wallet: WalletWords }

function Sliders({ state, run, wallet: { limits: words } }: OpenProps) {
  const { locale } = useSpeech()
  const { allowance, doing, isSaved } = state
  const { lowers, raises } = effectOf(state)
  const isChanged = lowers || raises
  const isHeld = allowance.heldUntilMs !== null
  const midnight = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(startsOf(allowance.nowMs).dayMs)
  return (
    <form
      class="limits"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged && !(raises && isHeld)) void run.save()
      }}
    >
      <Held {...{ state, words }} />
      <Currencies {...{ state, run }} label={words.currency} />
      {limitKinds.map((kind) => (
        <Slider key={kind} {...{ kind, state, run, words }} />
      ))}
      <p class="limits-more">{words.midnight(midnight)}</p>
      <p class="limits-effect" role="status">
        {isSaved && !isChanged && (allowance.isToldToBank ? words.saved : words.untold)}
        {lowers && words.lowers} {raises && isHeld && words.heldRaises}{' '}
        {raises && !isHeld && <Raise {...{ allowance, words }} />}
      </p>
      {(isChanged || allowance.pending === null) && (
        <Button
          kind="primary"
          type="submit"
          busy={doing === 'saving' ? words.touching : null}
          disabled={!isChanged || (raises && isHeld)}
        >
          {words.save}
        </Button>
      )}
    </form>
  )
}

type Words = WalletWords['limits']

/** The name was got back lately: what a card pays at most besides, and until when. */
function Held({ state: { allowance, currency }, words }: { readonly state: OpenLimits; readonly words: Words }) {
  const { locale } = useSpeech()
  if (allowance.heldUntilMs === null) return null
  const { perPaymentMinor, perDayMinor } = recoveredLimits(currency)
  const money = (minor: number | null) => formatMoney({ minor: minor ?? 0, currency }, locale)
  return (
    <p class="notice news">
      {words.held(momentOf(allowance.heldUntilMs, locale), money(perPaymentMinor), money(perDayMinor))}
    </p>
  )
}

function Raise({ allowance, words }: { allowance: OpenLimits['allowance']; words: Words }) {
  const { locale } = useSpeech()
  const when = momentOf(allowance.nowMs + raiseWaitsMs, locale)
  return <>{allowance.longBound.length > 1 ? words.raisesOrNow(when) : words.raises(when)}</>
}

/** Which money is limited, while nothing says so yet. */
function Currencies({ state, run, label }: Omit<OpenProps, 'wallet'> & { readonly label: string }) {
  const id = useId()
  const { allowance, currency } = state
  if (allowance.limits !== null || allowance.pending !== null || allowance.spent.length === 1) return null
  const choice: readonly Currency[] =
    allowance.spent.length > 1 ? allowance.spent.map((one) => one.currency) : currencies
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="box">
        <select
          id={id}
          value={currency}
          onChange={({ currentTarget: { value } }) => {
            if (isCurrency(value)) run.flow.send({ type: 'currency', currency: value })
          }}
        >
          {choice.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </div>
    </div>
  )
}

type SliderProps = Omit<OpenProps, 'wallet'> & { readonly kind: LimitKind; readonly words: Words }

function Slider({ kind, state, run, words }: SliderProps) {
  const { locale } = useSpeech()
  const id = useId()
  const { allowance, currency, draft } = state
  const text = draft[kind]
  const typed = amountIn(text, currency)
  const minor = typed === 'malformed' ? null : typed
  const amounts = amountsOn(currency, minor)
  const money = (amount: number) => formatMoney({ minor: amount, currency }, locale)
  const spent = spentOf(kind, allowance, currency)
  const said = minor === null ? words.none : money(minor)
  const spentSaid = spent === null ? null : words.spent[kind](money(spent))
  const set = (value: string) => run.flow.send({ type: 'typed', kind, text: value })
  const filled = `${(100 * placeOf(spent ?? 0, amounts)).toFixed(1)}%`
  return (
    <fieldset class={typed === 'malformed' ? 'limit wrong' : 'limit'}>
      <legend>{words.kinds[kind]}</legend>
      <label class="limit-exact">
        <span class="sr">{words.exact[kind]}</span>
        <span aria-hidden="true">{currency}</span>
        <input
          value={text}
          placeholder={words.none}
          inputMode="decimal"
          autoComplete="off"
          maxLength={13}
          aria-invalid={typed === 'malformed' ? 'true' : undefined}
          aria-describedby={`${id}-more`}
          onInput={(event) => set(event.currentTarget.value)}
        />
      </label>
      <input
        type="range"
        min={0}
        max={amounts.length}
        step={1}
        value={minor === null ? amounts.length : amounts.indexOf(minor)}
        aria-label={words.kinds[kind]}
        aria-valuetext={spentSaid === null ? said : `${said}, ${spentSaid}`}
        style={{ '--spent': filled }}
        onInput={({ currentTarget: { valueAsNumber } }) => {
          const amount = amounts[valueAsNumber]
          set(amount === undefined ? '' : textOfAmount(amount, currency))
        }}
      />
      <p id={`${id}-more`} class="limit-more" aria-live="polite">
        {typed === 'malformed' ? words.malformed : spentSaid}
      </p>
    </fieldset>
  )
}

function spentOf(kind: LimitKind, { spent }: OpenLimits['allowance'], currency: Currency): number | null {
  if (kind === 'payment') return null
  const own = spent.find((one) => one.currency === currency)
  return (kind === 'day' ? own?.dayMinor : own?.monthMinor) ?? 0
}

/** What was asked for and does not hold yet: when it will, how it can at once, and how it never does. */
function Waiting({ state, run, wallet: { limits: words } }: OpenProps) {
  const { locale } = useSpeech()
  const { allowance, doing } = state
  const { pending } = allowance
  if (pending === null) return null
  const parts = pending.limits === null ? [words.none] : partsOf(pending.limits, allowance.limits, words, locale)
  const canSecond = secondsFor(allowance).length > 0
  return (
    <section class="limits-waiting" aria-label={words.waiting}>
      <h3>{words.waitingFrom(momentOf(pending.fullFromMs, locale))}</h3>
      <p>{new Intl.ListFormat(locale).format(parts)}</p>
      {canSecond && (
        <Button kind="quiet" busy={doing === 'seconding' ? words.touching : null} onPress={() => void run.second()}>
          {words.second}
        </Button>
      )}
      <Button busy={doing === 'canceling' ? words.touching : null} onPress={() => void run.cancelRaise()}>
        {words.cancel}
      </Button>
    </section>
  )
}

/** What will be other than now. */
function partsOf(limits: CardLimits, now: CardLimits | null, words: Words, locale: string): string[] {
  const { currency } = limits
  const [before, after] = [minorsOf(now), minorsOf(limits)]
  return limitKinds
    .filter((kind) => before[kind] !== after[kind] || now?.currency !== currency)
    .map((kind) => {
      const minor = after[kind]
      return words.part[kind](minor === null ? words.none : formatMoney({ minor, currency }, locale))
    })
}

const minorsOf = (limits: CardLimits | null): Record<LimitKind, number | null> => ({
  payment: limits?.perPaymentMinor ?? null,
  day: limits?.perDayMinor ?? null,
  month: limits?.perMonthMinor ?? null,
})

const momentOf = (atMs: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', hour: 'numeric', minute: '2-digit' }).format(atMs)
