import { useEffect, useState } from 'preact/hooks'
import type { Configuration } from '../../shared/wire/payment-api.ts'
import { deviceStorage } from '../doors/device-storage.ts'
import { installDoor } from '../doors/install.ts'
import { knownPasskeysDoor } from '../doors/known-passkeys.ts'
import { lastSeenDoor } from '../doors/last-seen.ts'
import { limitsClient } from '../doors/limits-client.ts'
import { passkeyClient } from '../doors/passkey-client.ts'
import { passkeyCreationDoor } from '../doors/passkey-creation.ts'
import { pushDoor } from '../doors/push.ts'
import { pushClient } from '../doors/push-client.ts'
import { recoveryClient } from '../doors/recovery-client.ts'
import { saveFile } from '../doors/save-file.ts'
import { signalsDoor } from '../doors/signals.ts'
import { walletClient } from '../doors/wallet-client.ts'
import { takeWantedPayment } from '../doors/wanted-payment.ts'
import { toneOf } from '../flows/notice.ts'
import type { Tools } from '../flows/pay-run.ts'
import { isUnread, type WalletFlow } from '../flows/wallet-flow.ts'
import { type WalletRun, walletRun } from '../flows/wallet-run.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { CardLine } from '../parts/card-line.tsx'
import { useKeptFocus } from '../parts/keep-focus.ts'
import { useSpeech } from '../parts/language-context.ts'
import { later } from '../parts/later.tsx'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useReturns } from '../parts/use-returns.ts'
import { localeOf, preferredLanguage } from '../words/language.ts'
import { SeenBefore } from './seen-before.tsx'
import { WalletHome } from './wallet-home.tsx'
import '../wallet.css'

const TakenScreen = later(async () => (await import('./taken-screen.tsx')).TakenScreen)

type WalletScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  /** Somebody followed a link that leads nowhere. */
  readonly lost?: boolean
}

export function WalletScreen({ tools, configuration, lost = false }: WalletScreenProps) {
  const { words } = useSpeech()
  const [run] = useState(() =>
    walletRun(
      {
        ...tools,
        creation: passkeyCreationDoor,
        signals: signalsDoor,
        known: knownPasskeysDoor(),
        wallet: walletClient(tools.client.ask),
        limits: limitsClient(tools.client.ask),
        passkeys: passkeyClient(tools.client.ask),
        recovery: recoveryClient(tools.client.ask),
        lastSeen: lastSeenDoor(),
        install: installDoor(deviceStorage()),
        push: pushDoor(deviceStorage()),
        pushClient: pushClient(tools.client.ask),
        locale: () => localeOf(preferredLanguage(deviceStorage(), navigator.languages), navigator.languages),
        takeWanted: takeWantedPayment,
        saveAccount: () => saveFile('/api/account/export', 'moniker-account.json'),
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
        origin: location.origin,
      },
      configuration,
    ),
  )
  const state = useFlow(run.flow)
  useEffect(() => {
    document.title = 'Moniker'
    void run.read()
  }, [run])
  useKeptFocus(state.step === 'reading' ? null : state.step)
  useReturns(() => {
    if (isUnread(run.flow.now())) void run.read()
  }, run)
  return (
    <>
      {lost && <p class="lost">{words.wallet.nowhere}</p>}
      {state.step === 'reading' && <Busy />}
      {state.step === 'signed-out' && <SignedOut state={state} run={run} />}
      {state.step === 'taken' && <TakenScreen run={run} credentialId={state.credentialId} />}
      {state.step === 'signed-in' && <WalletHome key={state.payer.username} state={state} run={run} />}
    </>
  )
}

type SignedOutProps = { readonly state: Extract<WalletFlow, { step: 'signed-out' }>; readonly run: WalletRun }

function SignedOut({ state, run }: SignedOutProps) {
  const { words } = useSpeech()
  const { names, doing, notice, closed } = state
  const isStale = isUnread(state)
  const isRemembered = notice === 'offline' && names.length > 0
  return (
    <>
      <h1 class="slogan">
        {words.slogan} <em>{words.sloganMore}</em>
      </h1>
      {closed !== null && (
        <p class="notice note" role="status">
          <Say phrase={words.wallet.closed(closed)} /> {words.wallet.closedMore}
        </p>
      )}
      {notice && isRemembered && <p class="offline">{words.wallet.offline}</p>}
      {notice && !isRemembered && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      {isStale && (
        <div class="again">
          <Button kind="quiet" busy={doing === 'reading' ? words.loading : null} onPress={() => void run.read()}>
            {words.pay.again}
          </Button>
        </div>
      )}
      {names.length > 0 && <Names state={state} run={run} />}
      {isStale && <SeenBefore names={names} run={run} />}
      <div class="ways">
        <Button
          kind={names.length > 0 ? 'quiet' : 'primary'}
          busy={doing === 'signing' ? words.wallet.signingIn : null}
          onPress={() => void run.signIn(null)}
        >
          {names.length > 0 ? words.wallet.signInOther : words.wallet.signIn}
        </Button>
        <a class="button quiet" href="/enrol">
          {words.wallet.makeName}
        </a>
        <a class="button plain" href="/lost">
          {words.wallet.lostPhone}
        </a>
      </div>
      {names.length === 0 && <HowItWorks />}
    </>
  )
}

function Names({ state: { names, doing }, run }: SignedOutProps) {
  const { words } = useSpeech()
  return (
    <section class="name-list" aria-label={words.wallet.onThisDevice}>
      {names.map((name) => (
        <div key={name.username} class="row">
          <button type="button" class="name" aria-disabled={doing === 'signing'} onClick={() => void run.signIn(name)}>
            <Avatar name={name.display} />
            <span>
              <Say phrase={words.wallet.signInAs(name.display)} />
              {name.cards[0] && <CardLine face={name.cards[0].face} />}
            </span>
          </button>
          <button type="button" class="forget" onClick={() => void run.forget(name)}>
            <span class="sr">
              <Say phrase={words.wallet.forget(name.display)} />
            </span>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      ))}
    </section>
  )
}

function HowItWorks() {
  const { words } = useSpeech()
  return (
    <section class="how" aria-label={words.wallet.how}>
      <ol>
        {words.wallet.steps.map(({ title, more }) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{more}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
