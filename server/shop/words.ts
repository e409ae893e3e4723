import words from './words.json' with { type: 'json' }

export type Words = (typeof words)['en']
export type Language = keyof typeof words

export const wordsIn = (language: Language): Words & { readonly reasons: Readonly<Record<string, string>> } =>
  words[language]

/** The first of the reader's languages that we speak (RFC 9110 §12.5.4, whose order browsers write). */
export function languageOf(acceptLanguage = ''): Language {
  const wanted = acceptLanguage.split(',').map((tag) => tag.trim().slice(0, 2).toLowerCase())
  return wanted.find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}
