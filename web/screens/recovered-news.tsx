import type { RecoveryRun } from '../flows/recovery-run.ts'
import { dayAndTimeOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'

/** Whoever opens the wallet of a name that was got back sees it, as long as it can be undone. */
export function RecoveredNews({ run, wallet }: { readonly run: RecoveryRun; readonly wallet: WalletWords }) {
  const { locale } = useSpeech()
  const { recovered } = useFlow(run.flow)
  if (recovered === null) return null
  return (
    <div class="notice news" role="status">
      <p>
        <b>{wallet.recovery.recovered(dayAndTimeOf(recovered.recoveredAtMs, locale))}</b>
        {wallet.recovery.recoveredMore(dayAndTimeOf(recovered.heldUntilMs, locale))}
      </p>
    </div>
  )
}
