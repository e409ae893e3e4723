import { type Dispatch, type StateUpdater, useRef, useState } from 'preact/hooks'
import type { CardFace } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { codeLengthOf } from '../../shared/cardholder/card-number.ts'
import { currencies, parseCurrency } from '../../shared/money.ts'
import {
  brandOfEntry,
  type CardEntry,
  type CardFaults,
  type CardField,
  readCard,
  type Typing,
  typedCode,
  typedExpiry,
  typedNumber,
} from '../flows/card-entry.ts'
import type { CardStep } from '../flows/enrol-flow.ts'
import { Button } from '../parts/button.tsx'
import { BrandMark } from '../parts/card-line.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import type { Words } from '../words/en.ts'
import type { EnrolmentProps } from './enrolment.tsx'

type CardFormProps = EnrolmentProps & {
  readonly state: CardStep
  readonly entry: CardEntry
  readonly setEntry: Dispatch<StateUpdater<CardEntry>>
  readonly useCard: (details: CardDetails, face: CardFace) => Promise<void>
}

const fieldOrder: readonly CardField[] = ['number', 'expiry', 'code', 'holder', 'limit', 'gender']

/** Typed once, sealed here, and cleared. */
export function CardForm(props: CardFormProps) {
  const { state, entry, bankName, nowMs, useCard, cardButton } = props
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  const form = useRef<HTMLFormElement>(null)
  const [shown, setShown] = useState<ReadonlySet<CardField>>(new Set())
  const read = readCard(entry, state.payer.username, nowMs())
  const faults: CardFaults = Object.fromEntries(
    Object.entries(read.faults ?? {}).filter(([field]) =>
      fieldOrder.some((known) => known === field && shown.has(known)),
    ),
  )

  const submit = () => {
    if (read.faults === null) return void useCard(read.details, read.face)
    const { faults: all } = read
    setShown(new Set(fieldOrder))
    const first = fieldOrder.find((field) => all[field] !== undefined)
    const field = form.current?.querySelector<HTMLInputElement>(`[data-field="${first}"]`)
    // What is wrong may be behind the fold.
    field?.closest('details')?.setAttribute('open', '')
    field?.focus()
  }
  const leaveField = (field: CardField) => {
    if (entry[field] !== '') setShown(new Set([...shown, field]))
  }
  return (
    <form
      ref={form}
      noValidate
      class="card-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (state.doing === 'nothing') submit()
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {words.enrol.cardTitle}
      </h2>
      <p class="lead">
        <Say phrase={words.enrol.cardLead(bankName)} />
      </p>
      <CardTrouble state={state} />
      <CardFields {...props} faults={faults} leaveField={leaveField} />
      <Button kind="primary" type="submit" busy={cardBusyWords(state, words)}>
        {cardButton}
      </Button>
      <p class="touch">{words.pay.touch}</p>
    </form>
  )
}

export function cardBusyWords({ doing }: CardStep, { enrol, pay }: Words): string | null {
  return doing === 'nothing' ? null : doing === 'sealing' ? enrol.sealing : pay[doing]
}

function CardTrouble({ state: { notice, refused, insteadOf, payer } }: { state: CardStep }) {
  const { words } = useSpeech()
  if (insteadOf !== null) {
    return (
      <div class="notice note" role="alert">
        <p>
          <b>
            <Say phrase={words.enrol.somebodyElse(payer.display, insteadOf)} />
          </b>{' '}
          <Say phrase={words.enrol.somebodyElseMore(payer.display)} />
        </p>
      </div>
    )
  }
  if (refused) return <Notice tone="stop" title={words.notices['card-refused'].what} advice={words.declines[refused]} />
  return notice && <Notice tone="stop" advice={words.notices[notice]} />
}

type CardFieldsProps = CardFormProps & {
  readonly faults: CardFaults
  readonly leaveField: (field: CardField) => void
}

