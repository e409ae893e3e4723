import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { ListedPasskey } from '../../shared/wire/payment-api.ts'
import type { PasskeyFlow, PasskeySheet } from '../flows/passkey-flow.ts'
import type { PasskeyRun } from '../flows/passkey-run.ts'
import { Button } from '../parts/button.tsx'
import { dateOf, dayOf } from '../parts/day.ts'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { PasskeyNotice } from '../parts/passkey-notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { Row } from '../parts/row.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { passkeyName } from './passkey-name.ts'

type SheetsProps = {
  readonly state: PasskeyFlow
  readonly run: PasskeyRun
  readonly wallet: WalletWords
  readonly nowMs: number
}

const nicknameCharactersMax = 32

/** What lies over the wallet while somebody looks after their passkeys. */
export function PasskeySheets(props: SheetsProps) {
  const { state, run, wallet } = props
  const { sheet } = state
  if (sheet === null) return null
  const passkey =
    sheet.at === 'passkey' ? state.passkeys?.find(({ thumbprint }) => thumbprint === sheet.thumbprint) : null
  if (sheet.at === 'passkey' && !passkey) return null
  const title = passkey ? <bdi>{passkeyName(passkey, wallet)}</bdi> : wallet.passkeys.add
  return (
    <Sheet key={passkey?.thumbprint ?? 'adding'} title={title} closeWords={wallet.card.close} closed={run.close}>
      <PasskeyNotice notice={state.notice} wallet={wallet} />
      <Contents {...props} sheet={sheet} passkey={passkey ?? null} />
    </Sheet>
  )
}

function Contents(props: SheetsProps & { readonly sheet: PasskeySheet; readonly passkey: ListedPasskey | null }) {
  const { sheet, passkey } = props
  switch (sheet.at) {
    case 'passkey':
      if (passkey === null) return null
      return sheet.isRemoving ? <Removal {...props} passkey={passkey} /> : <About {...props} passkey={passkey} />
    case 'adding':
      return <Adding {...props} />
    case 'made':
      return <Made {...props} />
    case 'invited':
      return <Invited {...props} link={sheet.link} />
    case 'matching':
      return <Matching {...props} numbers={sheet.numbers} keeper={sheet.keeper} />
  }
}

type OneProps = SheetsProps & { readonly passkey: ListedPasskey }

function About(props: OneProps) {
  const { passkey, state, run, wallet, nowMs } = props
  const { locale } = useSpeech()
  const { passkeys: words } = wallet
  const { keeper, isSynced, createdAtMs, lastUsedAtMs } = passkey
  const isOnly = state.passkeys?.length === 1
  return (
    <>
      <dl class="facts">
        {keeper !== null && (
          <Row term={words.keeper}>
            <bdi>{keeper}</bdi>
          </Row>
        )}
        <Row term={words.where}>{isSynced ? words.syncedMore : words.notSyncedMore}</Row>
        <Row term={words.created}>{dateOf(createdAtMs, locale)}</Row>
        <Row term={words.lastUsed}>{lastUsedAtMs === null ? words.never : dayOf(lastUsedAtMs, nowMs, locale)}</Row>
      </dl>
      <Nickname {...props} />
      {isOnly ? (
        <p class="lead">{words.only}</p>
      ) : (
        <Button onPress={() => run.beginRemoval(passkey)}>{words.remove}</Button>
      )}
    </>
  )
}

function Nickname({ passkey, state, run, wallet }: OneProps) {
  const { passkeys: words, card } = wallet
  const [text, setText] = useState(passkey.nickname ?? '')
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run.name(passkey, text)
      }}
    >
      <Field
        label={words.nickname}
        hint={words.nicknameHint}
        input={{
          value: text,
          autoComplete: 'off',
          dir: 'auto',
          enterKeyHint: 'done',
          maxLength: nicknameCharactersMax,
          onInput: (event) => setText(event.currentTarget.value),
        }}
      />
      <Button kind="quiet" type="submit" busy={state.doing === 'naming' ? card.saving : null}>
        {card.save}
      </Button>
    </form>
  )
}

function Removal({ passkey, state, run, wallet }: OneProps) {
  const { passkeys: words, card } = wallet
  return (
    <Step title={words.removeTitle}>
      <p class="lead">
        {words.removeMore} {passkey.isOfSession && words.removeOwn}
      </p>
      <Button
        kind="primary"
        busy={state.doing === 'removing' ? card.touching : null}
        onPress={() => void run.remove(passkey)}
      >
        {card.removeNow}
      </Button>
      <Button kind="quiet" onPress={() => run.open(passkey)}>
        {card.keep}
      </Button>
    </Step>
  )
}

function Adding({ state, run, wallet: { passkeys: words } }: SheetsProps) {
  const { words: common } = useSpeech()
  return (
    <div class="step">
      <p class="lead">{words.addLead}</p>
      <Button kind="primary" busy={state.doing === 'making' ? words.making : null} onPress={() => void run.make(false)}>
        {words.here}
      </Button>
      <Button kind="quiet" busy={state.doing === 'inviting' ? common.loading : null} onPress={() => void run.invite()}>
        {words.elsewhere}
      </Button>
      {state.notice === 'passkey-exists' && <Button onPress={() => void run.make(true)}>{words.roaming}</Button>}
    </div>
  )
}

function Made({ state, run, wallet }: SheetsProps) {
  const { passkeys: words, card } = wallet
  return (
    <Step title={words.madeTitle}>
      <p class="lead">{words.madeLead}</p>
      <Button kind="primary" busy={state.doing === 'vouching' ? card.touching : null} onPress={() => void run.vouch()}>
        {words.vouch}
      </Button>
    </Step>
  )
}

function Invited({ link, wallet: { passkeys: words } }: SheetsProps & { readonly link: string }) {
  return (
    <Step title={words.scanTitle}>
      <p class="lead">{words.scanLead}</p>
      <Qr text={link} label={words.qr} />
      <p class="touch" role="status">
        {words.waiting}
      </p>
      <details class="more-fields">
        <summary>{words.noCamera}</summary>
        <code class="link" dir="ltr">
          {link}
        </code>
      </details>
    </Step>
  )
}

type MatchingProps = SheetsProps & { readonly numbers: readonly number[]; readonly keeper: string | null }

function Matching({ numbers, keeper, state, run, wallet }: MatchingProps) {
  const { passkeys: words, card } = wallet
  const isBusy = state.doing === 'vouching'
  return (
    <Step title={words.matchTitle}>
      <p class="lead">
        {keeper !== null && <bdi>{keeper}. </bdi>}
        {words.matchLead}
      </p>
      <div class="numbers">
        {numbers.map((number) => (
          <Button key={number} kind="quiet" disabled={isBusy} onPress={() => void run.pick(number)}>
            {number}
          </Button>
        ))}
      </div>
      <p class="touch" role="status">
        {isBusy && card.touching}
      </p>
      <Button disabled={isBusy} onPress={() => void run.pick(Number.NaN)}>
        {words.noneOfThese}
      </Button>
    </Step>
  )
}

/** One step of several in the same sheet: its heading takes the focus, so that nobody is left where a button was. */
function Step({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const heading = useHeadingFocus()
  return (
    <div class="step">
      <h3 ref={heading} tabIndex={-1}>
        {title}
      </h3>
      {children}
    </div>
  )
}
