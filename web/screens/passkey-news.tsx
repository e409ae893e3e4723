import type { ListedPasskey } from '../../shared/wire/payment-api.ts'
import type { PasskeyRun } from '../flows/passkey-run.ts'
import { Button } from '../parts/button.tsx'
import { dateOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type PasskeyNewsProps = { readonly run: PasskeyRun; readonly wallet: WalletWords }

/** Passkeys that came from elsewhere since somebody looked here last: whoever did not add them hears of it now. */
export function PasskeyNews({ run, wallet: { passkeys: words } }: PasskeyNewsProps) {
  const { locale } = useSpeech()
  const { passkeys, unfamiliar } = useFlow(run.flow)
  const news = passkeys?.filter(({ thumbprint }) => unfamiliar.includes(thumbprint)) ?? []
  if (news.length === 0) return null
  const sentenceOf = ({ createdAtMs, nickname, keeper }: ListedPasskey) => {
    const [date, what] = [dateOf(createdAtMs, locale), nickname ?? keeper]
    return what === null ? words.newsOfNameless(date) : words.news(date, what)
  }
  return (
    <div class="notice stop news" role="alert">
      {news.map((passkey) => (
        <p key={passkey.thumbprint}>
          <b>
            <Say phrase={sentenceOf(passkey)} />
          </b>
          <Button onPress={() => run.beginRemoval(passkey)}>{words.newsMore}</Button>
        </p>
      ))}
      <Button kind="quiet" onPress={() => void run.recognise()}>
        {words.wasMe}
      </Button>
    </div>
  )
}
