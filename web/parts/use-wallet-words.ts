import { useEffect, useState } from 'preact/hooks'
import type { WalletWords } from '../words/wallet-en.ts'
import { walletWordsIn } from '../words/wallet-words.ts'
import { useSpeech } from './language-context.ts'

/** @returns null until they are here; after a change of language the old ones until the new ones are here */
export function useWalletWords(): WalletWords | null {
  const { language } = useSpeech()
  const [words, setWords] = useState<WalletWords | null>(null)
  useEffect(() => {
    let isCurrent = true
    void walletWordsIn(language).then((loaded) => {
      if (isCurrent) setWords(loaded)
    })
    return () => {
      isCurrent = false
    }
  }, [language])
  return words
}
