import { useEffect, useState } from 'preact/hooks'
import type { Configuration } from '../../shared/wire/payment-api.ts'
import { joiningClient } from '../doors/joining-client.ts'
import { passkeyCreationDoor } from '../doors/passkey-creation.ts'
import type { JoinFlow } from '../flows/join-flow.ts'
import { type JoinLink, type JoinRun, joinRun } from '../flows/join-run.ts'
import type { Tools } from '../flows/pay-run.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { PasskeyNotice } from '../parts/passkey-notice.tsx'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useReturns } from '../parts/use-returns.ts'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import '../wallet.css'

type JoinScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly link: JoinLink
  readonly home: () => void
}

/** The other end of an invitation: a device that shall pay with somebody's name as well. */
export function JoinScreen({ tools, configuration, link, home }: JoinScreenProps) {
  const wallet = useWalletWords()
  const [run] = useState(() =>
    joinRun({ ...tools, creation: passkeyCreationDoor, joining: joiningClient(tools.client.ask) }, configuration, link),
  )
  const state = useFlow(run.flow)
  useEffect(() => {
    document.title = 'Moniker'
    void run.look()
    return run.stop
  }, [run])
  useReturns(() => {
    if (run.flow.now().step === 'unreadable') void run.look()
  }, run)
  useEffect(() => {
    if (state.step === 'home') home()
  }, [state.step, home])
  if (!wallet) return <Busy />
  return (
    <section class="join">
      <Step key={state.step} {...{ state, run, wallet }} />
    </section>
  )
}

type StepProps = { readonly state: JoinFlow; readonly run: JoinRun; readonly wallet: WalletWords }

function Step({ state, run, wallet }: StepProps) {
  switch (state.step) {
    case 'looking':
    case 'home':
      return <Busy />
    case 'unreadable':
      return <Unreadable {...{ state, run, wallet }} />
    case 'invited':
      return <Invited {...{ state, run, wallet }} />
    case 'waiting':
      return <Waiting {...{ state, wallet }} />
    case 'joined':
      return <Joined {...{ state, run, wallet }} />
    case 'over':
      return <Over wallet={wallet} />
  }
}

type At<S extends JoinFlow['step']> = { readonly state: Extract<JoinFlow, { step: S }> }

function Unreadable({ state, run, wallet }: Omit<StepProps, 'state'> & At<'unreadable'>) {
  const { words } = useSpeech()
  return (
    <>
      <PasskeyNotice notice={state.notice} wallet={wallet} />
      <Button kind="quiet" onPress={() => void run.look()}>
        {words.pay.again}
      </Button>
    </>
  )
}

function Invited({ state, run, wallet }: Omit<StepProps, 'state'> & At<'invited'>) {
  const { words } = useSpeech()
  const { join, passkeys } = wallet
  const heading = useHeadingFocus()
  return (
    <>
      <Avatar name={state.display} />
      <h1 ref={heading} tabIndex={-1}>
        <Say phrase={join.title(state.display)} />
      </h1>
      <p class="lead">{join.lead}</p>
      <p class="warning">{join.warning}</p>
      <PasskeyNotice notice={state.notice} wallet={wallet} />
      <Button kind="primary" busy={state.doing === 'making' ? passkeys.making : null} onPress={() => void run.make()}>
        {join.make}
      </Button>
      <p class="touch">{words.onePasskey}</p>
      {state.notice === 'passkey-exists' && <Home wallet={wallet} />}
    </>
  )
}

function Waiting({ state, wallet: { join } }: Omit<StepProps, 'state' | 'run'> & At<'waiting'>) {
  const heading = useHeadingFocus()
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {join.waitTitle}
      </h1>
      <output class="number">{state.number}</output>
      <p class="lead" role="status">
        {join.waiting}
      </p>
    </>
  )
}

function Joined({ state, run, wallet }: Omit<StepProps, 'state'> & At<'joined'>) {
  const { words } = useSpeech()
  const { join } = wallet
  const heading = useHeadingFocus()
  return (
    <>
      <Avatar name={state.display} />
      <h1 ref={heading} tabIndex={-1}>
        <Say phrase={join.joinedTitle(state.display)} />
      </h1>
      <p class="lead">{join.joinedLead}</p>
      <PasskeyNotice notice={state.notice} wallet={wallet} />
      <Button
        kind="primary"
        busy={state.doing === 'signing' ? words.wallet.signingIn : null}
        onPress={() => void run.signIn()}
      >
        {join.open}
      </Button>
    </>
  )
}

function Over({ wallet }: { readonly wallet: WalletWords }) {
  const heading = useHeadingFocus()
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {wallet.join.overTitle}
      </h1>
      <p class="lead">{wallet.join.over}</p>
      <Home wallet={wallet} />
    </>
  )
}

const Home = ({ wallet }: { readonly wallet: WalletWords }) => (
  <a class="button quiet" href="/">
    {wallet.join.home}
  </a>
)
