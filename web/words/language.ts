import type { Words } from './en.ts'

export const languages = { en: 'English', zh: '简体中文' } as const
export type Language = keyof typeof languages

const storageKey = 'moniker.language'

const isLanguage = (text: string | null | undefined): text is Language => text === 'en' || text === 'zh'

/** The person's own choice on this device, else the first language of the device that we speak. */
export function preferredLanguage(storage: Pick<Storage, 'getItem'>, deviceLanguages: readonly string[]): Language {
  const chosen = storage.getItem(storageKey)
  if (isLanguage(chosen)) return chosen
  return deviceLanguages.map((tag) => new Intl.Locale(tag).language).find(isLanguage) ?? 'en'
}

export function rememberLanguage(storage: Pick<Storage, 'setItem'>, language: Language): void {
  storage.setItem(storageKey, language)
}

/** Nobody loads a language they do not read. */
export async function wordsIn(language: Language): Promise<Words> {
  return language === 'en' ? (await import('./en.ts')).en : (await import('./zh.ts')).zh
}

/** How numbers, money and dates are written: by the region of the device where it speaks the language on screen. */
export function localeOf(language: Language, deviceLanguages: readonly string[]): string {
  return (
    deviceLanguages.find((tag) => new Intl.Locale(tag).language === language) ?? (language === 'zh' ? 'zh-CN' : 'en')
  )
}
