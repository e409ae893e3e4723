import { useState } from 'preact/hooks'
import type { SaveOutcome } from '../doors/save-file.ts'
import { saveProof } from '../doors/save-proof.ts'
import { Button } from './button.tsx'
import { useSpeech } from './language-context.ts'
import { Notice } from './notice.tsx'

/** A file that proves the payment, for who paid it. */
export function SaveProof({ payment }: { payment: string }) {
  const { words } = useSpeech()
  const [outcome, setOutcome] = useState<SaveOutcome | 'saving' | null>(null)
  const { proof } = words
  const save = async () => {
    setOutcome('saving')
    setOutcome(await saveProof(payment))
  }
  return (
    <>
      <Button busy={outcome === 'saving' ? proof.saving : null} onPress={() => void save()}>
        {proof.save}
      </Button>
      <p class="proof-saved" role="status">
        {outcome === 'saved' && (
          <>
            {proof.saved}{' '}
            <a href="/verify" target="_blank" rel="noreferrer">
              {proof.title}
            </a>
          </>
        )}
      </p>
      {outcome === 'refused' && <Notice tone="note" advice={proof.refusedToSave} />}
      {outcome === 'failed' && <Notice tone="stop" advice={proof.failedToSave} />}
    </>
  )
}
