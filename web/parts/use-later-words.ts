import { useEffect, useState } from 'preact/hooks'
import type { Language } from '../words/language.ts'
import { useFirstSpeech } from './language-context.ts'
import { pause, persistent } from './persistent.ts'

/**
 * @returns null until they are here; after a change of language the old ones until the new ones are here
 * @throws what kept the first ones from coming, so that the page says so instead of waiting for ever
 */
export function useLaterWords<Words>(wordsIn: WordsIn<Words>): Words | null {
  const { words, failure } = useWordsToCome(wordsIn)
  if (failure !== null && words === null) throw failure.error
  return words
}

/** The same for what is of use and no more: where they do not come, there is nothing. */
export const useLaterWordsIfAny = <Words>(wordsIn: WordsIn<Words>): Words | null => useWordsToCome(wordsIn).words

type WordsIn<Words> = (language: Language) => Promise<Words>
type WordsToCome<Words> = { readonly words: Words | null; readonly failure: { readonly error: unknown } | null }

function useWordsToCome<Words>(wordsIn: WordsIn<Words>): WordsToCome<Words> {
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
  return { words, failure }
}
