import { useState } from 'preact/hooks'
import type { InstallDoor } from '../doors/install.ts'
import type { ActivityRun } from '../flows/activity-run.ts'
import type { PushRun } from '../flows/push-run.ts'
import { isCostly } from '../flows/spending.ts'
import { Button } from '../parts/button.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useWayToInstall } from '../parts/use-way-to-install.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type PushProps = { readonly run: PushRun; readonly words: WalletWords['push'] }

/** Whether this browser is told of payments. Where it cannot be, it says what to do. */
export function PushSection({ run, words }: PushProps) {
  const { standing, isTurning, isFailed } = useFlow(run.flow)
  if (standing === 'unread') return null
  return (
    <section class="account" aria-labelledby="push-title">
      <h2 id="push-title">{words.title}</h2>
      <p>
        <output>{isFailed ? words.failed : words.standings[standing]}</output>
      </p>
      {(standing === 'on' || standing === 'off') && (
        <Button
          kind="quiet"
          busy={isTurning ? words.turning : null}
          onPress={() => void (standing === 'on' ? run.turnOff() : run.turnOn())}
        >
          {standing === 'on' ? words.turnOff : words.turnOn}
        </Button>
      )}
    </section>
  )
}

type PushOfferProps = PushProps & { readonly activity: ActivityRun; readonly install: InstallDoor }

/**
 * Offers it to somebody who has paid, and takes a no for an answer. It never comes while something else is offered; what came of it is said where
 * it was asked.
 */
export function PushOffer({ run, words, activity, install }: PushOfferProps) {
  const { standing, isTurning, isFailed, isDeclined } = useFlow(run.flow)
  const { payments } = useFlow(activity.flow)
  const [wayToInstall] = useWayToInstall(install)
  const [isAccepted, setAccepted] = useState(false)
  const isOffered = standing === 'off' && wayToInstall === null && payments.some(isCostly)
  if (isDeclined || standing === 'unread' || !(isOffered || isAccepted)) return null
  const accept = () => {
    setAccepted(true)
    void run.turnOn()
  }
  return (
    <aside class="install push-offer" aria-label={words.offer}>
      <p class="install-title">{words.offer}</p>
      <p>{isFailed ? words.failed : words.standings[standing]}</p>
      {standing === 'off' && (
        <div class="ways">
          <Button kind="quiet" busy={isTurning ? words.turning : null} onPress={accept}>
            {words.turnOn}
          </Button>
          <Button onPress={run.decline}>{words.notNow}</Button>
        </div>
      )}
    </aside>
  )
}
