import { useEffect, useState } from 'preact/hooks'
import type { Configuration } from '../../shared/wire/payment-api.ts'
import { passkeyCreationDoor } from '../doors/passkey-creation.ts'
import { recoveryClient } from '../doors/recovery-client.ts'
import type { NameRecoveryFlow } from '../flows/name-recovery-flow.ts'
import { type Claim, type NameRecoveryRun, nameRecoveryRun } from '../flows/name-recovery-run.ts'
import type { Tools } from '../flows/pay-run.ts'
import { Button } from '../parts/button.tsx'
import { CardLine } from '../parts/card-line.tsx'
import { dayAndTimeOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { PasskeyNotice } from '../parts/passkey-notice.tsx'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useReturns } from '../parts/use-returns.ts'
import { isWebPage } from '../parts/web-page.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type NameRecoveryProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly claim: Claim
  readonly wallet: WalletWords
  readonly home: () => void
}

/** The cards are frozen; and now the name is to be got back. */
export function NameRecovery({ tools, configuration, claim, wallet, home }: NameRecoveryProps) {
  const [run] = useState(() =>
    nameRecoveryRun(
      { ...tools, creation: passkeyCreationDoor, recovery: recoveryClient(tools.client.ask) },
      configuration,
      claim,
    ),
  )
  const state = useFlow(run.flow)
  useEffect(() => {
    run.prepare()
    return run.stop
  }, [run])
  useEffect(() => {
    if (state.step === 'home') home()
  }, [state.step, home])
  switch (state.step) {
    case 'offered':
      return <Offered {...{ state, run, wallet }} />
    case 'waiting':
      return <Waiting {...{ state, run, wallet }} />
    case 'recovered':
      return <Recovered {...{ state, run, wallet }} />
    case 'over':
      return <Over wallet={wallet} />
    case 'home':
      return null
  }
}

type At<S extends NameRecoveryFlow['step']> = {
  readonly state: Extract<NameRecoveryFlow, { step: S }>
  readonly run: NameRecoveryRun
  readonly wallet: WalletWords
}

function Offered({ state, run, wallet }: At<'offered'>) {
  const { words } = useSpeech()
  const { loss, passkeys } = wallet
  const heading = useHeadingFocus()
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {loss.done}
      </h1>
      <p class="lead">{loss.doneMore}</p>
      <h2>{loss.back}</h2>
      <p>{loss.backMore}</p>
      <PasskeyNotice notice={state.notice} wallet={wallet} />
      <Button kind="primary" busy={state.doing === 'making' ? passkeys.making : null} onPress={() => void run.make()}>
        {loss.makePasskey}
      </Button>
      <p class="touch">{words.onePasskey}</p>
      <Home wallet={wallet} />
    </>
  )
}

/** As the page of the bank shows it. */
const shownCharacters = 12

function Waiting({ state, run, wallet }: At<'waiting'>) {
  const { loss, confirm } = wallet
  const heading = useHeadingFocus()
  useReturns(() => void run.ask(), run)
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        <Say phrase={loss.askTitle(state.bank)} />
      </h1>
      <p class="lead">{loss.askMore}</p>
      <p>{loss.compare}</p>
      <output class="recovery-code" dir="ltr">
        {state.passkey.slice(0, shownCharacters)}
      </output>
      <ul class="asked-cards">
        {state.cards.map((card) => (
          <li key={card.id}>
            <CardLine face={card.face} />
            {card.confirmation && isWebPage(card.confirmation.url) ? (
              <a class="button primary" href={card.confirmation.url} target="_blank" rel="noopener noreferrer">
                <span>
                  <Say phrase={confirm.open(state.bank)} />
                  <span class="sr"> ({confirm.newTab})</span>
                </span>
              </a>
            ) : (
              <span>{loss.cardStates[card.state]}</span>
            )}
          </li>
        ))}
      </ul>
      <Button kind="quiet" onPress={() => void run.ask()}>
        {confirm.done}
      </Button>
      <p role="status">{loss.waiting}</p>
    </>
  )
}

function Recovered({ state, run, wallet }: At<'recovered'>) {
  const { words, locale } = useSpeech()
  const { loss, join } = wallet
  const heading = useHeadingFocus()
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {loss.recovered}
      </h1>
      <p class="lead">{loss.recoveredMore(dayAndTimeOf(state.heldUntilMs, locale))}</p>
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
  const { loss } = wallet
  const heading = useHeadingFocus()
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {loss.over}
      </h1>
      <p class="lead">{loss.overMore}</p>
      <a class="button primary" href="/lost">
        {loss.again}
      </a>
      <Home wallet={wallet} />
    </>
  )
}

const Home = ({ wallet }: { readonly wallet: WalletWords }) => (
  <a class="button quiet" href="/">
    {wallet.loss.toWallet}
  </a>
)
