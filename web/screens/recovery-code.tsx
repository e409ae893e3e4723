import type { RecoveryRun } from '../flows/recovery-run.ts'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Sheet } from '../parts/sheet.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type RecoveryCodeProps = {
  readonly run: RecoveryRun
  readonly wallet: WalletWords
  /** @param isOnPaper as its reader says; else it was closed by Escape */
  readonly putAway: (isOnPaper: boolean) => void
}

/** A code that was just made, for as long as it takes to put it on paper. */
export function RecoveryCode({ run, wallet: { recovery }, putAway }: RecoveryCodeProps) {
  const { words } = useSpeech()
  const { code } = useFlow(run.flow)
  if (code === null) return null
  return (
    <Sheet title={recovery.codeTitle} closeWords={recovery.putAway} closed={putAway}>
      <p class="recovery-code" dir="ltr">
        {code}
      </p>
      <p>{recovery.shownOnce}</p>
      <p>{recovery.use(`${location.origin}/lost`)}</p>
      <Button kind="primary" onPress={() => print()}>
        {words.pay.print}
      </Button>
    </Sheet>
  )
}
