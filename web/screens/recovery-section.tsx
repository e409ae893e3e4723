import { toneOf } from '../flows/notice.ts'
import type { RecoveryRun } from '../flows/recovery-run.ts'
import { Button } from '../parts/button.tsx'
import { dayOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { RecoveryCode } from './recovery-code.tsx'

type RecoverySectionProps = {
  readonly run: RecoveryRun
  readonly wallet: WalletWords
  readonly nowMs: () => number
}

/** What to have on paper before the phone is gone. */
export function RecoverySection({ run, wallet, nowMs }: RecoverySectionProps) {
  const { words, locale } = useSpeech()
  const { recovery, card } = wallet
  const { codeMadeAtMs, isTouching, notice } = useFlow(run.flow)
  if (codeMadeAtMs === undefined) return null
  return (
    <section class="account" aria-labelledby="recovery-title">
      <h2 id="recovery-title">{recovery.title}</h2>
      {notice !== null && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      <p>{codeMadeAtMs === null ? recovery.none : recovery.made(dayOf(codeMadeAtMs, nowMs(), locale))}</p>
      <Button kind="quiet" busy={isTouching ? card.touching : null} onPress={() => void run.make()}>
        {codeMadeAtMs === null ? recovery.make : recovery.makeAnew}
      </Button>
      <RecoveryCode {...{ run, wallet }} putAway={run.putAway} />
    </section>
  )
}
