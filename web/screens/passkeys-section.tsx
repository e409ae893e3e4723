import { useState } from 'preact/hooks'
import type { ListedPasskey } from '../../shared/wire/payment-api.ts'
import { deviceStorage } from '../doors/device-storage.ts'
import { dialogChoice } from '../doors/dialog-choice.ts'
import type { PasskeyFlow } from '../flows/passkey-flow.ts'
import type { PasskeyRun } from '../flows/passkey-run.ts'
import { Button } from '../parts/button.tsx'
import { dayOf } from '../parts/day.ts'
import { KeyMark } from '../parts/key-mark.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { passkeyName } from './passkey-name.ts'
import { PasskeySheets } from './passkey-sheets.tsx'

type PasskeysSectionProps = {
  readonly run: PasskeyRun
  readonly wallet: WalletWords
  readonly nowMs: () => number
}

/** The keys to this name: which there are, and what can be done with them. */
export function PasskeysSection({ run, wallet, nowMs }: PasskeysSectionProps) {
  const { passkeys: words } = wallet
  const state = useFlow(run.flow)
  if (state.passkeys === null) return null
  return (
    <section class="passkeys" aria-labelledby="passkeys-title">
      <h2 id="passkeys-title">{words.title}</h2>
      <Done state={state} run={run} wallet={wallet} />
      <ul class="name-list">
        {state.passkeys.map((passkey) => (
          <li key={passkey.thumbprint} class="passkey-row">
            <PasskeyRow {...{ passkey, wallet }} nowMs={nowMs()} open={() => run.open(passkey)} />
            {!passkey.isOfSession && <Remove {...{ passkey, wallet }} remove={() => run.beginRemoval(passkey)} />}
          </li>
        ))}
      </ul>
      <Button kind="quiet" onPress={run.beginAddition}>
        {words.add}
      </Button>
      <DialogBack words={words} />
      <PasskeySheets {...{ state, run, wallet }} nowMs={nowMs()} />
    </section>
  )
}

type Words = WalletWords['passkeys']

type RowProps = {
  readonly passkey: ListedPasskey
  readonly wallet: WalletWords
  readonly nowMs: number
  readonly open: () => void
}

function PasskeyRow({ passkey, wallet, nowMs, open }: RowProps) {
  const { passkeys: words } = wallet
  const { locale } = useSpeech()
  const { isSynced, lastUsedAtMs, isOfSession, isToldToBank } = passkey
  const used = lastUsedAtMs === null ? words.neverUsed : words.used(dayOf(lastUsedAtMs, nowMs, locale))
  return (
    <button type="button" class="row passkey" onClick={open}>
      <KeyMark />
      <span class="what">
        <bdi>{passkeyName(passkey, wallet)}</bdi>
        <small>{`${isSynced ? words.synced : words.notSynced} · ${used}`}</small>
        {!isToldToBank && <small class="untold">{words.untold}</small>}
      </span>
      {isOfSession && <span class="pill">{words.inUse}</span>}
    </button>
  )
}

type RemoveProps = { readonly passkey: ListedPasskey; readonly wallet: WalletWords; readonly remove: () => void }

/** A device that is lost is gone in two taps: this one, and the one that is sure. */
const Remove = ({ passkey, wallet, remove }: RemoveProps) => (
  <span class="passkey-act">
    <Button onPress={remove}>
      {wallet.passkeys.removeRow}
      <span class="sr">
        {' '}
        <bdi>{passkeyName(passkey, wallet)}</bdi>
      </span>
    </Button>
  </span>
)

/** What was done last, and what is left to do with the device that keeps a passkey that is gone. */
type DoneProps = { readonly state: PasskeyFlow; readonly run: PasskeyRun; readonly wallet: WalletWords }

function Done({ state: { done }, run, wallet }: DoneProps) {
  const { passkeys: words } = wallet
  return (
    <div role="status">
      {done?.what === 'added' && <p class="notice">{words.added}</p>}
      {done?.what === 'removed' && (
        <p class="notice">
          <b>
            <Say phrase={words.removed(passkeyName(done.passkey, wallet))} />
          </b>{' '}
          <WhereToDelete passkey={done.passkey} isHeard={run.areSignalsHeard()} words={words} />
        </p>
      )}
    </div>
  )
}

type WhereProps = { readonly passkey: ListedPasskey; readonly isHeard: boolean; readonly words: Words }

function WhereToDelete({ passkey: { keeper }, isHeard, words }: WhereProps) {
  if (keeper === null) return <>{isHeard ? words.deleteSomewhere : words.deleteYourself}</>
  return <Say phrase={isHeard ? words.deleteIn(keeper) : words.deleteYourselfIn(keeper)} />
}

/** Whoever opted out in the browser's own payment dialog finds the way back here: the browser offers none. */
function DialogBack({ words }: { readonly words: Words }) {
  const [choice] = useState(() => dialogChoice(deviceStorage()))
  const [isLeft, setIsLeft] = useState(choice.isLeft)
  const [wasLeft] = useState(isLeft)
  if (!wasLeft) return null
  return (
    <div class="dialog-back" role="status">
      <p class="small">{isLeft ? words.dialogLeft : words.dialogBack}</p>
      {isLeft && (
        <Button
          kind="quiet"
          onPress={() => {
            choice.comeBack()
            setIsLeft(choice.isLeft())
          }}
        >
          {words.dialogReturn}
        </Button>
      )}
    </div>
  )
}
