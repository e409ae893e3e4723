import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { useSpeech } from '../parts/language-context.ts'
import type { ConsoleWords } from '../words/console-en.ts'
import type { Advice } from '../words/en.ts'
import type { ConsoleNotice } from './flows/console-notice.ts'

export const ConsoleWordsContext = createContext<ConsoleWords | null>(null)

export function useConsoleWords(): ConsoleWords {
  const words = useContext(ConsoleWordsContext)
  if (words === null) throw new Error('nothing is said outside of a ConsoleWordsContext')
  return words
}

/** The console's own advice, and where it has none the one that payers are given. */
export function useAdvice(): (notice: ConsoleNotice) => Advice {
  const { words } = useSpeech()
  const { notices } = useConsoleWords()
  return (notice) => (isOwn(notice, notices) ? notices[notice] : words.notices[notice])
}

const isOwn = (notice: ConsoleNotice, own: ConsoleWords['notices']): notice is keyof ConsoleWords['notices'] =>
  Object.hasOwn(own, notice)
