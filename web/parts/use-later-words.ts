import { useEffect, useState } from 'preact/hooks'
import type { Language } from '../words/language.ts'
import { useSpeech } from './language-context.ts'

/** @returns null until they are here; after a change of language the old ones until the new ones are here */
export function useLaterWords<Words>(wordsIn: (language: Language) => Promise<Words>): Words | null {
  const { language } = useSpeech()
  const [words, setWords] = useState<Words | null>(null)
  useEffect(() => {
    let isCurrent = true
    void wordsIn(language).then((loaded) => {
      if (isCurrent) setWords(() => loaded)
    })
    return () => {
      isCurrent = false
    }
  }, [language, wordsIn])
  return words
}
