import type { WalletWords } from '../words/wallet-en.ts'
import { walletWordsIn } from '../words/wallet-words.ts'
import { useLaterWords } from './use-later-words.ts'

export const useWalletWords = (): WalletWords | null => useLaterWords(walletWordsIn)
