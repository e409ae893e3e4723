import { useEffect, useState } from 'preact/hooks'
import type { Currency } from '../../shared/money.ts'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { RememberedName } from '../doors/device.ts'
import { walletClient } from '../doors/wallet-client.ts'
import { cardToAdd } from '../flows/card-use.ts'
import { payerOf } from '../flows/enrol-flow.ts'
import { type EnrolRun, enrolRun } from '../flows/enrol-run.ts'
import { type NoticeCode, noticeOf } from '../flows/notice.ts'
import type { EnrolmentStart } from '../flows/pay-flow.ts'
import type { Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { Enrolment } from './enrolment.tsx'
import { enrolmentDoors } from './enrolment-doors.ts'
import { RecoveryStep } from './recovery-step.tsx'

type EnrolScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly home: () => void
  /** It was opened for another card: whoever this device knows has a name already. */
  readonly isForCard: boolean
}

type Opened = {
  readonly run: EnrolRun
  readonly known: Configuration
  /** Somebody who has no name yet; whoever has one only adds a card. */
  readonly isNew: boolean
}

/** Outside of a checkout: a name first, or only another card where somebody is signed in. */
export function EnrolScreen({ tools, configuration, home, isForCard }: EnrolScreenProps) {
  const { words } = useSpeech()
  const [opened, setOpened] = useState<Opened | null>(null)
  const [notice, setNotice] = useState<NoticeCode | null>(null)
  const begin = () => {
    setNotice(null)
    void open(tools, configuration, isForCard).then(setOpened, (error: unknown) => setNotice(noticeOf(error)))
  }
  useEffect(begin, [tools, configuration, isForCard])
  if (notice) {
    return (
      <Notice tone="stop" advice={words.notices[notice]}>
        <Button kind="quiet" onPress={begin}>
          {words.pay.again}
        </Button>
      </Notice>
    )
  }
  return opened ? <Opened {...opened} {...{ tools, configuration, home }} /> : <Busy />
}

async function open(tools: Tools, configuration: () => Promise<Configuration>, isForCard: boolean): Promise<Opened> {
  const [known, payer, names] = await Promise.all([
    configuration(),
    tools.client.whoIsHere().catch(() => null),
    isForCard ? tools.device.names() : [],
  ])
  const from = startOf(payer, names[0])
  const run = enrolRun({ ...tools, ...enrolmentDoors }, known, from, cardToAdd(walletClient(tools.client.ask)))
  return { run, known, isNew: from.at === 'name' }
}

function startOf(payer: Payer | null, name: RememberedName | undefined): EnrolmentStart {
  if (payer) return { at: 'card', payer }
  return name ? { at: 'sign-in', name, notice: null } : { at: 'name' }
}

type OpenedProps = Opened & Pick<EnrolScreenProps, 'tools' | 'configuration' | 'home'>

function Opened({ run, known, isNew, tools, configuration, home }: OpenedProps) {
  const { words, language } = useSpeech()
  const state = useFlow(run.flow)
  const [isLeft, setLeft] = useState(false)
  const payer = payerOf(state)
  const isOver = isLeft || state.step === 'done'
  const isCodeNext = isNew && payer !== undefined
  useEffect(() => {
    if (isOver && !isCodeNext) home()
  }, [isOver, isCodeNext, home])
  if (isOver) return payer && isCodeNext ? <RecoveryStep {...{ tools, configuration, payer, home }} /> : <Busy />
  const currency: Currency = language === 'zh' ? 'CNY' : 'EUR'
  return (
    <Enrolment
      run={run}
      bankName={known.bank.name}
      currency={currency}
      nowMs={tools.nowMs}
      cardButton={words.enrol.add}
      leave={() => setLeft(true)}
      leaveWords={state.step === 'card' ? words.enrol.later : words.back}
      steps={isNew ? 3 : 2}
    />
  )
}