function CardFields({ entry, setEntry, faults, leaveField }: CardFieldsProps) {
  const { words } = useSpeech()
  const brand = brandOfEntry(entry)
  const codeDigits = codeLengthOf(brand)
  const put = (field: CardField, text: string) => setEntry((typed) => ({ ...typed, [field]: text }))
  const faultWords = (field: CardField) => faultText(faults, field, words)
  const digits = (field: CardField, typed: (typing: Typing) => Typing) => ({
    'data-field': field,
    value: entry[field],
    inputMode: 'numeric' as const,
    dir: 'ltr' as const,
    onBlur: () => leaveField(field),
    onInput: ({ currentTarget: input }: { currentTarget: HTMLInputElement }) => {
      const { text, caret } = typed({ text: input.value, caret: input.selectionStart ?? input.value.length })
      input.value = text
      input.setSelectionRange(caret, caret)
      put(field, text)
    },
  })
  const text = (field: CardField) => ({
    'data-field': field,
    value: entry[field],
    dir: 'auto' as const,
    onBlur: () => leaveField(field),
    onInput: ({ currentTarget: input }: { currentTarget: HTMLInputElement }) => put(field, input.value),
  })
  return (
    <>
      <Field
        label={words.enrol.number}
        fault={faultWords('number')}
        after={<BrandMark brand={brand} />}
        input={{ ...digits('number', typedNumber), name: 'cardnumber', autoComplete: 'cc-number', maxLength: 23 }}
      />
      <div class="pair">
        <Field
          label={words.enrol.expiry}
          hint={words.enrol.expiryHint}
          fault={faultWords('expiry')}
          input={{ ...digits('expiry', typedExpiry), name: 'cc-exp', autoComplete: 'cc-exp', maxLength: 9 }}
        />
        <Field
          label={words.enrol.code}
          hint={words.enrol.codeHint(codeDigits)}
          fault={faultWords('code')}
          input={{
            ...digits('code', (typing) => typedCode(typing, brand)),
            name: 'cvc',
            autoComplete: 'cc-csc',
            maxLength: codeDigits,
          }}
        />
      </div>
      <Field
        label={words.enrol.holder}
        fault={faultWords('holder')}
        input={{ ...text('holder'), name: 'ccname', autoComplete: 'cc-name', autoCapitalize: 'words', maxLength: 64 }}
      />
      <details class="more-fields">
        <summary>{words.enrol.more}</summary>
        <div class="pair">
          <Field
            label={words.enrol.limit}
            hint={words.enrol.limitHint}
            fault={faultWords('limit')}
            input={{ ...text('limit'), inputMode: 'decimal', autoComplete: 'off', maxLength: 13 }}
          />
          <CurrencyChoice entry={entry} setEntry={setEntry} />
        </div>
        <Field
          label={words.enrol.gender}
          hint={words.enrol.genderHint}
          input={{ ...text('gender'), name: 'sex', autoComplete: 'sex', maxLength: 16 }}
        />
      </details>
    </>
  )
}

function CurrencyChoice({ entry, setEntry }: Pick<CardFormProps, 'entry' | 'setEntry'>) {
  const { words } = useSpeech()
  return (
    <label class="field">
      <span>{words.enrol.currency}</span>
      <select
        value={entry.currency}
        onChange={({ currentTarget }) =>
          setEntry((typed) => ({ ...typed, currency: parseCurrency(currentTarget.value) }))
        }
      >
        {currencies.map((currency) => (
          <option key={currency} value={currency}>
            {currency}
          </option>
        ))}
      </select>
    </label>
  )
}

function faultText(faults: CardFaults, field: CardField, { enrol, notices }: Words): string | undefined {
  const fault = faults[field]
  if (fault === undefined) return undefined
  if (fault === 'name-is-card') return enrol.nameIsCard
  if (fault === 'limit-malformed') return enrol.limitWrong
  return `${notices[fault].what} ${notices[fault].next}`
}
