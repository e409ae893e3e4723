import words from './words.json' with { type: 'json' }

export type Words = (typeof words)['en']
export type Language = keyof typeof words

export const wordsIn = (language: Language): Words & { readonly reasons: Readonly<Record<string, string>> } =>
  words[language]
