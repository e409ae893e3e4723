import type { Language } from './language.ts'
import type { PhoneWords } from './phone-en.ts'

/** Nobody loads a language they do not read. */
export async function phoneWordsIn(language: Language): Promise<PhoneWords> {
  return language === 'en' ? (await import('./phone-en.ts')).phoneEn : (await import('./phone-zh.ts')).phoneZh
}
