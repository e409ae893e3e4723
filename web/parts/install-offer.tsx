import type { InstallDoor } from '../doors/install.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { Button } from './button.tsx'
import { useWayToInstall } from './use-way-to-install.ts'

/** Offers the home screen to somebody who has paid, and takes a no for an answer. */
export function InstallOffer({ door, words }: { readonly door: InstallDoor; readonly words: WalletWords['install'] }) {
  const [way, look] = useWayToInstall(door)
  if (way === null) return null
  const decline = () => {
    door.decline()
    look()
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
