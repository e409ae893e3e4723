import type { ConsoleWords } from './console-en.ts'
import type { Language } from './language.ts'

/** Nobody loads a language they do not read. */
export async function consoleWordsIn(language: Language): Promise<ConsoleWords> {
  return language === 'en' ? (await import('./console-en.ts')).consoleEn : (await import('./console-zh.ts')).consoleZh
}
