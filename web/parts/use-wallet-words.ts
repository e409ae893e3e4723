import type { WalletWords } from '../words/wallet-en.ts'
import { walletWordsIn } from '../words/wallet-words.ts'
import { useLaterWords, useLaterWordsIfAny } from './use-later-words.ts'

export const useWalletWords = (): WalletWords | null => useLaterWords(walletWordsIn)

/** For what somebody can do without. */
export const useWalletWordsIfAny = (): WalletWords | null => useLaterWordsIfAny(walletWordsIn)
