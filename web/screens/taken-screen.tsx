import { useEffect, useState } from 'preact/hooks'
import { toneOf } from '../flows/notice.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { dayAndTimeOf } from '../parts/day.ts'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { useFlow } from '../parts/use-flow.ts'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import { useWalletWords } from '../parts/use-wallet-words.ts'

type TakenScreenProps = { readonly run: WalletRun; readonly credentialId: string }

/** Somebody signs in whose name was recovered by somebody, who may not have been them. */
export function TakenScreen({ run, credentialId }: TakenScreenProps) {
  const { words, locale } = useSpeech()
  const wallet = useWalletWords()
  const [undoing] = useState(() => run.undoRecovery(credentialId))
  const { recoveredAtMs, isUndoing, isOver, notice } = useFlow(undoing.flow)
  const heading = useHeadingFocus()
  useEffect(() => {
    void undoing.read()
  }, [undoing])
  if (!wallet || (recoveredAtMs === null && !isOver && notice === null)) return <Busy />
  const { taken, card } = wallet
  return (
    <section class="taken">
      <h1 ref={heading} tabIndex={-1}>
        {isOver ? taken.over : taken.title}
      </h1>
      <p class="lead">
        {isOver ? taken.overMore : recoveredAtMs === null ? '' : taken.more(dayAndTimeOf(recoveredAtMs, locale))}
      </p>
      {notice !== null && <Notice tone={toneOf(notice)} advice={words.notices[notice]} />}
      {!isOver && (
        <Button kind="primary" busy={isUndoing ? card.touching : null} onPress={() => void undoing.undo()}>
          {taken.undo}
        </Button>
      )}
      <Button kind="quiet" onPress={() => void run.leaveTaken()}>
        {isOver ? taken.back : taken.wasMe}
      </Button>
    </section>
  )
}
