import { useEffect, useState } from 'preact/hooks'
import type { Language } from '../words/language.ts'
import { useFirstSpeech } from './language-context.ts'
import { pause, persistent } from './persistent.ts'

/**
 * @returns null until they are here; after a change of language the old ones until the new ones are here
 * @throws what kept the first ones from coming, so that the page says so instead of waiting for ever
 */
export function useLaterWords<Words>(wordsIn: (language: Language) => Promise<Words>): Words | null {
  const { language } = useFirstSpeech()
  const [words, setWords] = useState<Words | null>(null)
  const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null)
  useEffect(() => {
    let isCurrent = true
    persistent(() => wordsIn(language), pause)().then(
      (loaded) => {
        if (isCurrent) setWords(() => loaded)
      },
      (error: unknown) => {
        if (isCurrent) setFailure({ error })
      },
    )
    return () => {
      isCurrent = false
    }
  }, [language, wordsIn])
  if (failure !== null && words === null) throw failure.error
  return words
}
