import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Words } from '../words/en.ts'
import type { FirstWords } from '../words/first-en.ts'
import type { Language } from '../words/language.ts'

export type Speech = {
  readonly language: Language
  readonly firstWords: FirstWords
  /** Null until they are here: a bill is shown before. */
  readonly words: Words | null
  /** BCP 47, for money, dates and lists. */
  readonly locale: string
  readonly speak: (language: Language) => void
  /** Has `words` come. Fails where they do not. */
  readonly fetchWords: () => Promise<void>
}
/** For who says something in words that are here. */
type Saying<W> = Pick<Speech, 'language' | 'locale' | 'speak'> & { readonly words: W }

export const SpeechContext = createContext<Speech | null>(null)

/** For whoever waits for words. */
export function useSpeechToCome(): Speech {
  const speech = useContext(SpeechContext)
  if (speech === null) throw new Error('nothing is said outside of a SpeechContext')
  return speech
}

/** For what may be drawn before all words are here. */
export function useFirstSpeech(): Saying<FirstWords> {
  const { firstWords, ...speech } = useSpeechToCome()
  return { ...speech, words: firstWords }
}

/** For what is fetched later: `later` waits for its words as well. */
export function useSpeech(): Saying<Words> {
  const { words, ...speech } = useSpeechToCome()
  if (words === null) throw new Error('these words are not among the first')
  return { ...speech, words }
}
