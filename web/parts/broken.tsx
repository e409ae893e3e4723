import { Button } from './button.tsx'
import { useFirstSpeech } from './language-context.ts'
import { Notice } from './notice.tsx'

/** Something of the page is missing. What it showed is kept by the server, so that loading it again is the way on. */
export function Broken() {
  const { words } = useFirstSpeech()
  return (
    <Notice tone="stop" advice={words.broken}>
      <Button kind="quiet" onPress={() => location.reload()}>
        {words.reload}
      </Button>
    </Notice>
  )
}
