import { useEffect, useState } from 'preact/hooks'
import type { RememberedName } from '../doors/device.ts'
import type { LastSeen } from '../doors/last-seen.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { CardPicture } from '../parts/card-picture.tsx'
import { Chips } from '../parts/chips.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import { ActivityList } from './activity-list.tsx'

type SeenBeforeProps = { readonly names: readonly RememberedName[]; readonly run: WalletRun }
type Sight = { readonly name: RememberedName; readonly seen: LastSeen }

/** Without a network: the wallet as this device saw it last, whose it is, and when that was. Of several people, one at a time. */
export function SeenBefore({ names, run }: SeenBeforeProps) {
  const { words } = useSpeech()
  const [sights, setSights] = useState<readonly Sight[]>([])
  const [chosen, setChosen] = useState<string | null>(null)
  useEffect(() => {
    let isCurrent = true
    void Promise.all(names.map(async (name) => ({ name, seen: await run.seenBefore(name) }))).then((read) => {
      if (isCurrent) setSights(read.flatMap(({ name, seen }) => (seen === null ? [] : [{ name, seen }])))
    })
    return () => {
      isCurrent = false
    }
  }, [run, names])
  const shown = sights.find(({ name }) => name.username === chosen) ?? sights[0]
  if (!shown) return null
  return (
    <>
      {sights.length > 1 && (
        <Chips
          legend={words.wallet.onThisDevice}
          values={sights.map(({ name }) => name.username)}
          chosen={shown.name.username}
          wordsOf={(username) => sights.find(({ name }) => name.username === username)?.name.display ?? username}
          choose={setChosen}
        />
      )}
      <Seen {...shown} run={run} />
    </>
  )
}

function Seen({ name, seen, run }: Sight & { readonly run: WalletRun }) {
  const { words } = useSpeech()
  const wallet = useWalletWords()
  if (!wallet) return null
  return (
    <>
      <section class="wallet-cards seen-before" aria-label={words.wallet.cards}>
        <h2>
          <Say phrase={wallet.seenAs(name.display)} />
        </h2>
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
