import { useEffect, useState } from 'preact/hooks'
import type { InstallDoor } from '../doors/install.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { Button } from './button.tsx'

/** Offers the home screen to somebody who has paid, and takes a no for an answer. */
export function InstallOffer({ door, words }: { readonly door: InstallDoor; readonly words: WalletWords['install'] }) {
  const [way, setWay] = useState(door.way())
  useEffect(() => door.subscribe(() => setWay(door.way())), [door])
  if (way === null) return null
  const decline = () => {
    door.decline()
    setWay(null)
  }
  return (
    <aside class="install" aria-label={words.title}>
      <p class="install-title">{words.title}</p>
      <p>{way === 'prompt' ? words.more : words.how}</p>
      <div class="ways">
        {way === 'prompt' && (
          <Button kind="quiet" onPress={() => void door.ask()}>
            {words.add}
          </Button>
        )}
        <Button onPress={decline}>{words.notNow}</Button>
      </div>
    </aside>
  )
}
