import { useEffect, useState } from 'preact/hooks'
import type { RememberedName } from '../doors/device.ts'
import type { LastSeen } from '../doors/last-seen.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { CardPicture } from '../parts/card-picture.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import { ActivityList } from './activity-list.tsx'

type SeenBeforeProps = { readonly name: RememberedName; readonly run: WalletRun }

/** Without a network: the wallet as this device saw it last, and when that was. */
export function SeenBefore({ name, run }: SeenBeforeProps) {
  const { words } = useSpeech()
  const wallet = useWalletWords()
  const [seen, setSeen] = useState<LastSeen | null>(null)
  useEffect(() => {
    void run.seenBefore(name).then(setSeen)
  }, [run, name])
  if (!seen || !wallet) return null
  return (
    <>
      <section class="wallet-cards seen-before" aria-label={words.wallet.cards}>
        <ul>
          {seen.cards.map(({ id, face, bank, nickname, isFrozen }) => (
            <li key={id}>
              <CardPicture
                {...{ face, bank, nickname, isFrozen }}
                holder={name.display}
                tag={isFrozen ? words.card.frozen : null}
              />
            </li>
          ))}
        </ul>
      </section>
      <ActivityList {...seen} asOfMs={seen.seenAtMs} nowMs={run.nowMs()} words={wallet} />
    </>
  )
}
