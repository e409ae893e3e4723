import { useEffect, useState } from 'preact/hooks'
import type { Currency } from '../../shared/money.ts'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { RememberedName } from '../doors/device.ts'
import { walletClient } from '../doors/wallet-client.ts'
import { cardToAdd } from '../flows/card-use.ts'
import { type EnrolRun, enrolRun } from '../flows/enrol-run.ts'
import { type NoticeCode, noticeOf } from '../flows/notice.ts'
import type { EnrolmentStart } from '../flows/pay-flow.ts'
import type { Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { Enrolment } from './enrolment.tsx'
import { enrolmentDoors } from './enrolment-doors.ts'

type EnrolScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly home: () => void
  /** It was opened for another card: whoever this device knows has a name already. */
  readonly isForCard: boolean
}

type Opened = { readonly run: EnrolRun; readonly configuration: Configuration }

/** Outside of a checkout: a name first, or only another card where somebody is signed in. */
export function EnrolScreen({ tools, configuration, home, isForCard }: EnrolScreenProps) {
  const { words } = useSpeech()
  const [opened, setOpened] = useState<Opened | null>(null)
  const [notice, setNotice] = useState<NoticeCode | null>(null)
  useEffect(() => {
    void open(tools, configuration, isForCard).then(setOpened, (error: unknown) => setNotice(noticeOf(error)))
  }, [tools, configuration, isForCard])
  if (notice) return <Notice tone="stop" advice={words.notices[notice]} />
  return opened ? <Opened {...opened} {...{ tools, home }} /> : <Busy />
}

async function open(tools: Tools, configuration: () => Promise<Configuration>, isForCard: boolean): Promise<Opened> {
  const [known, payer, names] = await Promise.all([
    configuration(),
    tools.client.whoIsHere().catch(() => null),
    isForCard ? tools.device.names() : [],
  ])
  const from = startOf(payer, names[0])
  return {
    run: enrolRun({ ...tools, ...enrolmentDoors }, known, from, cardToAdd(walletClient(tools.client.ask))),
    configuration: known,
  }
}

function startOf(payer: Payer | null, name: RememberedName | undefined): EnrolmentStart {
  if (payer) return { at: 'card', payer }
  return name ? { at: 'sign-in', name, notice: null } : { at: 'name' }
}

function Opened({ run, configuration, tools, home }: Opened & Pick<EnrolScreenProps, 'tools' | 'home'>) {
  const { words, language } = useSpeech()
  const { step } = useFlow(run.flow)
  useEffect(() => {
    if (step === 'done') home()
  }, [step, home])
  const currency: Currency = language === 'zh' ? 'CNY' : 'EUR'
  return (
    <Enrolment
      run={run}
      bankName={configuration.bank.name}
      currency={currency}
      nowMs={tools.nowMs}
      cardButton={words.enrol.add}
      leave={home}
      leaveWords={step === 'card' ? words.enrol.later : words.back}
    />
  )
}
