import { useEffect, useState } from 'preact/hooks'
import type { Payer } from '../../shared/wire/payment-api.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { ActivityList } from './activity-list.tsx'

type ActivitySectionProps = { readonly payer: Payer; readonly run: WalletRun; readonly wallet: WalletWords }

/** What somebody who is signed in has paid. */
export function ActivitySection({ payer, run, wallet }: ActivitySectionProps) {
  const { words } = useSpeech()
  const [activity] = useState(() => run.activity())
  const { payments, spent, next, asOfMs, doing, notice } = useFlow(activity.flow)
  useEffect(() => {
    void activity.read(payer)
  }, [activity])
  const isEmpty = payments.length === 0 && doing === 'nothing' && notice === null
  return (
    <>
      <ActivityList {...{ payments, spent, asOfMs }} nowMs={run.nowMs()} words={wallet}>
        {notice && <Notice tone="note" advice={words.notices[notice]} />}
        {isEmpty && <p class="nothing-yet">{wallet.activity.empty}</p>}
      </ActivityList>
      {next !== null && (
        <div class="older">
          <Button busy={doing === 'reading-more' ? words.loading : null} onPress={() => void activity.readMore()}>
            {wallet.activity.older}
          </Button>
        </div>
      )}
    </>
  )
}
