import { useEffect, useState } from 'preact/hooks'
import { useFirstSpeech } from './language-context.ts'

const skeletonAfterMs = 300

/** Nothing at first: what comes within a blink needs no announcement. */
export function Busy() {
  const { words } = useFirstSpeech()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), skeletonAfterMs)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  return (
    <div class="skeleton" role="status" aria-label={words.loading}>
      <i class="line short" />
      <i class="line tall" />
      <i class="line" />
    </div>
  )
}
