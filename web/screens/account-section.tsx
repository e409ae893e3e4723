import type { AccountRun } from '../flows/account-run.ts'
import { toneOf } from '../flows/notice.ts'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type AccountSectionProps = { readonly run: AccountRun; readonly display: string; readonly wallet: WalletWords }

/** The whole of it: to take along, or to leave behind. */
export function AccountSection({ run, display, wallet }: AccountSectionProps) {
  const { words } = useSpeech()
  const { account, card } = wallet
  const { isClosing, doing, isSaved, notice } = useFlow(run.flow)
  const failure = notice !== null && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />
  return (
    <section class="account" aria-labelledby="account-title">
      <h2 id="account-title">{account.title}</h2>
      {!isClosing && failure}
      <Button kind="quiet" busy={doing === 'saving' ? account.saving : null} onPress={() => void run.save()}>
        {account.save}
      </Button>
      <p role="status">{isSaved ? account.saved : account.saveMore}</p>
      <Button onPress={run.beginClosing}>{account.close}</Button>
      {isClosing && (
        <Sheet title={<Say phrase={account.closeTitle(display)} />} closeWords={account.notNow} closed={run.keep}>
          {failure}
          <ul class="consequences">
            {account.consequences.map((consequence) => (
              <li key={consequence}>{consequence}</li>
            ))}
          </ul>
          <Button kind="primary" busy={doing === 'touching' ? card.touching : null} onPress={() => void run.close()}>
            {account.closeNow}
          </Button>
          <Button kind="quiet" onPress={run.keep}>
            {account.keep}
          </Button>
        </Sheet>
      )}
    </section>
  )
}
