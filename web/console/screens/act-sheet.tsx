import { formatMoney } from '../../../shared/money-text.ts'
import type { MerchantPayment } from '../../../shared/wire/merchant-api.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Notice } from '../../parts/notice.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import { actsOn, leftFor } from '../flows/act-flow.ts'
import type { PaymentRun } from '../flows/payment-run.ts'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'

type ActsProps = { readonly run: PaymentRun; readonly payment: MerchantPayment }

/** What can be done to a payment: nothing happens at the first tap, and each second one says what it does. */
export function Acts({ run, payment }: ActsProps) {
  const { acts: said } = useConsoleWords()
  const state = useFlow(run.act)
  const possible = actsOn(payment)
  if (possible.length === 0 && state === null) return null
  return (
    <div class="acts">
      {possible.map((act) => (
        <Button key={act} kind="quiet" onPress={() => run.choose(act)}>
          {said.names[act]}
        </Button>
      ))}
      {state !== null && <ActSheet {...{ run, payment }} />}
    </div>
  )
}

function ActSheet({ run, payment }: ActsProps) {
  const { locale, words } = useSpeech()
  const { acts: said } = useConsoleWords()
  const advice = useAdvice()
  const state = useFlow(run.act)
  if (state === null) return null
  const { act, typed, reason, isBusy, isMalformed, notice } = state
  const { send } = run.act
  const left = formatMoney({ minor: leftFor(act, payment), currency: payment.amount.currency }, locale)
  const takesAmount = act === 'capture' || act === 'refund'
  return (
    <Sheet title={said.names[act]} closeWords={said.notNow} closed={() => send({ type: 'closed' })}>
      <form
        class="narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void run.perform()
        }}
      >
        <p>{said.more[act](left)}</p>
        {notice !== null && <Notice tone="stop" advice={advice(notice)} />}
        {takesAmount && (
          <Field
            label={said.amount(payment.amount.currency)}
            hint={said.all(left)}
            fault={isMalformed && said.malformed}
            input={{
              value: typed,
              inputMode: 'decimal',
              autoComplete: 'off',
              placeholder: left,
              onInput: (event) => send({ type: 'typed', typed: event.currentTarget.value }),
            }}
          />
        )}
        {act === 'refund' && (
          <Field
            label={said.reason}
            hint={said.reasonMore}
            input={{
              value: reason,
              maxLength: 200,
              autoComplete: 'off',
              onInput: (event) => send({ type: 'reasoned', reason: event.currentTarget.value }),
            }}
          />
        )}
        <Button kind="primary" type="submit" busy={isBusy ? words.loading : null}>
          {said.now[act]}
        </Button>
      </form>
    </Sheet>
  )
}
