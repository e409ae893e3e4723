import { useEffect, useRef, useState } from 'preact/hooks'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import { recoveryClient } from '../doors/recovery-client.ts'
import { toneOf } from '../flows/notice.ts'
import type { Tools } from '../flows/pay-run.ts'
import { type RecoveryRun, recoveryRun } from '../flows/recovery-run.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Steps } from '../parts/steps.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { RecoveryCode } from './recovery-code.tsx'
import '../wallet.css'

type RecoveryStepProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly payer: Payer
  readonly home: () => void
}

/** The name is taken and the card is added: whoever cannot be offered a code by then is not kept waiting. */
const patienceMs = 4_000

/** The last step of an enrolment: what to have on paper before the phone is gone. Whoever has it already does not meet this. */
export function RecoveryStep({ tools, configuration, payer, home }: RecoveryStepProps) {
  const wallet = useWalletWords()
  const [run] = useState(() =>
    recoveryRun(
      { ...tools, recovery: recoveryClient(tools.client.ask) },
      configuration,
      () => payer,
      async () => home(),
    ),
  )
  const [isNeeded, setNeeded] = useState(false)
  const offered = useRef(false)
  offered.current = wallet !== null && isNeeded
  useEffect(() => {
    let isCurrent = true
    const patience = setTimeout(() => offered.current || home(), patienceMs)
    void run.read().then(() => {
      if (!isCurrent) return
      if (run.flow.now().codeMadeAtMs !== null) return home()
      setNeeded(true)
      void run.prepare()
    })
    return () => {
      isCurrent = false
      clearTimeout(patience)
    }
  }, [run])
  return wallet && isNeeded ? <Offer {...{ run, wallet, home }} /> : <Busy />
}

type OfferProps = { readonly run: RecoveryRun; readonly wallet: WalletWords; readonly home: () => void }

function Offer({ run, wallet, home }: OfferProps) {
  const { words } = useSpeech()
  const heading = useHeadingFocus()
  const { codeMadeAtMs, isTouching, notice } = useFlow(run.flow)
  const { recovery, card } = wallet
  return (
    <section class="enrolment recovery-step">
      <Steps count={3} done={2} />
      <h2 ref={heading} tabIndex={-1}>
        {recovery.title}
      </h2>
      <p class="lead">{recovery.none}</p>
      {notice !== null && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      <Button kind="primary" busy={isTouching ? card.touching : null} onPress={() => void run.make()}>
        {codeMadeAtMs === null ? recovery.make : recovery.makeAnew}
      </Button>
      <p class="touch">{words.pay.touch}</p>
      <div class="other-ways">
        <Button disabled={isTouching} onPress={home}>
          {words.enrol.later}
        </Button>
      </div>
      <RecoveryCode {...{ run, wallet }} putAway={(isOnPaper) => (isOnPaper ? home() : run.putAway())} />
    </section>
  )
}
