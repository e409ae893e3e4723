import { toneOf } from '../../flows/notice.ts'
import { Busy } from '../../parts/busy.tsx'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Say } from '../../parts/say.tsx'
import { type ConsoleNotice, isRefusal } from '../flows/console-notice.ts'
import type { EntryFlow, EntryRun } from '../flows/entry-run.ts'
import { useAdvice, useConsoleWords } from '../use-console-words.ts'

type EntryScreenProps = {
  readonly state: Exclude<EntryFlow, { step: 'in' }>
  readonly run: EntryRun
  /** Of the invitation that was opened. */
  readonly secret: string | null
}

/** For whoever is not signed in. */
export function EntryScreen({ state, run, secret }: EntryScreenProps) {
  const { entry } = useConsoleWords()
  if (state.step === 'looking') return <Busy />
  const { isTouching, notice } = state
  const invited = state.step === 'invited' ? state.invited : null
  return (
    <div class="narrow">
      <h1 class="heading">{invited === null ? entry.title : <Say phrase={entry.invited(invited.merchant)} />}</h1>
      <p>{invited === null ? entry.more : entry.role(invited.role)}</p>
      <p>{invited !== null && entry.passkey}</p>
      {notice !== null && <Refused notice={notice} />}
      {invited !== null && secret !== null ? (
        <Button
          kind="primary"
          busy={isTouching ? entry.touching : null}
          onPress={() => void run.join(secret, entry.passkeyName(invited.merchant, invited.role))}
        >
          {entry.join}
        </Button>
      ) : (
        <Button kind="primary" busy={isTouching ? entry.touching : null} onPress={() => void run.signIn()}>
          {entry.signIn}
        </Button>
      )}
    </div>
  )
}

function Refused({ notice }: { notice: ConsoleNotice }) {
  const advice = useAdvice()
  return <Notice tone={isRefusal(notice) ? 'stop' : toneOf(notice)} advice={advice(notice)} />
}
