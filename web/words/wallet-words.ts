import type { Language } from './language.ts'
import type { WalletWords } from './wallet-en.ts'

/** Nobody loads a language they do not read. */
export async function walletWordsIn(language: Language): Promise<WalletWords> {
  return language === 'en' ? (await import('./wallet-en.ts')).walletEn : (await import('./wallet-zh.ts')).walletZh
}
