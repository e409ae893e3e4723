import type { ActivityRun } from '../flows/activity-run.ts'
import { isCostly } from '../flows/spending.ts'
import type { SignedIn } from '../flows/wallet-flow.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { Button } from '../parts/button.tsx'
import { InstallOffer } from '../parts/install-offer.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { later } from '../parts/later.tsx'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { ActivityList } from './activity-list.tsx'
import { ActivitySieve } from './activity-sieve.tsx'

const PaymentSheet = later(async () => (await import('./payment-sheet.tsx')).PaymentSheet)

type ActivitySectionProps = {
  readonly activity: ActivityRun
  readonly state: SignedIn
  readonly run: WalletRun
  readonly wallet: WalletWords
}

/** What somebody who is signed in has paid. */
export function ActivitySection({ activity, state, run, wallet }: ActivitySectionProps) {
  const { words } = useSpeech()
  const { payments, spent, sieve, next, asOfMs, doing, notice, open, isUnfamiliar } = useFlow(activity.flow)
  const { send } = activity.flow
  const isSifted = sieve.search.trim() !== '' || sieve.kind !== null
  const isEmpty = payments.length === 0 && doing === 'nothing' && notice === null
  return (
    <>
      <ActivityList
        {...{ payments, spent, asOfMs }}
        nowMs={run.nowMs()}
        words={wallet}
        open={(entry) => send({ type: 'opened', entry })}
      >
        {(spent.length > 0 || payments.some(isCostly)) && <InstallOffer door={run.install} words={wallet.install} />}
        {(payments.length > 0 || isSifted) && (
          <ActivitySieve sieve={sieve} sift={(wanted) => void activity.sift(wanted)} words={wallet} />
        )}
        {notice && <Notice tone="note" advice={words.notices[notice]} />}
        <p class="nothing-yet" role="status">
          {isEmpty && (isSifted ? wallet.activity.none : wallet.activity.empty)}
        </p>
      </ActivityList>
      {next !== null && (
        <div class="older">
          <Button busy={doing === 'reading-more' ? words.loading : null} onPress={() => void activity.readMore()}>
            {wallet.activity.older}
          </Button>
        </div>
      )}
      {open !== null && (
        <PaymentSheet
          {...{ entry: open, isUnfamiliar, state, run, wallet }}
          deny={() => send({ type: 'unfamiliar' })}
          closed={() => send({ type: 'closed' })}
        />
      )}
    </>
  )
}
