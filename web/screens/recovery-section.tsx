import { toneOf } from '../flows/notice.ts'
import type { RecoveryRun } from '../flows/recovery-run.ts'
import { Button } from '../parts/button.tsx'
import { dayOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type RecoverySectionProps = {
  readonly run: RecoveryRun
  readonly wallet: WalletWords
  readonly nowMs: () => number
}

/** What to have on paper before the phone is gone. */
export function RecoverySection({ run, wallet, nowMs }: RecoverySectionProps) {
  const { words, locale } = useSpeech()
  const { recovery, card } = wallet
  const { codeMadeAtMs, isTouching, code, notice } = useFlow(run.flow)
  if (codeMadeAtMs === undefined) return null
  return (
    <section class="account" aria-labelledby="recovery-title">
      <h2 id="recovery-title">{recovery.title}</h2>
      {notice !== null && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      <p>{codeMadeAtMs === null ? recovery.none : recovery.made(dayOf(codeMadeAtMs, nowMs(), locale))}</p>
      <Button kind="quiet" busy={isTouching ? card.touching : null} onPress={() => void run.make()}>
        {codeMadeAtMs === null ? recovery.make : recovery.makeAnew}
      </Button>
      {code !== null && (
        <Sheet title={recovery.codeTitle} closeWords={recovery.putAway} closed={run.putAway}>
          <p class="recovery-code" dir="ltr">
            {code}
          </p>
          <p>{recovery.shownOnce}</p>
          <p>{recovery.use(`${location.origin}/lost`)}</p>
          <Button kind="primary" onPress={() => print()}>
            {words.pay.print}
          </Button>
        </Sheet>
      )}
    </section>
  )
}
