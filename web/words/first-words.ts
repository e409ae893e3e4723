import type { FirstWords } from './first-en.ts'
import type { Language } from './language.ts'

/** Nobody loads a language they do not read. */
export async function firstWordsIn(language: Language): Promise<FirstWords> {
  return language === 'en' ? (await import('./first-en.ts')).firstEn : (await import('./first-zh.ts')).firstZh
}
