import { useRef, useState } from 'preact/hooks'
import { deviceStorage } from '../doors/device-storage.ts'
import type { Words } from '../words/en.ts'
import type { FirstWords } from '../words/first-en.ts'
import { firstWordsIn } from '../words/first-words.ts'
import { type Language, localeOf, rememberLanguage, wordsIn } from '../words/language.ts'
import type { Speech } from './language-context.ts'
import { pause, persistent } from './persistent.ts'

/** @property words null where nothing needs them yet */
export type Spoken = { readonly language: Language; readonly firstWords: FirstWords; readonly words: Words | null }

/** What the page speaks, and whether the language that was asked for last never came. */
export function useSpoken(begun: Spoken): { readonly speech: Speech; readonly isMissing: boolean } {
  const [spoken, setSpoken] = useState(begun)
  const current = useRef(spoken)
  current.current = spoken
  const [isMissing, setMissing] = useState(false)
  /** Counts what was asked for: of two languages the last one counts, however long the other takes. */
  const asked = useRef(0)

  async function fetchWords(): Promise<void> {
    const { language } = spoken
    const words = await persistent(() => wordsIn(language), pause)()
    // Of another language meanwhile: then they are not wanted any more.
    setSpoken((now) => (now.language === language ? { ...now, words } : now))
  }

  async function speak(language: Language): Promise<void> {
    // Also where it does not come: then it is what the page speaks once it is loaded again.
    rememberLanguage(deviceStorage(), language)
    asked.current += 1
    const turn = asked.current
    const isWanted = () => turn === asked.current
    try {
      let said = await spokenIn(language, current.current.words !== null)
      // What needs all words may have been drawn meanwhile, and must not go for want of them.
      if (said.words === null && current.current.words !== null) said = await spokenIn(language, true)
      if (!isWanted()) return
      setSpoken(said)
      setMissing(false)
    } catch {
      if (isWanted()) setMissing(true)
    }
  }

  const locale = localeOf(spoken.language, navigator.languages)
  return { speech: { ...spoken, locale, fetchWords, speak: (language) => void speak(language) }, isMissing }
}

/** @param withAll else the first words, and no others */
export async function spokenIn(language: Language, withAll: boolean): Promise<Spoken> {
  const [firstWords, words] = await Promise.all([firstWordsIn(language), withAll ? wordsIn(language) : null])
  return { language, firstWords, words }
}
