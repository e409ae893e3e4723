/** The languages in which pages are written that no script translates. */
export type Language = 'en' | 'zh'

/** The first of a reader's languages that is spoken here (RFC 9110 §12.5.4, whose order browsers write). @param acceptLanguage the header */
export function languageOf(acceptLanguage = ''): Language {
  const wanted = acceptLanguage.split(',').map((tag) => tag.trim().slice(0, 2).toLowerCase())
  return wanted.find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}
