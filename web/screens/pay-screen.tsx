import { useEffect, useState } from 'preact/hooks'
import type { Bill, Configuration } from '../../shared/wire/payment-api.ts'
import type { PasskeysHere } from '../doors/passkeys-here.ts'
import type { OpenBill } from '../flows/pay-flow.ts'
import type { PayRun, Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { useKeptFocus } from '../parts/keep-focus.ts'
import { useFirstSpeech, useSpeechToCome } from '../parts/language-context.ts'
import { later } from '../parts/later.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useReturns } from '../parts/use-returns.ts'
import { whenIdle } from '../parts/when-idle.ts'
import { textOf } from '../words/phrase.ts'
import { BillSlip } from './bill-slip.tsx'
import { PayForm } from './pay-form.tsx'

const CheckoutEnrolment = later(async () => (await import('./checkout-enrolment.tsx')).CheckoutEnrolment)
const Waiting = later(async () => (await import('./waiting.tsx')).Waiting)
const HandOff = later(async () => (await import('./hand-off.tsx')).HandOff)
const Settled = later(async () => (await import('./settled.tsx')).Settled)
const Unreadable = later(async () => (await import('./unreadable.tsx')).Unreadable)

export type PayScreenProps = {
  readonly run: PayRun
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  /** Null on the phone that a bill was handed to: there it stays. */
  readonly here: PasskeysHere | null
  /** To the shop, for good. */
  readonly leave: (bill: Bill) => void
}

export function PayScreen({ run, tools, configuration, here, leave }: PayScreenProps) {
  const { words } = useFirstSpeech()
  const [isForPhone, setForPhone] = useState(here === 'doubtful' || here === 'nowhere')
  const state = useFlow(run.flow)
  useKeptFocus(isForPhone ? 'for a phone' : 'for this device')
  // The bill as it is now, and the button ready.
  useReturns(() => void run.refresh(), run)
  useReadiness(state.step === 'open' || state.step === 'enrolling')
  useDoubt(state.step === 'reading')
  useTitle(state.step === 'open' ? textOf(words.pay.title(state.bill.payee.name)) : 'Moniker')
  switch (state.step) {
    case 'reading':
      return <Busy />
    case 'unreadable':
      return <Unreadable notice={state.notice} again={() => void run.read()} />
    case 'open':
      return (
        <>
          <Slip open={state} run={run} compact={isForPhone} />
          {isForPhone && here ? (
            <HandOff {...{ state, run, tools, here }} back={() => setForPhone(false)} />
          ) : (
            <PayForm state={state} run={run} {...(here && { usePhone: () => setForPhone(true) })} />
          )}
        </>
      )
    case 'enrolling':
      return (
        <>
          <Slip open={state.open} run={run} compact />
          <CheckoutEnrolment {...{ state, run, tools, configuration }} />
        </>
      )
    case 'waiting':
      return (
        <>
          <BillSlip bill={state.open.bill} />
          <Waiting bill={state.open.bill} leave={leave} />
        </>
      )
    case 'settled':
      return <Settled {...state} leave={leave} />
  }
}

const Slip = ({ open, run, compact }: { open: OpenBill; run: PayRun; compact?: boolean }) => (
  <BillSlip bill={open.bill} onEnd={() => void run.refresh()} compact={compact ?? false} />
)

/** What is shown once money has moved is here before it moves: by then there may be no network. */
function useReadiness(isOpen: boolean): void {
  const { language, fetchWords } = useSpeechToCome()
  useEffect(() => {
    if (!isOpen) return
    return whenIdle(() => {
      void fetchWords().catch(() => undefined)
      Settled.prefetch()
      Waiting.prefetch()
    })
  }, [isOpen, language])
}

const slowAfterMs = 1_500

/** A bill that is long in coming may not come, and then there may be no network to fetch the words for it. */
function useDoubt(isReading: boolean): void {
  const { language, fetchWords } = useSpeechToCome()
  useEffect(() => {
    if (!isReading) return
    const doubting = setTimeout(() => {
      void fetchWords().catch(() => undefined)
      Unreadable.prefetch()
    }, slowAfterMs)
    return () => clearTimeout(doubting)
  }, [isReading, language])
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}
