import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Words } from '../words/en.ts'
import type { Language } from '../words/language.ts'

export type Speech = {
  readonly language: Language
  readonly words: Words
  /** BCP 47, for money, dates and lists. */
  readonly locale: string
  readonly speak: (language: Language) => void
}

export const SpeechContext = createContext<Speech | null>(null)

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext)
  if (speech === null) throw new Error('nothing is said outside of a SpeechContext')
  return speech
}
