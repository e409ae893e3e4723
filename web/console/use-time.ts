import { useSpeech } from '../parts/language-context.ts'

/** Writes a moment, in milliseconds since the Unix epoch, as people here do. */
export function useTime(timeStyle: 'short' | 'medium' = 'medium'): (atMs: number) => string {
  const { locale } = useSpeech()
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle })
  return (atMs) => format.format(atMs)
}
