import { useEffect, useState } from 'preact/hooks'
import { formatMoney } from '../../shared/money-text.ts'
import type { Configuration } from '../../shared/wire/payment-api.ts'
import { cardToPayWith } from '../flows/card-use.ts'
import { payerOf } from '../flows/enrol-flow.ts'
import { type EnrolRun, enrolRun } from '../flows/enrol-run.ts'
import type { PayFlow } from '../flows/pay-flow.ts'
import type { PayRun, Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import { Enrolment } from './enrolment.tsx'
import { enrolmentDoors } from './enrolment-doors.ts'

type CheckoutEnrolmentProps = {
  readonly state: Extract<PayFlow, { step: 'enrolling' }>
  readonly run: PayRun
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
}

/** A new payer becomes one without leaving the bill: the touch that adds the card pays it too. */
export function CheckoutEnrolment({ state, run, tools, configuration }: CheckoutEnrolmentProps) {
  const { words, locale } = useSpeech()
  const [enrolment, setEnrolment] = useState<{ run: EnrolRun; configuration: Configuration } | null>(null)
  const { bill } = state.open
  useEffect(() => {
    void configuration().then((known) => {
      const use = cardToPayWith(tools.client, bill, run)
      setEnrolment({ run: enrolRun({ ...tools, ...enrolmentDoors }, known, state.from, use), configuration: known })
    })
  }, [run])
  if (!enrolment) return <Busy />
  return (
    <Enrolment
      run={enrolment.run}
      bankName={enrolment.configuration.bank.name}
      currency={bill.amount.currency}
      nowMs={tools.nowMs}
      cardButton={<Say phrase={words.pay.button(bill.payee.name, formatMoney(bill.amount, locale))} />}
      leave={() => run.leaveEnrolment(payerOf(enrolment.run.flow.now()))}
      leaveWords={words.back}
      steps={2}
    />
  )
}
