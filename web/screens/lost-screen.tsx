import { useEffect, useState } from 'preact/hooks'
import { readRecoveryCode } from '../../shared/recovery-code.ts'
import type { Configuration } from '../../shared/wire/payment-api.ts'
import { recoveryClient } from '../doors/recovery-client.ts'
import type { Claim } from '../flows/name-recovery-run.ts'
import { DoorError, type NoticeCode, noticeOf, toneOf } from '../flows/notice.ts'
import type { Tools } from '../flows/pay-run.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { NameRecovery } from './name-recovery.tsx'
import '../wallet.css'

type LostScreenProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly home: () => void
}

/** A phone is gone: from any other device, its owner stops what it could pay with. */
export function LostScreen({ tools, configuration, home }: LostScreenProps) {
  const wallet = useWalletWords()
  const [claim, setClaim] = useState<Claim | null>(null)
  useEffect(() => {
    document.title = 'Moniker'
  }, [])
  if (!wallet) return <Busy />
  return (
    <section class="lost-phone">
      {claim === null ? (
        <Report tools={tools} words={wallet.loss} reported={setClaim} />
      ) : (
        <NameRecovery {...{ tools, configuration, claim, wallet, home }} />
      )}
    </section>
  )
}

type Words = WalletWords['loss']
type Failure =
  | { readonly kind: 'code' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'notice'; notice: NoticeCode }

function Report({ tools, words, reported }: { tools: Tools; words: Words; reported: (claim: Claim) => void }) {
  const speech = useSpeech()
  const [username, setUsername] = useState('')
  const [code, setCode] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const [isBusy, setBusy] = useState(false)

  async function report(): Promise<void> {
    if (isBusy) return
    setFailure(null)
    // A slip of the pen is seen here: nobody else need be asked.
    if (readRecoveryCode(code) === null) {
      setFailure({ kind: 'code' })
      return
    }
    setBusy(true)
    try {
      await recoveryClient(tools.client.ask).reportLoss({ username, code })
      reported({ username, code })
    } catch (error) {
      const isRefused = error instanceof DoorError && error.origin === 'recovery-refused'
      setFailure(isRefused ? { kind: 'refused' } : { kind: 'notice', notice: noticeOf(error) })
    } finally {
      setBusy(false)
    }
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void report()
      }}
    >
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      {failure?.kind === 'refused' && <Notice tone="stop" advice={words.refused} />}
      {failure?.kind === 'notice' && (
        <Notice tone={toneOf(failure.notice)} advice={speech.words.notices[failure.notice]} />
      )}
      <Field
        label={speech.words.pay.name}
        input={{
          name: 'username',
          value: username,
          autoComplete: 'username',
          autoCapitalize: 'none',
          autoCorrect: 'off',
          spellcheck: false,
          dir: 'auto',
          maxLength: 256,
          onInput: ({ currentTarget }) => setUsername(currentTarget.value),
        }}
      />
      <Field
        label={words.code}
        hint={words.codeHint}
        fault={failure?.kind === 'code' && words.codeWrong}
        input={{
          name: 'recovery-code',
          value: code,
          autoComplete: 'off',
          autoCapitalize: 'characters',
          autoCorrect: 'off',
          spellcheck: false,
          dir: 'ltr',
          maxLength: 80,
          onInput: ({ currentTarget }) => setCode(currentTarget.value),
        }}
      />
      <Button kind="primary" type="submit" busy={isBusy ? words.freezing : null}>
        {words.freeze}
      </Button>
    </form>
  )
}
